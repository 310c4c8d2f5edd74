import { preallocate } from '@bhatti/sys/preallocate.ts';
import { constants, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { JobType } from './job.ts';
import type { ServiceRecord } from './service-record.ts';
import type { StoredTrigger } from './triggers.ts';

/** What is known of one unit beyond its files. */
export interface StoredUnit {
  readonly name: string;
  readonly job: StoredJob | undefined;
  readonly service: ServiceRecord | undefined;
  readonly isTargetActive: boolean | undefined;
  readonly trigger: StoredTrigger | undefined;
}

export interface StoredJob {
  readonly id: number;
  readonly type: JobType;
  readonly isRunning: boolean;
  /** Microseconds of the boot clock: its time-outs count from here. */
  readonly queuedBootUs: number;
  readonly startedBootUs: number | undefined;
}

type Line = readonly (StoredUnit | { readonly name: string; readonly isGone: true })[];

const reservedBytes = 512 * 1024; // room for some hundred units' records; taken at start, so that a full /run cannot refuse them
const files = ['units.0', 'units.1'] as const;

/*
 * Units' records in /run, as a log. All that one event changes, in however many units, is one line: whoever reads it after a crash finds the whole change or nothing of it. A line begins with the number of
 * its file's generation, so that what an earlier use of the file left behind its end is not taken for more of it. When a file is full, the other one begins with a line of all that is known.
 */
export class UnitStore {
  readonly #fds: readonly [number, number];
  readonly #units = new Map<string, string>();
  readonly #changed = new Map<string, () => StoredUnit | undefined>();
  readonly #found: readonly StoredUnit[];
  #generation: number;
  #current: 0 | 1;
  #length = 0;
  #isWanting = false; // the last write failed

  constructor(directory: string) {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const logs = files.map((name) => readLog(join(directory, name)));
    const [first, second] = [logs[0]?.generation ?? 0, logs[1]?.generation ?? 0];
    this.#current = first > second ? 0 : 1;
    this.#generation = Math.max(first, second);
    this.#found = [...(logs[this.#current]?.units.values() ?? [])];
    for (const unit of this.#found) this.#units.set(unit.name, JSON.stringify(unit));
    const [zero, one] = files.map((name) => openReserved(join(directory, name)));
    // SAFETY: there are two files.
    this.#fds = [zero!, one!];
    if (this.#generation > 0) this.#rewrite();
  }

  /** What an earlier lohar of this boot had written. */
  loadAll(): readonly StoredUnit[] {
    return this.#found;
  }

  /** Remembers that a unit has changed; `commit` asks what it is then. */
  changed(name: string, describe: () => StoredUnit): void {
    this.#changed.set(name, describe);
  }

  remove(name: string): void {
    this.#changed.set(name, () => undefined);
  }

  /** Writes what has changed since the last time. A full /run costs what an heir would have known; it is tried again each time. */
  commit(): void {
    if (this.#changed.size === 0 && !this.#isWanting) return;
    const line: (StoredUnit | { name: string; isGone: true })[] = [];
    for (const [name, describe] of this.#changed) {
      const unit = describe();
      line.push(unit ?? { name, isGone: true });
      if (unit === undefined) this.#units.delete(name);
      else this.#units.set(name, JSON.stringify(unit));
    }
    this.#changed.clear();
    const parts = line.map((entry) => this.#units.get(entry.name) ?? JSON.stringify(entry));
    if (this.#isWanting || !this.#append(`[${parts.join(',')}]`)) this.#rewrite();
  }

  #append(json: string): boolean {
    const bytes = Buffer.from(`${this.#generation} ${json}\n`);
    if (this.#generation === 0 || this.#length + bytes.length > reservedBytes) return false;
    return this.#write(this.#fds[this.#current], bytes);
  }

  /** Everything into the other file, as the first line of a new generation. */
  #rewrite(): void {
    const other = this.#current === 0 ? 1 : 0;
    const bytes = Buffer.from(`${this.#generation + 1} [${[...this.#units.values()].join(',')}]\n`);
    this.#length = 0;
    if (!this.#write(this.#fds[other], bytes)) return;
    this.#generation += 1;
    this.#current = other;
  }

  #write(fd: number, bytes: Uint8Array): boolean {
    try {
      let written = 0;
      while (written < bytes.length)
        written += writeSync(fd, bytes, written, bytes.length - written, this.#length + written);
      this.#length += bytes.length;
      this.#isWanting = false;
      return true;
    } catch (error) {
      if (!this.#isWanting)
        console.error(`cannot keep records of units: ${error instanceof Error ? error.message : String(error)}`);
      this.#isWanting = true;
      return false;
    }
  }
}

function openReserved(path: string): number {
  const fd = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600);
  try {
    preallocate(fd, reservedBytes);
  } catch (error) {
    console.error(
      `cannot reserve room for records of units: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  return fd;
}

/** A file's generation and what its lines add up to; generation 0 when it has no whole line. */
function readLog(path: string): { generation: number; units: Map<string, StoredUnit> } {
  const units = new Map<string, StoredUnit>();
  let generation = 0;
  const lines = readText(path).split('\n');
  lines.pop(); // without its end a line is not whole
  for (const line of lines) {
    const space = line.indexOf(' ');
    const number = Number(line.slice(0, space));
    if (!Number.isInteger(number) || number < 1 || (generation !== 0 && number !== generation)) break;
    const entries = tryParse(line.slice(space + 1));
    if (entries === undefined) break;
    generation = number;
    for (const entry of entries) {
      if ('isGone' in entry) units.delete(entry.name);
      else units.set(entry.name, entry);
    }
  }
  return { generation, units };
}

function tryParse(json: string): Line | undefined {
  try {
    // SAFETY: root's own directory of one boot, written by this very executable.
    return JSON.parse(json) as Line;
  } catch {
    return undefined; // expected: what is left of an earlier use of the file
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // expected: the first lohar of this boot
  }
}
