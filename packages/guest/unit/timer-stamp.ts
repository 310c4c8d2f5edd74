import { closeSync, futimesSync, mkdirSync, openSync, statSync } from 'node:fs';
import { join } from 'node:path';

const stampDir = '/var/lib/systemd/timers';

/** systemd.timer(5), Persistent=: when a timer last started its unit, as the time of a file on disk. µs since the epoch; undefined when it never has. */
export function readStamp(unit: string, directory = stampDir): number | undefined {
  const stat = statSync(join(directory, `stamp-${unit}`), { throwIfNoEntry: false });
  return stat === undefined ? undefined : Math.round(stat.mtimeMs * 1_000);
}

/** Throws what the system said. */
export function writeStamp(unit: string, atUs: number, directory = stampDir): void {
  mkdirSync(directory, { recursive: true, mode: 0o755 });
  const fd = openSync(join(directory, `stamp-${unit}`), 'a', 0o644);
  try {
    futimesSync(fd, atUs / 1_000_000, atUs / 1_000_000);
  } finally {
    closeSync(fd);
  }
}
