import { monotonicUs } from '@bhatti/sys/clock.ts';
import { closeSync, fstatSync, mkdirSync, openSync, readSync, writeSync } from 'node:fs';
import { journalFileMode, maxRecordBytes, partPath, type JournalFile, type JournalRecord } from './layout.ts';
import { rotate } from './rotate.ts';

const newline = 10;
const checkUs = 1_000_000;

/** The current events.log or syslog.log of one unit. One thread writes it. */
export class RecordFile {
  readonly #directory: string;
  readonly #file: JournalFile;
  #fd: number | undefined;
  #size = 0;
  #checkedAtUs = 0;

  constructor(directory: string, file: 'events.log' | 'syslog.log') {
    this.#directory = directory;
    this.#file = file;
  }

  /** Throws what the system says (ENOSPC …). True when the file was rotated. */
  append(record: JournalRecord): boolean {
    const line = Buffer.from(`${JSON.stringify(record)}\n`);
    const written = writeSync(this.#open(), line);
    this.#size += written;
    if (written < line.length) {
      // The disk is full: half a record is none, and the next one begins a line of its own.
      this.close();
      throw new Error('no space is left for a record');
    }
    if (this.#size <= maxRecordBytes) return false;
    this.rotate();
    return true;
  }

  rotate(): void {
    this.close();
    rotate(this.#directory, this.#file);
  }

  close(): void {
    if (this.#fd === undefined) return;
    closeSync(this.#fd);
    this.#fd = undefined;
  }

  /** Opened when there is something to say; once a second it is seen to that nobody has removed it. */
  #open(): number {
    const nowUs = monotonicUs();
    if (this.#fd !== undefined && nowUs - this.#checkedAtUs > checkUs && fstatSync(this.#fd).nlink === 0) this.close();
    if (this.#fd !== undefined) return this.#fd;
    mkdirSync(this.#directory, { recursive: true, mode: 0o755 });
    this.#fd = openSync(partPath(this.#directory, this.#file, 0), 'a+', journalFileMode);
    this.#checkedAtUs = nowUs;
    endLine(this.#fd);
    this.#size = fstatSync(this.#fd).size;
    return this.#fd;
  }
}

/** Ends a last line that a crash of the machine, or a full disk, has cut. */
function endLine(fd: number): void {
  const { size } = fstatSync(fd);
  const last = Buffer.alloc(1);
  if (size > 0 && readSync(fd, last, 0, 1, size - 1) === 1 && last[0] !== newline) writeSync(fd, '\n');
}
