import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { FieldValue } from './entry.ts';

const maxLineBytes = 48 * 1024; // journald's LineMax=: what is longer becomes several lines
const forwardBlockBytes = 256 * 1024;
const backwardBlockBytes = 8 * 1024; // `-n 10` of a hundred units reads little of each
const newline = 10;

/** A line, and the byte it begins with and the one after it. */
export interface FileLine {
  readonly offset: number;
  readonly end: number;
  /** Bytes where it is no UTF-8. */
  readonly text: FieldValue;
  /** False for a last line that has no end yet. */
  readonly isWhole: boolean;
}

/** How lines end. Output ends at a NUL as well, and where it is too long, as journald has it; records end at a newline alone. */
export type LineRule = 'output' | 'records';

export interface LineFile extends Disposable {
  readonly inode: number;
  readonly size: number;
  readonly modifiedUs: number;
  /** The lines that begin between two places, the first of which must be the beginning of one. A last line needs no end. */
  forward(from: number, to: number): Generator<FileLine>;
  /** The same, last one first. */
  backward(to: number): Generator<FileLine>;
  /** Where the first line begins that begins at a byte or after it. */
  lineStartAfter(offset: number): number;
}

/** Undefined where there is no such file, or it is not for this user. */
export function openLineFile(path: string, rule: LineRule): LineFile | undefined {
  const fd = tryOpen(path);
  if (fd === undefined) return undefined;
  const { ino, size, mtimeMs } = fstatSync(fd);
  const read = (at: number, length: number) => {
    const block = Buffer.allocUnsafeSlow(Math.max(0, length));
    return block.subarray(0, readSync(fd, block, 0, block.length, at));
  };
  const lineStartAfter = (offset: number) => {
    if (offset === 0) return 0;
    for (let at = offset - 1; at < size; at += maxLineBytes) {
      const block = read(at, Math.min(maxLineBytes, size - at));
      const end = nextEnd(block, 0, rule);
      if (end !== -1) return at + end + 1;
    }
    return size;
  };
  return {
    inode: ino,
    size,
    modifiedUs: Math.floor(mtimeMs * 1_000),
    forward: (from, to) => forward(read, from, to, rule),
    backward: (to) => backward(read, to, rule),
    lineStartAfter,
    [Symbol.dispose]: () => closeSync(fd),
  };
}

type Read = (at: number, length: number) => Buffer;

function* forward(read: Read, from: number, to: number, rule: LineRule): Generator<FileLine> {
  let offset = from;
  let blockBytes = forwardBlockBytes;
  while (offset < to) {
    const block = read(offset, Math.min(blockBytes, to - offset));
    if (block.length === 0) return;
    const isLast = offset + block.length >= to;
    let start = 0;
    for (const end of ends(block, rule)) {
      yield line(block, { start, end, at: offset, isWhole: true });
      start = afterEnd(block, end);
    }
    if (isLast) {
      if (start < block.length) yield line(block, { start, end: block.length, at: offset, isWhole: false });
      return;
    }
    // A record that is longer than a block needs a larger one.
    blockBytes = start === 0 ? blockBytes * 2 : forwardBlockBytes;
    offset += start;
  }
}

function* backward(read: Read, to: number, rule: LineRule): Generator<FileLine> {
  let end = to;
  let blockBytes = backwardBlockBytes;
  while (end > 0) {
    const at = Math.max(0, end - blockBytes);
    const block = read(at, end - at);
    // The first line of a block may have begun before it, unless it begins the file.
    const first = at === 0 ? 0 : afterFirstEnd(block, rule);
    if (first === undefined) {
      blockBytes *= 2;
      continue;
    }
    const lines: FileLine[] = [];
    let start = first;
    const rest = block.subarray(first);
    for (const stop of ends(rest, rule)) {
      lines.push(line(block, { start, end: first + stop, at, isWhole: true }));
      start = first + afterEnd(rest, stop);
    }
    if (start < block.length) lines.push(line(block, { start, end: block.length, at, isWhole: false }));
    yield* lines.toReversed();
    end = at + first;
    blockBytes = Math.min(blockBytes * 2, forwardBlockBytes);
  }
}

/** Undefined when nothing after the first line is in the block. */
function afterFirstEnd(block: Buffer, rule: LineRule): number | undefined {
  const end = nextEnd(block, 0, rule);
  return end === -1 || end + 1 >= block.length ? undefined : end + 1;
}

/** Where the lines of a block end: at the byte that ends them, or before the first byte that is too much. What is left has no end yet. */
function* ends(block: Buffer, rule: LineRule): Generator<number> {
  let nul = rule === 'output' ? block.indexOf(0) : -1;
  let start = 0;
  for (;;) {
    if (nul !== -1 && nul < start) nul = block.indexOf(0, start);
    const end = block.indexOf(newline, start);
    const found = nul !== -1 && (end === -1 || nul < end) ? nul : end;
    const limit = rule === 'output' ? start + maxLineBytes : Infinity;
    if (found !== -1 && found <= limit) {
      yield found;
      start = found + 1;
    } else if (limit < block.length) {
      yield limit;
      start = limit;
    } else {
      return;
    }
  }
}

function afterEnd(block: Buffer, end: number): number {
  return block[end] === newline || block[end] === 0 ? end + 1 : end;
}

function nextEnd(block: Buffer, from: number, rule: LineRule): number {
  const end = block.indexOf(newline, from);
  if (rule === 'records') return end;
  const nul = block.indexOf(0, from);
  return nul !== -1 && (end === -1 || nul < end) ? nul : end;
}

interface Cut {
  readonly start: number;
  readonly end: number;
  /** Where the block is in the file. */
  readonly at: number;
  readonly isWhole: boolean;
}

function line(block: Buffer, { start, end, at, isWhole }: Cut): FileLine {
  return { offset: at + start, end: at + afterEnd(block, end), text: decodeLine(block, start, end), isWhole };
}

function decodeLine(block: Buffer, start: number, end: number): FieldValue {
  const text = block.toString('utf8', start, end);
  if (!text.includes('\u{fffd}')) return text;
  const bytes = block.subarray(start, end);
  // The sign may stand there by right.
  return Buffer.from(text).equals(bytes) ? text : Uint8Array.from(bytes);
}

function tryOpen(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch {
    return undefined; // expected: nothing was written, it was rotated away, or it is not this user's to read
  }
}
