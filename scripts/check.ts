// The one gate: types, lint, format, layers, unused code. `npm run check`. Everything runs under Bun: some of it refuses the Node that Debian 12 has.
import { join } from 'node:path';

const root = join(import.meta.dir, '..');
const bin = (name: string) => join(root, 'node_modules', '.bin', name);

const gates: readonly (readonly [string, readonly string[]])[] = [
  ['types', [process.execPath, bin('tsc'), '-p', 'tsconfig.json']],
  ['types: runs anywhere', [process.execPath, bin('tsc'), '-p', 'tsconfig.anywhere.json']],
  ['types: web client', [process.execPath, bin('tsc'), '-p', 'tsconfig.viewer.json']],
  ['lint', [process.execPath, bin('oxlint'), '--type-aware', '--quiet']],
  ['format', [process.execPath, bin('oxfmt'), '--check', '.']],
  ['layers', [process.execPath, 'scripts/check-layers.ts']],
  ['unused code', [process.execPath, bin('knip')]],
];

let failed = 0;
for (const [name, argv] of gates) {
  const startedAt = performance.now();
  const gate = Bun.spawnSync([...argv], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`${gate.exitCode === 0 ? 'ok  ' : 'FAIL'} ${name} (${seconds} s)`);
  if (gate.exitCode === 0) continue;
  failed++;
  process.stdout.write(gate.stdout.toString() + gate.stderr.toString());
}
process.exitCode = failed === 0 ? 0 : 1;
