import { readFileSync } from 'node:fs';

/** A file of /proc, /sys or /etc, trimmed; undefined where there is none or it may not be read. */
export function tryReadTrimmed(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined; // expected: not every kernel has every file
  }
}
