import { announce } from '@bhatti/base/log.ts';
import { realtimeUs } from '@bhatti/sys/clock.ts';
import type { OwnedFd } from '@bhatti/sys/native/descriptor.ts';
import { openFifo } from '@bhatti/sys/process/fifo.ts';
import { chownSync, closeSync, fstatSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { EventThread } from '../event-thread/event-thread.ts';
import { maxEventBytes, partPath, STREAMS, unitJournalDir, type JournalEvent, type OutputStream } from './layout.ts';
import { rotate } from './output-file.ts';

export interface JournalDirectories {
  readonly journalDir: string;
  /** For the FIFOs that units write into. */
  readonly fifoDir: string;
}

/** What units write, and what is said about them. */
export class Journal {
  readonly #directories: JournalDirectories;
  readonly #thread: EventThread;
  readonly #fifos = new Map<string, OwnedFd>();
  readonly #events = new Map<string, number>();

  constructor(directories: JournalDirectories, thread: EventThread) {
    this.#directories = directories;
    this.#thread = thread;
    for (const stream of STREAMS) mkdirSync(join(directories.fifoDir, stream), { recursive: true, mode: 0o755 });
    thread.onLossy = (unit, why) => this.message(unit, `${unit}: ${why}`, 3);
  }

  /**
   * A descriptor for a unit's output; the caller closes it. It is a FIFO with a name, open for reading too: neither the unit nor what it wrote depends on this process.
   */
  openOutput(unit: string, stream: OutputStream, uid: number): number {
    const path = join(this.#directories.fifoDir, stream, unit);
    this.fifo(unit, stream);
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

  /** The unit is not coming back: its pipes and open files are let go of, when all that it wrote is in the journal. What is written stays. */
  async release(unit: string): Promise<void> {
    await this.flush();
    for (const stream of STREAMS) {
      const key = join(stream, unit);
      const fifo = this.#fifos.get(key);
      if (fifo === undefined) continue;
      this.#fifos.delete(key);
      rmSync(join(this.#directories.fifoDir, key), { force: true });
      this.#thread.forgetSocket(unit, fifo);
    }
    const events = this.#events.get(unit);
    this.#events.delete(unit);
    if (events !== undefined) closeSync(events);
  }

  /** `priority` as in syslog(3): 3 error, 4 warning, 5 notice, 6 info. */
  message(unit: string, text: string, priority = 6): void {
    announce('unit:state', { unit, text });
    this.#append(unit, { kind: 'message', t: realtimeUs(), priority, pid: process.pid, text });
  }

  spawned(unit: string, stream: OutputStream, pid: number, identifier: string): void {
    this.#append(unit, { kind: 'spawn', t: realtimeUs(), stream, pid, identifier });
  }

  flush(): Promise<void> {
    return this.#thread.flush();
  }

  #append(unit: string, event: JournalEvent): void {
    try {
      writeSync(this.#eventsOf(unit), `${JSON.stringify(event)}\n`);
    } catch (error) {
      // A full disk must not stop units from being managed.
      console.error(`cannot write the journal of "${unit}": ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  #eventsOf(unit: string): number {
    const known = this.#events.get(unit);
    if (known !== undefined && fstatSync(known).size <= maxEventBytes) return known;
    const directory = unitJournalDir(unit, this.#directories.journalDir);
    if (known !== undefined) {
      closeSync(known);
      rotate(directory, 'events.log');
    }
    mkdirSync(directory, { recursive: true, mode: 0o755 });
    const fd = openSync(partPath(directory, 'events.log', 0), 'a', 0o640);
    this.#events.set(unit, fd);
    return fd;
  }
}
