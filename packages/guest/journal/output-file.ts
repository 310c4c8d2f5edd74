import { monotonicUs, realtimeUs } from '@bhatti/sys/clock.ts';
import { spliceToFile } from '@bhatti/sys/splice.ts';
import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  statSync,
  writeSync,
} from 'node:fs';
import {
  encodeTimesRecord,
  journalFileMode,
  maxOutputBytes,
  partPath,
  timesRecordBytes,
  readNumber,
  type OutputStream,
} from './layout.ts';
import { RateLimit, type RateLimitSpec } from './rate-limit.ts';
import { rotate } from './rotate.ts';
import { encodeTimesHeader } from './times.ts';

const checkUs = 1_000_000;
const newline = 10;

export type Taken =
  | { readonly kind: 'moved' | 'empty' | 'rotated' }
  /** Moved, and so many lines before were not kept, since they came too fast. */
  | { readonly kind: 'suppressed'; readonly lines: number }
  | { readonly kind: 'lossy'; readonly why: string };

/** The current file of one stream of one unit, with its times. One thread writes it. */
export class OutputFile {
  readonly #directory: string;
  readonly #stream: OutputStream;
  #open: { readonly log: number; readonly times: number } | undefined;
  #length = 0;
  #lostBytes = 0;
  #checkedAtUs = 0;
  #limit: RateLimit | undefined;

  constructor(directory: string, stream: OutputStream) {
    this.#directory = directory;
    this.#stream = stream;
  }

  /** Moves what the pipe holds, up to `maxBytes`. `lossy` says for the first time why output is being lost. */
  take(pipeFd: number, maxBytes: number): Taken {
    try {
      const { log } = this.#openFiles();
      if (this.#lostBytes > 0) this.#noteLoss(log);
      const moved = spliceToFile(pipeFd, log, this.#length, maxBytes);
      if (moved === 0) return { kind: 'empty' };
      const suppressed = this.#keepWithinLimit(log, moved);
      if (suppressed > 0) return { kind: 'suppressed', lines: suppressed };
      if (this.#length < maxOutputBytes || !this.#isAtLineEnd(log)) return { kind: 'moved' };
      this.rotate();
      return { kind: 'rotated' };
    } catch (error) {
      return this.#skip(pipeFd, error);
    }
  }

  /** From now on; undefined lifts it. */
  limit(spec: RateLimitSpec | undefined): void {
    this.#limit = spec === undefined ? undefined : new RateLimit(spec);
  }

  /** Whoever writes next is another: what has been written so far ends its line. */
  endLine(): void {
    try {
      if (this.#open === undefined && !this.#hasLines()) return;
      const { log } = this.#openFiles();
      if (this.#length === 0 || lastByte(log, this.#length) === newline) return;
      writeSync(log, '\n', this.#length);
      this.#advance(1);
    } catch (error) {
      console.error(`cannot write "${this.#directory}": ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  /** Opens the file, if there is one, so that what was left half done is seen to. */
  repair(): void {
    if (!this.#hasLines()) return;
    try {
      this.#openFiles();
    } catch (error) {
      console.error(`cannot repair "${this.#directory}": ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  #hasLines(): boolean {
    const path = partPath(this.#directory, `${this.#stream}.log`, 0);
    return (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 0;
  }

  rotate(): void {
    this.close();
    rotate(this.#directory, `${this.#stream}.log`);
    rotate(this.#directory, `${this.#stream}.times`);
  }

  close(): void {
    if (this.#open === undefined) return;
    closeSync(this.#open.log);
    closeSync(this.#open.times);
    this.#open = undefined;
  }

  /** Bytes are in the file before their lines are counted, since only the kernel can move them without a moment in which they are nowhere; what is too much is cut off again. Answers how many were cut off earlier. */
  #keepWithinLimit(log: number, moved: number): number {
    const limit = this.#limit;
    if (limit === undefined) {
      this.#advance(moved);
      return 0;
    }
    const bytes = Buffer.alloc(moved);
    readSync(log, bytes, 0, moved, this.#length);
    const ends = [...bytes.keys()].filter((at) => bytes[at] === newline);
    const admitted = limit.admit(ends.length, realtimeUs());
    if (admitted === ends.length) {
      this.#advance(moved);
    } else {
      const kept = admitted === 0 ? 0 : (ends[admitted - 1] ?? 0) + 1;
      ftruncateSync(log, this.#length + kept);
      if (kept > 0) this.#advance(kept);
    }
    return limit.takeSuppressed();
  }

  /** Whatever is wrong with the disk must not stop the unit: its output is read and lost, and the journal says how much as soon as it can. */
  #skip(pipeFd: number, error: unknown): Taken {
    const isFirst = this.#lostBytes === 0;
    const lost = readOrNothing(pipeFd);
    if (lost === 0) return { kind: 'empty' };
    this.#lostBytes += lost;
    if (!isFirst) return { kind: 'moved' };
    const why = error instanceof Error ? error.message : String(error);
    return { kind: 'lossy', why: `output is lost until it can be written: ${why}` };
  }

  #noteLoss(log: number): void {
    const note = Buffer.from(`\n[${this.#lostBytes} bytes of output were lost: they could not be written]\n`);
    writeSync(log, note, 0, note.length, this.#length);
    this.#lostBytes = 0;
    this.#advance(note.length);
  }

  #advance(bytes: number): void {
    this.#length += bytes;
    const record = encodeTimesRecord({ end: this.#length, timeUs: realtimeUs(), monotonicUs: monotonicUs() });
    if (this.#open === undefined || writeSync(this.#open.times, record) === record.length) return;
    // The disk is full: half a record would put all that follow out of step, so the files are opened, and repaired, anew.
    this.close();
    throw new Error('no space is left for the times');
  }

  /** A line of more than a whole file is cut all the same. */
  #isAtLineEnd(log: number): boolean {
    return this.#length >= 2 * maxOutputBytes || lastByte(log, this.#length) === newline;
  }

  /** Opened when there is something to write; once a second it is seen to that nobody has removed them. */
  #openFiles(): { readonly log: number; readonly times: number } {
    if (this.#open !== undefined && realtimeUs() - this.#checkedAtUs > checkUs) {
      this.#checkedAtUs = realtimeUs();
      if (fstatSync(this.#open.log).nlink === 0) this.close();
    }
    if (this.#open !== undefined) return this.#open;
    mkdirSync(this.#directory, { recursive: true, mode: 0o755 });
    const flags = constants.O_RDWR | constants.O_CREAT;
    const log = openSync(partPath(this.#directory, `${this.#stream}.log`, 0), flags, journalFileMode);
    let times: number | undefined;
    try {
      const path = partPath(this.#directory, `${this.#stream}.times`, 0);
      times = openSync(path, flags | constants.O_APPEND, journalFileMode);
      this.#length = fstatSync(log).size;
      this.#repair(log, times);
      return (this.#open = { log, times });
    } catch (error) {
      closeSync(log);
      if (times !== undefined) closeSync(times);
      throw error;
    }
  }

  /** Brings the times in line with the file: an earlier lohar may have died between moving bytes and noting when, or the machine in the middle of a record. */
  #repair(log: number, times: number): void {
    const { ino, mtimeMs } = fstatSync(log);
    const { size } = fstatSync(times);
    const wholeBytes = size - (size % timesRecordBytes);
    ftruncateSync(times, wholeBytes);
    let end = wholeBytes > timesRecordBytes ? endAt(times, wholeBytes - timesRecordBytes) : 0;
    if (wholeBytes === 0 || endAt(times, 0) !== ino || end > this.#length) {
      ftruncateSync(times, 0);
      writeSync(times, encodeTimesHeader(ino));
      end = 0;
    }
    if (end === this.#length) return;
    const timeUs = Math.floor(mtimeMs * 1_000);
    const record = { end: this.#length, timeUs, monotonicUs: Math.max(0, monotonicUs() - (realtimeUs() - timeUs)) };
    writeSync(times, encodeTimesRecord(record));
  }
}

function endAt(times: number, offset: number): number {
  const record = Buffer.alloc(timesRecordBytes);
  readSync(times, record, 0, timesRecordBytes, offset);
  return readNumber(record, 0);
}

function lastByte(fd: number, size: number): number | undefined {
  const byte = Buffer.alloc(1);
  return readSync(fd, byte, 0, 1, size - 1) === 1 ? byte[0] : undefined;
}

/** FIFOs are open without blocking: an empty one says so. */
function readOrNothing(pipeFd: number): number {
  try {
    return readSync(pipeFd, Buffer.alloc(65_536));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return 0;
    throw error;
  }
}
