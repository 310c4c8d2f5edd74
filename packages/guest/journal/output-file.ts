import { realtimeUs } from '@bhatti/sys/clock.ts';
import { spliceToFile } from '@bhatti/sys/splice.ts';
import { closeSync, fstatSync, mkdirSync, openSync, readSync, renameSync, writeSync, constants } from 'node:fs';
import {
  encodeIndexRecord,
  keptRotations,
  maxOutputBytes,
  partPath,
  unitJournalDir,
  type JournalPart,
  type OutputStream,
} from './layout.ts';

const mode = 0o640;
const checkUs = 1_000_000;

export type Taken = { readonly kind: 'moved' | 'empty' } | { readonly kind: 'lossy'; readonly why: string };

/** The current file of one stream of one unit, with its index. One thread writes it. */
export class OutputFile {
  readonly #directory: string;
  readonly #stream: OutputStream;
  #open: { readonly log: number; readonly index: number } | undefined;
  #length = 0;
  #lostBytes = 0;
  #checkedAtUs = 0;

  constructor(journalDir: string, unit: string, stream: OutputStream) {
    this.#stream = stream;
    this.#directory = unitJournalDir(unit, journalDir);
  }

  /** Moves what the pipe holds, up to `maxBytes`. `lossy` says for the first time why output is being lost. */
  take(pipeFd: number, maxBytes: number): Taken {
    try {
      const timeUs = realtimeUs();
      const { log } = this.#openFiles(timeUs);
      if (this.#lostBytes > 0) this.#noteLoss(log);
      const moved = spliceToFile(pipeFd, log, this.#length, maxBytes);
      if (moved === 0) return { kind: 'empty' };
      this.#advance(timeUs, moved);
      if (this.#length >= maxOutputBytes) this.#rotateAtLineEnd(log);
      return { kind: 'moved' };
    } catch (error) {
      return this.#skip(pipeFd, error);
    }
  }

  close(): void {
    if (this.#open === undefined) return;
    closeSync(this.#open.log);
    closeSync(this.#open.index);
    this.#open = undefined;
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
    this.#advance(realtimeUs(), note.length);
  }

  #advance(timeUs: number, bytes: number): void {
    const record = encodeIndexRecord(this.#length, timeUs);
    this.#length += bytes;
    // Bytes that have no record of their own count as the ones before them.
    if (this.#open !== undefined) writeSync(this.#open.index, record);
  }

  #rotateAtLineEnd(log: number): void {
    const last = Buffer.alloc(1);
    readSync(log, last, 0, 1, this.#length - 1);
    // A line of more than a whole file is cut all the same.
    if (last[0] !== 10 && this.#length < 2 * maxOutputBytes) return;
    this.close();
    rotate(this.#directory, `${this.#stream}.log`);
    rotate(this.#directory, `${this.#stream}.index`);
  }

  /** Opened when there is something to write; once a second it is seen to that nobody has removed them. */
  #openFiles(nowUs: number): { readonly log: number; readonly index: number } {
    if (this.#open !== undefined && nowUs - this.#checkedAtUs > checkUs) {
      this.#checkedAtUs = nowUs;
      if (fstatSync(this.#open.log).nlink === 0) this.close();
    }
    if (this.#open !== undefined) return this.#open;
    mkdirSync(this.#directory, { recursive: true, mode: 0o755 });
    const flags = constants.O_RDWR | constants.O_CREAT;
    const log = openSync(partPath(this.#directory, `${this.#stream}.log`, 0), flags, mode);
    try {
      const index = openSync(partPath(this.#directory, `${this.#stream}.index`, 0), flags | constants.O_APPEND, mode);
      this.#length = fstatSync(log).size;
      return (this.#open = { log, index });
    } catch (error) {
      closeSync(log);
      throw error;
    }
  }
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

/** Makes room for a new generation 0; the oldest one goes. */
export function rotate(directory: string, part: JournalPart): void {
  for (let generation = keptRotations - 1; generation >= 0; generation -= 1) {
    try {
      renameSync(partPath(directory, part, generation), partPath(directory, part, generation + 1));
    } catch (error) {
      // Expected: there are not that many yet.
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    }
  }
}
