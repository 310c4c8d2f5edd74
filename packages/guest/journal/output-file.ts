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

const ENOSPC = 28;
const EDQUOT = 122;
const mode = 0o640;

/** The current file of one stream of one unit, with its index. One thread writes it. */
export class OutputFile {
  readonly #directory: string;
  readonly #stream: OutputStream;
  #log = -1;
  #index = -1;
  #length = 0;
  #lostBytes = 0;

  constructor(journalDir: string, unit: string, stream: OutputStream) {
    this.#stream = stream;
    this.#directory = unitJournalDir(unit, journalDir);
    mkdirSync(this.#directory, { recursive: true, mode: 0o755 });
    this.#open();
  }

  /** Moves what the pipe holds, up to `maxBytes`. `lossy` says for the first time why output is being lost. */
  take(
    pipeFd: number,
    maxBytes: number,
  ): { readonly kind: 'moved' | 'empty' } | { readonly kind: 'lossy'; readonly why: string } {
    try {
      if (this.#lostBytes > 0) this.#noteLoss();
      const timeUs = realtimeUs();
      const moved = spliceToFile(pipeFd, this.#log, this.#length, maxBytes);
      if (moved === 0) return { kind: 'empty' };
      this.#advance(timeUs, moved);
      if (this.#length >= maxOutputBytes) this.#rotateAtLineEnd();
      return { kind: 'moved' };
    } catch (error) {
      return this.#skip(pipeFd, error);
    }
  }

  close(): void {
    closeSync(this.#log);
    closeSync(this.#index);
  }

  /** A full disk must not stop the unit: its output is read and lost, and the journal says how much as soon as it can. */
  #skip(pipeFd: number, error: unknown): ReturnType<OutputFile['take']> {
    // Native calls of ours say 28, the runtime's say -28.
    const number = error instanceof Error && 'errno' in error ? Math.abs(Number(error.errno)) : 0;
    if (number !== ENOSPC && number !== EDQUOT) throw error;
    const isFirst = this.#lostBytes === 0;
    this.#lostBytes += readSync(pipeFd, Buffer.alloc(65_536));
    return isFirst ? { kind: 'lossy', why: 'the disk is full: output is lost until there is room' } : { kind: 'moved' };
  }

  #noteLoss(): void {
    const note = Buffer.from(`\n[${this.#lostBytes} bytes of output were lost: the disk was full]\n`);
    writeSync(this.#log, note, 0, note.length, this.#length);
    this.#lostBytes = 0;
    this.#advance(realtimeUs(), note.length);
  }

  #advance(timeUs: number, bytes: number): void {
    writeSync(this.#index, encodeIndexRecord(this.#length, timeUs));
    this.#length += bytes;
  }

  #rotateAtLineEnd(): void {
    const last = Buffer.alloc(1);
    readSync(this.#log, last, 0, 1, this.#length - 1);
    // A line of more than a whole file is cut all the same.
    if (last[0] !== 10 && this.#length < 2 * maxOutputBytes) return;
    this.close();
    rotate(this.#directory, `${this.#stream}.log`);
    rotate(this.#directory, `${this.#stream}.index`);
    this.#open();
  }

  #open(): void {
    const flags = constants.O_RDWR | constants.O_CREAT;
    this.#log = openSync(partPath(this.#directory, `${this.#stream}.log`, 0), flags, mode);
    this.#index = openSync(partPath(this.#directory, `${this.#stream}.index`, 0), flags | constants.O_APPEND, mode);
    this.#length = fstatSync(this.#log).size;
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
