import type { OwnedFd } from '@bhatti/sys/native/descriptor.ts';
import { acceptUnix, type Accepted } from '@bhatti/sys/network/unix-accept.ts';
import { readSync } from 'node:fs';
import type { DatagramLog } from '../journal/datagram-log.ts';
import { StreamLines } from '../journal/stream-lines.ts';

const maxConnections = 4_096; // journald's bound

export interface Watcher {
  add(fd: number, onReadable: () => void): void;
  remove(fd: number): void;
}

/** The connections to the journal's stream socket. They end with lohar: who wants more has its unit's own output. */
export class LogStreams {
  readonly #log: DatagramLog;
  readonly #watcher: Watcher;
  readonly #chunk = Buffer.alloc(65_536);
  #count = 0;

  constructor(log: DatagramLog, watcher: Watcher) {
    this.#log = log;
    this.#watcher = watcher;
  }

  accept(listenFd: number): void {
    const accepted = acceptUnix(listenFd);
    if (accepted === undefined) return;
    if (this.#count >= maxConnections) return accepted.socket[Symbol.dispose]();
    this.#count += 1;
    const lines = new StreamLines();
    this.#watcher.add(accepted.socket.fd, () => this.#read(accepted, lines));
  }

  #read(from: Accepted, lines: StreamLines): void {
    const { socket } = from;
    try {
      const length = tryRead(socket, this.#chunk);
      if (length === undefined) return;
      const entries = length === 0 ? lines.end() : lines.take(this.#chunk.subarray(0, length));
      for (const fields of entries) this.#log.append(from, 'stdout', fields);
      if (length > 0) return;
    } catch {
      // expected: the peer has vanished, or does not speak this protocol
    }
    this.#watcher.remove(socket.fd);
    socket[Symbol.dispose]();
    this.#count -= 1;
  }
}

/** Undefined when there is nothing yet. */
function tryRead(socket: OwnedFd, chunk: Buffer): number | undefined {
  try {
    return readSync(socket.fd, chunk);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return undefined;
    throw error;
  }
}
