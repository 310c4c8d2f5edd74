// Makes dist/bhatti, the one executable. Workers are entry points of their own, since a compiled executable can only start those it holds.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dir, '..');
const outfile = process.env['BHATTI_OUT'] ?? join(root, 'dist', 'bhatti');

const workers = readdirSync(join(root, 'packages'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.worker.ts') && !path.includes('node_modules'))
  .map((path) => join('packages', path));

const viewer = Bun.spawnSync([process.execPath, 'packages/viewer/build.ts'], {
  cwd: root,
  stdio: ['ignore', 'inherit', 'inherit'],
});
if (viewer.exitCode !== 0) process.exit(viewer.exitCode);

const build = Bun.spawnSync(
  [
    process.execPath,
    'build',
    '--compile',
    // In chunks: in one piece, the built-in modules that any program imports would be loaded for every program (bhatti exec: 10.0 ms, so 4.4 ms).
    '--splitting',
    '--minify',
    '--bytecode',
    '--format=esm',
    '--sourcemap=none',
    // What lies in the caller's working directory is not configuration: a bunfig.toml there would run its code in this program, as root.
    '--no-compile-autoload-dotenv',
    '--no-compile-autoload-bunfig',
    'bin/main.ts',
    ...workers,
    '--outfile',
    outfile,
  ],
  { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] },
);
if (build.exitCode !== 0) process.exit(build.exitCode);
console.log(`dist/bhatti ${(Bun.file(outfile).size / 1e6).toFixed(0)} MB`);
