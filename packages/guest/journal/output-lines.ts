import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { indexRecordBytes, keptRotations, partPath, type OutputStream } from './layout.ts';

/** A line of output, and when its first byte arrived. */
export interface OutputLine {
  readonly timeUs: number;
  readonly text: string;
}

/** One stream of one unit. */
export interface OutputPlace {
  readonly directory: string;
  readonly stream: OutputStream;
}

const maxLineBytes = 48 * 1024; // journald's LineMax=: what is longer becomes several lines
const blockBytes = 256 * 1024;
const newline = 10;

/** Where reading goes on: a file by its inode, and the byte after the last complete line. */
export interface OutputCursor {
  readonly inode: number;
  readonly offset: number;
}

/** The end of what is there now. */
export function endOfOutput(place: OutputPlace): OutputCursor {
  using file = openGeneration(place, 0);
  return file === undefined ? { inode: 0, offset: 0 } : { inode: file.inode, offset: file.size };
}

/** The last `count` lines, oldest first, and where reading goes on. A last line without its end is among them. */
export function lastLines(place: OutputPlace, count: number): { lines: OutputLine[]; cursor: OutputCursor } {
  let lines: OutputLine[] = [];
  const cursor = endOfOutput(place);
  for (let generation = 0; generation <= keptRotations && lines.length < count; generation += 1) {
    using file = openGeneration(place, generation);
    if (file === undefined) break;
    const end = generation === 0 ? cursor.offset : file.size;
    // No line is longer than that, so no more is needed for so many.
    const start = Math.max(0, end - (count - lines.length + 1) * maxLineBytes);
    const found = [...linesBetween(file, start, end)];
    // The first one may be the second half of a line, unless it begins the file.
    const whole = start === 0 ? found : found.slice(1);
    lines = [...whole.slice(-(count - lines.length) || whole.length), ...lines];
  }
  return { lines, cursor };
}

/** All lines from the oldest file on, read in blocks. */
export function* allLines(place: OutputPlace, sinceUs: number): Generator<OutputLine> {
  for (let generation = keptRotations; generation >= 0; generation -= 1) {
    using file = openGeneration(place, generation);
    if (file === undefined) continue;
    for (const line of linesBetween(file, file.firstByteSince(sinceUs), file.size))
      if (line.timeUs >= sinceUs) yield line;
  }
}

/** What came after a cursor; lines without their end are left for the next time. */
export function linesAfter(place: OutputPlace, cursor: OutputCursor): { lines: OutputLine[]; cursor: OutputCursor } {
  const lines: OutputLine[] = [];
  // The file it stood in may have been rotated away since.
  const start = generationOf(place, cursor.inode);
  let next = cursor;
  for (let generation = start; generation >= 0; generation -= 1) {
    using file = openGeneration(place, generation);
    if (file === undefined) continue;
    const from = file.inode === cursor.inode ? cursor.offset : 0;
    const complete = generation > 0 ? file.size : file.lastLineEnd(from);
    lines.push(...linesBetween(file, from, complete));
    next = { inode: file.inode, offset: complete };
  }
  return { lines, cursor: next };
}

function generationOf(place: OutputPlace, inode: number): number {
  for (let generation = 0; generation <= keptRotations; generation += 1) {
    using file = openGeneration(place, generation);
    if (file?.inode === inode) return generation;
  }
  return 0;
}

function* linesBetween(file: Generation, start: number, end: number): Generator<OutputLine> {
  let carry: Uint8Array = new Uint8Array(0);
  let lineStart = start;
  for (let at = start; at < end; at += blockBytes) {
    const block = file.read(at, Math.min(blockBytes, end - at));
    let from = 0;
    for (let cut = nextCut(block, from, carry.length); cut !== -1; cut = nextCut(block, from, carry.length)) {
      yield { timeUs: file.timeOf(lineStart), text: decode(carry, block.subarray(from, cut)) };
      carry = new Uint8Array(0);
      from = block[cut] === newline ? cut + 1 : cut;
      lineStart = at + from;
    }
    carry = Buffer.concat([carry, block.subarray(from)]);
  }
  if (carry.length > 0) yield { timeUs: file.timeOf(lineStart), text: decode(carry, new Uint8Array(0)) };
}

/** Where the line ends: at its newline, or where it has become too long; -1 when neither is in the block. */
function nextCut(block: Uint8Array, from: number, carried: number): number {
  const end = block.indexOf(newline, from);
  const limit = from + maxLineBytes - carried;
  if (end !== -1 && end <= limit) return end;
  return limit < block.length ? limit : -1;
}

function decode(head: Uint8Array, tail: Uint8Array): string {
  const text = new TextDecoder().decode(head.length === 0 ? tail : Buffer.concat([head, tail]));
  return text.endsWith('\r') ? text.slice(0, -1) : text;
}

interface Generation extends Disposable {
  readonly inode: number;
  readonly size: number;
  read(at: number, length: number): Uint8Array;
  /** When the byte at this offset arrived. */
  timeOf(offset: number): number;
  firstByteSince(timeUs: number): number;
  lastLineEnd(from: number): number;
}

function openGeneration(place: OutputPlace, generation: number): Generation | undefined {
  const fd = tryOpen(partPath(place.directory, `${place.stream}.log`, generation));
  if (fd === undefined) return undefined;
  const { ino, size } = fstatSync(fd);
  let index: Buffer | undefined;
  const records = () => (index ??= tryReadFile(partPath(place.directory, `${place.stream}.index`, generation)));
  const count = () => Math.floor(records().length / indexRecordBytes);
  const offsetAt = (record: number) => Number(records().readBigUInt64LE(record * indexRecordBytes));
  const timeAt = (record: number) => Number(records().readBigUInt64LE(record * indexRecordBytes + 8));
  const read = (at: number, length: number) => {
    const block = new Uint8Array(length);
    return block.subarray(0, readSync(fd, block, 0, length, at));
  };
  return {
    inode: ino,
    size,
    read,
    timeOf(offset) {
      const record = lastWhere(count(), (at) => offsetAt(at) <= offset);
      return record === -1 ? 0 : timeAt(record);
    },
    firstByteSince(timeUs) {
      const record = lastWhere(count(), (at) => timeAt(at) < timeUs);
      return record === -1 ? 0 : offsetAt(record);
    },
    lastLineEnd(from) {
      const tail = read(Math.max(from, size - maxLineBytes), Math.min(maxLineBytes, size - from));
      const end = tail.lastIndexOf(newline);
      // Nothing but one overlong line: it is cut.
      if (end === -1) return tail.length === maxLineBytes ? size : from;
      return size - tail.length + end + 1;
    },
    [Symbol.dispose]: () => closeSync(fd),
  };
}

/** The last of `count` positions for which `holds`, which is true up to some position and false after; -1 for none. */
function lastWhere(count: number, holds: (at: number) => boolean): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(middle)) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function tryOpen(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch {
    return undefined; // expected: nothing was written
  }
}

function tryReadFile(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch {
    return Buffer.alloc(0); // expected: rotated away meanwhile
  }
}
