// `npm test`: the gate, then every suite in a process of its own, then a look at what is left on the machine. Ends with the line `N passed, N failed`.
// With --long, the suites that take longer than CI may: files named *.long.test.ts.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

import { findLeftovers } from './leftovers.ts';

const root = join(import.meta.dir, '..');
const isLong = process.argv.includes('--long');
const only = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));

// Suites on the real machine get a second look at a test that failed, since two cores can be late once; a second miss is a failure.
const suites: readonly {
  readonly name: string;
  readonly paths: readonly string[];
  readonly timeoutMs: number;
  readonly retries: number;
}[] = [
  { name: 'unit', paths: ['packages'], timeoutMs: 20_000, retries: 0 },
  { name: 'repo', paths: ['tests/repo'], timeoutMs: 60_000, retries: 0 },
  { name: 'conformance', paths: ['tests/conformance'], timeoutMs: 120_000, retries: 1 },
  { name: 'integration', paths: ['tests/integration'], timeoutMs: 120_000, retries: 1 },
  { name: 'security', paths: ['tests/security'], timeoutMs: 120_000, retries: 1 },
  { name: 'e2e', paths: ['tests/e2e'], timeoutMs: 240_000, retries: 1 },
];

interface Outcome {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const total = { passed: 0, failed: 0, skipped: 0 };
const startedAt = performance.now();
const before = findLeftovers();

if (only.length === 0 && !isLong) add('check', await runScript('check', 'scripts/check.ts'));
if (suites.some(({ name }) => name !== 'unit' && name !== 'repo' && (only.length === 0 || only.includes(name))))
  add('images', await runScript('images', 'scripts/images.ts'));
for (const suite of suites.filter(({ name }) => only.length === 0 || only.includes(name)))
  add(suite.name, await runSuite(suite));
add('leftovers', lookForLeftovers());

console.log(`${((performance.now() - startedAt) / 60_000).toFixed(1)} min, ${total.skipped} skipped`);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;

function add(name: string, outcome: Outcome): void {
  total.passed += outcome.passed;
  total.failed += outcome.failed;
  total.skipped += outcome.skipped;
  console.log(`== ${name}: ${outcome.passed} passed, ${outcome.failed} failed, ${outcome.skipped} skipped\n`);
}

async function runScript(name: string, script: string): Promise<Outcome> {
  console.log(`== ${name}`);
  const child = Bun.spawn([process.execPath, script], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  return (await child.exited) === 0 ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 };
}

async function runSuite(suite: (typeof suites)[number]): Promise<Outcome> {
  const files = suite.paths.flatMap(testFiles);
  if (files.length === 0) return { passed: 0, failed: 0, skipped: 0 };
  console.log(`== ${suite.name} (${files.length} files)`);
  const child = Bun.spawn(
    [
      process.execPath,
      'test',
      '--timeout',
      String(suite.timeoutMs),
      `--retry=${suite.retries}`,
      ...files.map((file) => `./${file}`),
    ],
    {
      cwd: root,
      env: { ...process.env, BHATTI_EXECUTABLE: process.env['BHATTI_EXECUTABLE'] ?? join(root, 'dist', 'bhatti') },
      stdio: ['ignore', 'inherit', 'pipe'],
    },
  );
  let output = '';
  const decoder = new TextDecoder();
  for await (const chunk of child.stderr) {
    process.stderr.write(chunk);
    output += decoder.decode(chunk, { stream: true });
  }
  const exitCode = await child.exited;
  const outcome = { passed: count(output, 'pass'), failed: count(output, 'fail'), skipped: count(output, 'skip') };
  // A runner that died, or that failed outside a test, counts as one failure: nothing may end green by crashing.
  return exitCode !== 0 && outcome.failed === 0 ? { ...outcome, failed: 1 } : outcome;
}

function testFiles(path: string): string[] {
  return readdirSync(join(root, path), { recursive: true, encoding: 'utf8' })
    .filter(
      (file) =>
        file.endsWith('.test.ts') && !file.includes('node_modules') && file.endsWith('.long.test.ts') === isLong,
    )
    .map((file) => join(path, file))
    .toSorted();
}

function count(output: string, word: string): number {
  return [...output.matchAll(new RegExp(`^ *(\\d+) ${word}$`, 'gm'))].reduce((sum, match) => sum + Number(match[1]), 0);
}

function lookForLeftovers(): Outcome {
  const left = findLeftovers().filter((line) => !before.includes(line));
  for (const line of left) console.error(`left on the machine: ${line}`);
  return left.length === 0 ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 };
}
