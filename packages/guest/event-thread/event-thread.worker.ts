import { receiveDatagram } from '@bhatti/sys/datagram.ts';
import { openEpoll } from '@bhatti/sys/epoll.ts';
import { closeSync, readSync } from 'node:fs';
import { DatagramLog } from '../journal/datagram-log.ts';
import { STREAMS, unitJournalDir } from '../journal/layout.ts';
import { OutputFile } from '../journal/output-file.ts';
import { forgetOldUnits, totalLimit, vacuum } from '../journal/vacuum.ts';
import { journalUnits } from '../journal/units.ts';
import type { LogSocketKind } from '../journal/log-sockets.ts';
import { LogStreams } from './log-streams.ts';
import type { ThreadCommand, ThreadEvent, ThreadStart } from './message.ts';
import { Pump } from './pump.ts';

/*
 * What must be waited for in the kernel and the runtime cannot wait for: pipes whose bytes must not pass through this process, datagram sockets, pidfds. A thread of its own, so that a unit that floods takes
 * nothing from the agent; asleep while all are silent. What units write goes from pipe to file by splice(2): a lohar that is killed at any instant loses none of it.
 */
const flushRounds = 64;

// SAFETY: the global scope of a worker thread, which the types take for the main one's.
const scope = globalThis as unknown as {
  postMessage(message: ThreadEvent): void;
  onmessage: ((event: { data: ThreadStart }) => void) | null;
};
scope.onmessage = ({ data }) => new ThreadLoop(data).run();
scope.postMessage({ kind: 'ready' });

class ThreadLoop {
  readonly #journalDir: string;
  readonly #commands: CommandReader;
  readonly #epoll = openEpoll();
  /** What to do when a descriptor is readable. */
  readonly #readers = new Map<number, () => void>();
  readonly #pumps = new Map<number, Pump>();
  /** Sockets whose first datagram is being dealt with. */
  readonly #paused = new Set<number>();
  readonly #log: DatagramLog;
  readonly #streams: LogStreams;

  constructor({ commandFd, journalDir, isBoot }: ThreadStart) {
    this.#journalDir = journalDir;
    const units = journalUnits(journalDir);
    takeOver(journalDir, units, isBoot);
    this.#log = new DatagramLog(journalDir, units);
    this.#log.onRotated = () => this.#keepWithinLimit();
    this.#streams = new LogStreams(this.#log, {
      add: (fd, onReadable) => this.#add(fd, onReadable),
      remove: (fd) => this.#forget(fd),
    });
    this.#commands = new CommandReader(commandFd);
    this.#add(commandFd, () => {
      for (const command of this.#commands.read()) this.#obey(command);
    });
    this.#keepWithinLimit();
  }

  run(): never {
    for (;;) for (const fd of this.#epoll.wait(-1)) this.#readers.get(fd)?.();
  }

  #obey(command: ThreadCommand): void {
    switch (command.do) {
      case 'pump': {
        const pump = new Pump(command, this.#journalDir, {
          onLossy: (unit, why) => scope.postMessage({ kind: 'lossy', unit, why }),
          onSuppressed: (unit, lines) => scope.postMessage({ kind: 'suppressed', unit, lines }),
          onRotated: () => this.#keepWithinLimit(),
        });
        this.#pumps.set(command.fd, pump);
        return this.#add(command.fd, () => pump.move(1));
      }
      case 'end-line': {
        const pump = this.#pumps.get(command.fd);
        pump?.move(flushRounds);
        return pump?.endLine();
      }
      case 'limit':
        return this.#pumps.get(command.fd)?.limit(command.limit);
      case 'listen':
        return this.#add(command.fd, () => {
          // Until its owner has dealt with it, it stays on the socket: a lohar that dies meanwhile leaves it to the next.
          if (!showDatagram(command.fd, command.unit)) return;
          this.#paused.add(command.fd);
          this.#epoll.remove(command.fd);
        });
      case 'next':
        if (!this.#paused.delete(command.fd)) return;
        for (const fd of receiveDatagram(command.fd, 'take')?.fds ?? []) closeSync(fd);
        return this.#epoll.add(command.fd);
      case 'log':
        return this.#listenForLog(command.fd, command.what);
      case 'watch':
        return this.#add(command.fd, () => {
          this.#forget(command.fd);
          scope.postMessage({ kind: 'readable', fd: command.fd });
        });
      case 'forget':
        this.#forget(command.fd);
        return scope.postMessage({ kind: 'forgotten', fd: command.fd });
      case 'flush':
        this.#flush();
        return scope.postMessage({ kind: 'flushed', id: command.id });
      case 'rotate':
        this.#flush();
        for (const pump of this.#pumps.values()) pump.rotate();
        this.#log.rotate();
        return scope.postMessage({ kind: 'flushed', id: command.id });
    }
  }

  #listenForLog(fd: number, what: LogSocketKind): void {
    if (what === 'stdout') return this.#add(fd, () => this.#streams.accept(fd));
    this.#log.add(fd, what);
    this.#add(fd, () => this.#log.receive(fd, what));
  }

  #flush(): void {
    for (const pump of this.#pumps.values()) pump.move(flushRounds);
    this.#log.drain();
  }

  #add(fd: number, onReadable: () => void): void {
    this.#readers.set(fd, onReadable);
    this.#epoll.add(fd);
  }

  #forget(fd: number): void {
    if (this.#readers.delete(fd) && !this.#paused.delete(fd)) this.#epoll.remove(fd);
    const pump = this.#pumps.get(fd);
    pump?.move(flushRounds);
    pump?.close();
    this.#pumps.delete(fd);
  }

  #keepWithinLimit(): void {
    try {
      const maxBytes = totalLimit(this.#journalDir);
      vacuum(this.#journalDir, { maxBytes });
      const inUse = new Set(Array.from(this.#pumps.values(), ({ unit }) => unit));
      forgetOldUnits(this.#journalDir, maxBytes, (unit) => inUse.has(unit) || this.#log.isOpen(unit));
    } catch (error) {
      console.error(`cannot vacuum the journal: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

/** Repairs what an earlier lohar, or a machine that lost its power, left half done. */
function takeOver(journalDir: string, units: readonly string[], isBoot: boolean): void {
  for (const unit of units)
    for (const stream of STREAMS) {
      const file = new OutputFile(unitJournalDir(unit, journalDir), stream);
      file.repair();
      if (isBoot) file.endLine();
      file.close();
    }
}

function showDatagram(fd: number, unit: string): boolean {
  const datagram = receiveDatagram(fd, 'peek');
  if (datagram === undefined) return false;
  const { pid, uid, fds, bytes } = datagram;
  scope.postMessage({ kind: 'datagram', unit, fd, pid, uid, fds, text: bytes.toString('utf8') });
  return true;
}

class CommandReader {
  readonly #fd: number;
  readonly #chunk = Buffer.alloc(65_536);
  #rest = '';

  constructor(fd: number) {
    this.#fd = fd;
  }

  read(): ThreadCommand[] {
    const length = readSync(this.#fd, this.#chunk);
    const lines = (this.#rest + this.#chunk.toString('utf8', 0, length)).split('\n');
    this.#rest = lines.pop() ?? '';
    // SAFETY: the only writer is this thread's owner.
    return lines.map((line) => JSON.parse(line) as ThreadCommand);
  }
}
