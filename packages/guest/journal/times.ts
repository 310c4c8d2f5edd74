import { readFileSync } from 'node:fs';
import { encodeTimesRecord, readNumber, timesRecordBytes, type TimesRecord } from './layout.ts';

/** When which byte of an output file arrived. */
export interface Times {
  /** The byte after the last one whose time is known. */
  readonly end: number;
  /** The time of what lies at a byte. Quickest when asked in the order of the file, either way. */
  at(offset: number): TimesRecord;
  /** The first byte that arrived at this time or later. */
  firstByteSince(timeUs: number): number;
  /** The first byte that arrived later. */
  firstByteAfter(timeUs: number): number;
}

/** The times of an output file. `paths` are where they may be: both files are renamed in turn when they are rotated. `fallback` answers for a file without times, and for what lies after them. */
export function readTimes(paths: readonly string[], inode: number, fallback: TimesRecord): Times {
  let records: Buffer = Buffer.alloc(0);
  for (const path of paths) {
    const found = tryReadFile(path);
    if (found === undefined || found.length < timesRecordBytes || readNumber(found, 0) !== inode) continue;
    records = found.subarray(timesRecordBytes);
    break;
  }
  const count = Math.floor(records.length / timesRecordBytes);
  const endOf = (record: number) => readNumber(records, record * timesRecordBytes);
  const timeOf = (record: number) => readNumber(records, record * timesRecordBytes + 8);
  const read = (record: number): TimesRecord => ({
    end: endOf(record),
    timeUs: timeOf(record),
    monotonicUs: readNumber(records, record * timesRecordBytes + 16),
  });
  /** The first byte of the first record that does not hold any more. */
  const byteAfter = (holds: (record: number) => boolean) => {
    const first = countWhere(count, holds);
    return first === 0 ? 0 : endOf(first - 1);
  };
  let known = { from: 0, record: { ...fallback, end: 0 }, number: -1 };
  /** Mostly the one after the last, or the one before it. */
  const find = (offset: number) => {
    for (const near of [known.number + 1, known.number - 1])
      if (near >= 0 && near < count && offset < endOf(near) && (near === 0 || offset >= endOf(near - 1))) return near;
    return countWhere(count, (record) => endOf(record) <= offset);
  };
  return {
    end: count === 0 ? fallback.end : endOf(count - 1),
    at(offset) {
      if (offset >= known.from && offset < known.record.end) return known.record;
      const found = find(offset);
      if (found === count) return fallback;
      known = { from: found === 0 ? 0 : endOf(found - 1), record: read(found), number: found };
      return known.record;
    },
    firstByteSince: (timeUs) => byteAfter((record) => timeOf(record) < timeUs),
    firstByteAfter: (timeUs) => byteAfter((record) => timeOf(record) <= timeUs),
  };
}

/** The file begins with a record that names the output file it belongs to. */
export function encodeTimesHeader(inode: number): Uint8Array {
  return encodeTimesRecord({ end: inode, timeUs: 0, monotonicUs: 0 });
}

function tryReadFile(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined; // expected: there is none, or it was rotated away meanwhile
  }
}

/** How many of `count` things hold, when all that do come first. */
export function countWhere(count: number, holds: (at: number) => boolean): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}
