import { existsSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';

/** A file of a group; empty when there is no such group, or no such controller. */
export function readGroupFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // expected: see above
  }
}

export function readNumbers(path: string): number[] {
  return readGroupFile(path)
    .split('\n')
    .filter((line) => line !== '')
    .map(Number);
}

export function numberIn(pattern: RegExp, text: string): number | undefined {
  const match = pattern.exec(text)?.[1];
  return match === undefined ? undefined : Number(match);
}

/** Members of a group and of those that its processes made below it. */
export function readTree(path: string, file = 'cgroup.procs'): number[] {
  return [...readNumbers(join(path, file)), ...subgroups(path).flatMap((sub) => readTree(sub, file))];
}

/** False when somebody is in it. */
export function removeTree(path: string): boolean {
  if (!existsSync(path)) return true;
  try {
    for (const sub of subgroups(path)) removeTree(sub);
    rmdirSync(path);
    return true;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT') return true;
    if (code === 'EBUSY' || code === 'ENOTEMPTY') return false;
    throw error;
  }
}

function subgroups(path: string): string[] {
  try {
    return readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(path, entry.name));
  } catch {
    return []; // expected: it is gone
  }
}
