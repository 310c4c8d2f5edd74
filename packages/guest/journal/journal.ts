import { announce } from '@bhatti/base/log.ts';
import { monotonicUs, realtimeUs } from '@bhatti/sys/clock.ts';
import type { OwnedFd } from '@bhatti/sys/native/descriptor.ts';
import { openFifo } from '@bhatti/sys/process/fifo.ts';
import { chownSync, mkdirSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { EventThread } from '../event-thread/event-thread.ts';
import { defaultFacility, defaultLevel, type JournalEntry } from './entry.ts';
import { STREAMS, unitJournalDir, type JournalRecord, type OutputStream, type SpawnRecord } from './layout.ts';
import type { RateLimitSpec } from './rate-limit.ts';
import { RecordFile } from './record-file.ts';

export interface JournalDirectories {
  readonly journalDir: string;
  /** For the FIFOs that units write into. */
  readonly fifoDir: string;
}

/** Whose output a stream carries; `startedAtUs` is a time before its first word, `level` and `facility` are syslog(3)'s numbers. */
export interface Spawned extends Pick<SpawnRecord, 'pid' | 'uid' | 'gid' | 'comm' | 'identifier' | 'invocation'> {
  readonly startedAtUs: number;
  readonly level?: number | undefined;
  readonly facility?: number | undefined;
  readonly hasPrefixes?: boolean | undefined;
  /** LogLevelMax=. */
  readonly maxLevel?: number | undefined;
}

/** What units write, and what is said about them. */
export class Journal {
  readonly #directories: JournalDirectories;
  readonly #thread: EventThread;
  readonly #fifos = new Map<string, OwnedFd>();
  readonly #events = new Map<string, RecordFile>();
  /** Which messages are kept, by priority: `systemctl log-level`. */
  isWanted: (priority: number) => boolean = () => true;

  constructor(directories: JournalDirectories, thread: EventThread) {
    this.#directories = directories;
    this.#thread = thread;
    for (const stream of STREAMS) mkdirSync(join(directories.fifoDir, stream), { recursive: true, mode: 0o755 });
    thread.onLossy = (unit, why) => this.message(unit, `${unit}: ${why}`, 3);
    thread.onSuppressed = (unit, lines) => this.message(unit, `Suppressed ${lines} messages from ${unit}`, 4);
  }

  /**
   * A descriptor for a unit's output; the caller closes it. It is a FIFO with a name, open for reading too: neither the unit nor what it wrote depends on this process.
   */
  openOutput(unit: string, stream: OutputStream, uid: number): number {
    const path = join(this.#directories.fifoDir, stream, unit);
    this.#thread.endLine(this.fifo(unit, stream).fd); // an earlier process's last words are not the beginning of the next one's
    chownSync(path, uid, -1); // so that the unit may open /dev/stdout
    // A second open, one that blocks: O_NONBLOCK of the first would be the unit's as well.
    return openSync(path, 'r+');
  }

  /** The unit's FIFO, made and pumped from the first call on. An earlier lohar's is taken up with all that is in it. */
  fifo(unit: string, stream: OutputStream): OwnedFd {
    const key = join(stream, unit);
    const known = this.#fifos.get(key);
    if (known !== undefined) return known;
    const fifo = openFifo(join(this.#directories.fifoDir, key));
    this.#fifos.set(key, fifo);
    this.#thread.pump(unit, stream, fifo.fd);
    return fifo;
  }

  /** Lets go of the pipes and files of a unit that will not come back; what is in its journal stays. */
  forget(unit: string): void {
    for (const stream of STREAMS) {
      const key = join(stream, unit);
      const fifo = this.#fifos.get(key);
      if (fifo !== undefined) this.#thread.unpump(fifo);
      this.#fifos.delete(key);
      rmSync(join(this.#directories.fifoDir, key), { force: true });
    }
    this.#events.get(unit)?.close();
    this.#events.delete(unit);
  }

  /** Keeps no more lines of a unit's streams than the limit allows, each counted for itself; undefined, as at first, keeps all. */
  limitOutput(unit: string, limit: RateLimitSpec | undefined): void {
    for (const stream of STREAMS) this.#thread.limit(this.fifo(unit, stream).fd, limit);
  }

  /** Nothing of the unit runs any more: a last line without an end is one. */
  endOutput(unit: string): void {
    for (const stream of STREAMS) {
      const fifo = this.#fifos.get(join(stream, unit));
      if (fifo !== undefined) this.#thread.endLine(fifo.fd);
    }
  }

  /** `priority` as in syslog(3): 3 error, 4 warning, 5 notice, 6 info. */
  message(unit: string, text: string, priority = 6): void {
    announce('unit:state', { unit, text });
    if (!this.isWanted(priority)) return;
    const record = { kind: 'message', t: realtimeUs(), m: monotonicUs(), priority, pid: process.pid, text } as const;
    this.#append(unit, record);
  }

  spawned(unit: string, stream: OutputStream, spawned: Spawned): void {
    const { startedAtUs, level = defaultLevel, facility = defaultFacility, hasPrefixes = true, ...who } = spawned;
    const record = { kind: 'spawn', t: startedAtUs, m: monotonicUs(), stream } as const;
    this.#append(unit, { ...record, ...who, level, facility, hasPrefixes });
  }

  /** Resolves when everything that was written so far can be read. */
  flush(): Promise<void> {
    return this.#thread.flush();
  }

  /** A unit's last entries, oldest first. */
  async last(unit: string, count: number): Promise<JournalEntry[]> {
    await this.flush();
    const { JournalReader } = await import('./read.ts'); // what only `systemctl status` needs
    return new JournalReader(this.#directories.journalDir).last([unit], count);
  }

  /** Goes on in new files. */
  async rotate(): Promise<void> {
    for (const file of this.#events.values()) file.rotate();
    await this.#thread.rotate();
  }

  #append(unit: string, record: JournalRecord): void {
    try {
      this.#eventsOf(unit).append(record);
    } catch (error) {
      // A full disk must not stop units from being managed.
      console.error(`cannot write the journal of "${unit}": ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  #eventsOf(unit: string): RecordFile {
    const known = this.#events.get(unit);
    if (known !== undefined) return known;
    const file = new RecordFile(unitJournalDir(unit, this.#directories.journalDir), 'events.log');
    this.#events.set(unit, file);
    return file;
  }
}
