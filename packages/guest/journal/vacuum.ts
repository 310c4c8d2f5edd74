import { readdirSync, rmSync, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { journalUnits } from './units.ts';

/* How much disk the journal takes. Only what was rotated away is ever deleted, oldest first, and units that are long gone. */
const maxTotalBytes = 4 * 1024 ** 3; // journald's SystemMaxUse=: a tenth of the file system, and at most this
const minTotalBytes = 64 * 1024 * 1024; // below it a few units' current files alone would be over
const archivedName = /^(events|syslog|main|control)\.\d+\.log$/;

export interface VacuumLimits {
  readonly maxBytes?: number;
  readonly newerThanMs?: number;
  /** Of each file of each unit, the current one included. */
  readonly maxFiles?: number;
}

export interface Vacuumed {
  readonly path: string;
  readonly bytes: number;
}

interface StoredFile {
  readonly path: string;
  readonly unit: string;
  readonly bytes: number;
  readonly modifiedMs: number;
  readonly isArchived: boolean;
}

export function totalLimit(root: string): number {
  const { blocks, bsize } = statfsSync(root);
  return Math.max(minTotalBytes, Math.min(maxTotalBytes, (blocks * bsize) / 10));
}

export function diskUsage(root: string): number {
  return storedFiles(root).reduce((sum, { bytes }) => sum + bytes, 0);
}

/** Deletes what was rotated away until the limits hold. Throws what the system says (EACCES …). */
export function vacuum(root: string, limits: VacuumLimits): Vacuumed[] {
  const files = storedFiles(root);
  const archived = files.filter(({ isArchived }) => isArchived).toSorted((a, b) => a.modifiedMs - b.modifiedMs);
  let usedBytes = files.reduce((sum, { bytes }) => sum + bytes, 0);
  const deleted: Vacuumed[] = [];
  for (const file of archived) {
    const generation = Number(/\.(\d+)\.log$/.exec(file.path)?.[1]);
    const isTooMuch = limits.maxBytes !== undefined && usedBytes > limits.maxBytes;
    const isTooOld = limits.newerThanMs !== undefined && file.modifiedMs < limits.newerThanMs;
    const isOneTooMany = limits.maxFiles !== undefined && generation >= limits.maxFiles;
    if (!isTooMuch && !isTooOld && !isOneTooMany) continue;
    rmSync(file.path, { force: true });
    rmSync(timesOf(file.path), { force: true });
    usedBytes -= file.bytes;
    deleted.push({ path: file.path, bytes: file.bytes });
  }
  return deleted;
}

/** Deletes all there is of the units that have been silent longest, until so much is left. `isInUse` says whose files are being written. */
export function forgetOldUnits(root: string, maxBytes: number, isInUse: (unit: string) => boolean): void {
  const files = storedFiles(root);
  let usedBytes = files.reduce((sum, { bytes }) => sum + bytes, 0);
  const units = [...new Set(files.map(({ unit }) => unit))]
    .filter((unit) => !isInUse(unit))
    .map((unit) => {
      const own = files.filter((file) => file.unit === unit);
      return {
        unit,
        bytes: own.reduce((sum, { bytes }) => sum + bytes, 0),
        modifiedMs: Math.max(...own.map((file) => file.modifiedMs)),
      };
    })
    .toSorted((a, b) => a.modifiedMs - b.modifiedMs);
  for (const { unit, bytes } of units) {
    if (usedBytes <= maxBytes) return;
    rmSync(join(root, unit), { recursive: true, force: true });
    usedBytes -= bytes;
  }
}

/** An output file counts with its times. */
function storedFiles(root: string): StoredFile[] {
  return journalUnits(root).flatMap((unit) =>
    list(join(root, unit))
      .filter((name) => name.endsWith('.log'))
      .flatMap((name) => {
        const path = join(root, unit, name);
        const stat = statSync(path, { throwIfNoEntry: false });
        if (stat === undefined) return []; // rotated meanwhile
        const times = statSync(timesOf(path), { throwIfNoEntry: false });
        const bytes = (stat.blocks + (times?.blocks ?? 0)) * 512;
        return [{ path, unit, bytes, modifiedMs: stat.mtimeMs, isArchived: archivedName.test(name) }];
      }),
  );
}

function timesOf(path: string): string {
  return path.replace(/\.log$/, '.times');
}

function list(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return []; // expected: removed meanwhile
  }
}
