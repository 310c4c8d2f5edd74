import { readdirSync, readFileSync } from 'node:fs';

/** The number, out here, of the lohar of a sandbox; undefined while there is none. */
export function findLohar(sandboxId: string): number | undefined {
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    if (read(`/proc/${entry}/comm`) === 'lohar\n' && read(`/proc/${entry}/cgroup`).includes(sandboxId))
      return Number(entry);
  }
  return undefined;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // expected: it has ended
  }
}
