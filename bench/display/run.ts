// `npm run bench:display -- [OPTION…]`: our desktop against others', each with its own web client in a real browser, on this machine, in turn. This process installs what the peers need and then starts the
// bench proper in namespaces of its own: processes, mounts, network devices, shared memory and files in /tmp all go with them, however the bench ends.
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { executable } from '../../tests/support/capability.ts';
import { installPeers } from './packages.ts';
import { parseOptions, usage, type BenchOptions } from './options.ts';

const root = join(import.meta.dir, '..', '..');
const outDir = join(root, 'dist', 'bench-display');

const options = readOptions();
if (process.getuid?.() !== 0) fail('it takes root, for network namespaces', 6);
if (!existsSync(executable)) fail(`it needs the executable at ${executable}: npm run build`, 6);
await installPeers();
mkdirSync(outDir, { recursive: true });
const exitCode = await runEnclosed();
if (exitCode !== 0) process.exit(exitCode);
copyFileSync(join(outDir, 'figures.json'), options.output);
if (options.isFull) copyFileSync(join(outDir, 'chart.png'), join(root, 'docs', 'images', 'display-bench.png'));

function readOptions(): BenchOptions {
  if (process.argv.includes('--help')) {
    console.log(usage);
    process.exit(0);
  }
  try {
    return parseOptions(process.argv.slice(2));
  } catch (error) {
    return fail(`${error instanceof Error ? error.message : String(error)}\n${usage}`, 2);
  }
}

async function runEnclosed(): Promise<number> {
  // The repository stays where it is, even where that is below /tmp.
  const script = `
    mount -t tmpfs -o mode=0755 bench /run
    mkdir /run/repository
    mount --bind "$0" /run/repository
    mount -t tmpfs -o mode=1777 bench /tmp
    mkdir -p "$0"
    mount --bind /run/repository "$0"
    cd "$0"
    exec "$@"`;
  // When this process is killed, so is the next, and with that one all that live in its namespaces.
  const unshare = 'setpriv --pdeathsig KILL unshare --fork --kill-child=KILL --pid --mount-proc --ipc --net'.split(' ');
  const bench = [process.execPath, join(import.meta.dir, 'enclosed.ts'), ...process.argv.slice(2)];
  const argv = [...unshare, 'sh', '-ec', script, root, ...bench];
  const child = Bun.spawn(argv, { stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, TMPDIR: '/tmp' } });
  return await child.exited;
}

function fail(what: string, exitCode: number): never {
  console.error(`error: cannot run the bench: ${what}`);
  process.exit(exitCode);
}
