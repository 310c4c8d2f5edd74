import type { OwnedFd } from '@bhatti/sys/native/descriptor.ts';
import { openPipe } from '@bhatti/sys/process/pipe.ts';
import { workerScript } from '@bhatti/sys/worker/script.ts';
import { closeSync, writeSync } from 'node:fs';
import type { LogSocketKind } from '../journal/log-sockets.ts';
import type { OutputStream } from '../journal/layout.ts';
import type { RateLimitSpec } from '../journal/rate-limit.ts';
import type { Notice, ThreadCommand, ThreadEvent, ThreadStart } from './message.ts';

/** The thread that waits in the kernel, as its owner sees it. Descriptors stay the caller's and must be forgotten before they are closed. */
export class EventThread {
  readonly #commandFd: number;
  readonly #watched = new Map<number, () => void>();
  readonly #flushes = new Map<number, () => void>();
  readonly #datagrams = new Map<number, (notice: Notice) => void>();
  readonly #forgotten = new Map<number, OwnedFd>();
  #lastFlush = 0;
  onLossy: (unit: string, why: string) => void = () => {};
  onSuppressed: (unit: string, lines: number) => void = () => {};

  constructor(options: Pick<ThreadStart, 'journalDir' | 'isBoot'>) {
    const { readFd, writeFd } = openPipe(0, 0);
    this.#commandFd = writeFd;
    const worker = new Worker(workerScript('packages/guest/event-thread/event-thread.worker.ts'));
    const start: ThreadStart = { commandFd: readFd, ...options };
    worker.addEventListener('message', ({ data }: MessageEvent<ThreadEvent>) => {
      if (data.kind === 'ready') worker.postMessage(start);
      else this.#hear(data);
    });
    // Without it units would block on full pipes. PID 1 starts a lohar that has a new one.
    worker.addEventListener('error', ({ message }) => {
      console.error(`the event thread died: ${message}`);
      process.exit(70);
    });
  }

  pump(unit: string, stream: OutputStream, fd: number): void {
    this.#tell({ do: 'pump', unit, stream, fd });
  }

  /** Ends `pump`, after what is in the pipe: takes it over and closes it when the thread has let go. */
  unpump(fifo: OwnedFd): void {
    this.#forgotten.set(fifo.fd, fifo);
    this.#tell({ do: 'forget', fd: fifo.fd });
  }

  /** Ends the line of what a pumped pipe has brought so far. */
  endLine(fd: number): void {
    this.#tell({ do: 'end-line', fd });
  }

  /** Keeps no more lines of a pumped pipe than the limit allows; undefined keeps all. */
  limit(fd: number, limit: RateLimitSpec | undefined): void {
    this.#tell({ do: 'limit', fd, ...(limit === undefined ? {} : { limit }) });
  }

  /** Writes what comes to this socket into the journal, from now on. */
  log(what: LogSocketKind, fd: number): void {
    this.#tell({ do: 'log', what, fd });
  }

  /** Hears a unit's datagrams until `forgetSocket`, one at a time: each stays on the socket until `onDatagram` has returned. */
  listen(unit: string, fd: number, onDatagram: (notice: Notice) => void): void {
    this.#datagrams.set(fd, onDatagram);
    this.#tell({ do: 'listen', unit, fd });
  }

  /** Takes the socket over and closes it when the thread has let go: a number that were given away earlier could be another's. */
  forgetSocket(socket: OwnedFd): void {
    this.#datagrams.delete(socket.fd);
    this.#forgotten.set(socket.fd, socket);
    this.#tell({ do: 'forget', fd: socket.fd });
  }

  /** Calls back once, when the descriptor is readable. */
  whenReadable(fd: number, callback: () => void): void {
    this.#watched.set(fd, callback);
    this.#tell({ do: 'watch', fd });
  }

  /** Resolves when everything that units had written before is in their journals. */
  flush(): Promise<void> {
    return this.#ask('flush');
  }

  /** Resolves when the journal goes on in new files. */
  rotate(): Promise<void> {
    return this.#ask('rotate');
  }

  #ask(what: 'flush' | 'rotate'): Promise<void> {
    const id = (this.#lastFlush += 1);
    return new Promise((resolve) => {
      this.#flushes.set(id, resolve);
      this.#tell({ do: what, id });
    });
  }

  #hear(event: ThreadEvent): void {
    switch (event.kind) {
      case 'ready':
        return;
      case 'flushed':
        this.#flushes.get(event.id)?.();
        this.#flushes.delete(event.id);
        return;
      case 'datagram':
        return this.#hearDatagram(event);
      case 'readable': {
        const callback = this.#watched.get(event.fd);
        this.#watched.delete(event.fd);
        return callback?.();
      }
      case 'forgotten':
        this.#forgotten.get(event.fd)?.[Symbol.dispose]();
        this.#forgotten.delete(event.fd);
        return;
      case 'lossy':
        return this.onLossy(event.unit, event.why);
      case 'suppressed':
        return this.onSuppressed(event.unit, event.lines);
    }
  }

  #hearDatagram({ fd, ...notice }: ThreadEvent & { kind: 'datagram' }): void {
    const onDatagram = this.#datagrams.get(fd);
    if (onDatagram === undefined) {
      // Forgotten since.
      for (const passed of notice.fds) closeSync(passed);
      return;
    }
    try {
      onDatagram(notice);
    } finally {
      if (this.#datagrams.get(fd) === onDatagram) this.#tell({ do: 'next', fd });
    }
  }

  #tell(command: ThreadCommand): void {
    writeSync(this.#commandFd, `${JSON.stringify(command)}\n`);
  }
}
