import { startOperation } from '@bhatti/base/operation.ts';
import { run } from '@bhatti/sys/process/run.ts';
import { accessSync, constants, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { namesIn } from './directory-index.ts';
import { generatorDirs } from './unit-path.ts';

const directories = ['/run', '/etc', '/usr/local/lib', '/lib', '/usr/lib'].map(
  (root) => `${root}/systemd/system-generators`,
);
const eachWithinMs = 30_000;

/** systemd.generator(7): small programs of packages that write unit files, run at boot and before all files are read again. What they had written before is gone. */
export async function runGenerators(): Promise<void> {
  const programs = findGenerators();
  const places = [generatorDirs.normal, generatorDirs.early, generatorDirs.late];
  for (const place of places) rmSync(`${place}.new`, { recursive: true, force: true });
  if (programs.length > 0) {
    for (const place of places) mkdirSync(`${place}.new`, { recursive: true, mode: 0o755 });
    await Promise.all(programs.map((program) => runGenerator([program, ...places.map((place) => `${place}.new`)])));
  }
  for (const place of places) {
    rmSync(place, { recursive: true, force: true });
    if (programs.length > 0) renameSync(`${place}.new`, place);
  }
}

/** One that fails costs what it would have written. */
async function runGenerator(argv: readonly string[]): Promise<void> {
  using op = startOperation({ timeoutMs: eachWithinMs });
  try {
    await run(op, argv, {
      env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', SYSTEMD_SCOPE: 'system' },
    });
  } catch (error) {
    console.error(`${argv[0]} failed: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** By name; the first directory that has one wins, and a link to /dev/null switches it off. */
function findGenerators(): string[] {
  const byName = new Map<string, string>();
  for (const directory of directories)
    for (const name of namesIn(directory)) if (!byName.has(name)) byName.set(name, join(directory, name));
  return [...byName.values()].filter((path) => isExecutable(path));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false; // expected: /dev/null, or a link to nowhere
  }
}
