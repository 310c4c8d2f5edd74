// `npm run bench -- [NAME…]`: every benchmark, or those whose name begins with one of the words, each in a process of its own.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const wanted = process.argv.slice(2);
const files = readdirSync(import.meta.dir)
  .filter((file) => file.endsWith('.bench.ts'))
  .filter((file) => wanted.length === 0 || wanted.some((word) => file.startsWith(word)))
  .toSorted();
if (files.length === 0) {
  console.error(`error: no benchmark begins with "${wanted.join('", "')}"`);
  process.exit(2);
}
let failed = 0;
for (const file of files) {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, file)], { stdio: ['ignore', 'inherit', 'inherit'] });
  if ((await child.exited) !== 0) failed++;
}
process.exitCode = failed === 0 ? 0 : 70;
