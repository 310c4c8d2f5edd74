import { receiveDatagram } from '@bhatti/sys/datagram.ts';
import { openEpoll, type Epoll } from '@bhatti/sys/epoll.ts';
import { readSync } from 'node:fs';
import { OutputFile } from '../journal/output-file.ts';
import type { ThreadCommand, ThreadEvent, ThreadStart } from './message.ts';

/*
 * What must be waited for in the kernel and the runtime cannot wait for: pipes whose bytes must not pass through this process, datagram sockets, pidfds. A thread of its own, so that a unit that floods takes
 * nothing from the agent; asleep while all are silent. What units write goes from pipe to file by splice(2): a lohar that is killed at any instant loses none of it.
 */
const maxMoveBytes = 1024 * 1024;

// SAFETY: the global scope of a worker thread, which the types take for the main one's.
const scope = globalThis as unknown as {
  postMessage(message: ThreadEvent): void;
  onmessage: ((event: { data: ThreadStart }) => void) | null;
};
scope.onmessage = ({ data }) => serve(data);
scope.postMessage({ kind: 'ready' });

/** What to do when a descriptor is readable. */
type OnReadable = () => void;

function serve({ commandFd, journalDir }: ThreadStart): never {
  const epoll = openEpoll();
  const readers = new Map<number, OnReadable>();
  const pumps = new Map<number, Pump>();
  const add = (fd: number, onReadable: OnReadable) => {
    readers.set(fd, onReadable);
    epoll.add(fd);
  };
  const obey = (command: ThreadCommand) => {
    switch (command.do) {
      case 'pump': {
        const pump = new Pump(command, journalDir);
        pumps.set(command.fd, pump);
        return add(command.fd, () => pump.move(1));
      }
      case 'listen':
        return add(command.fd, () => forwardDatagram(command.fd, command.unit));
      case 'watch':
        return add(command.fd, () => {
          forget(epoll, readers, command.fd);
          scope.postMessage({ kind: 'readable', fd: command.fd });
        });
      case 'forget':
        forget(epoll, readers, command.fd);
        pumps.get(command.fd)?.close();
        pumps.delete(command.fd);
        return scope.postMessage({ kind: 'forgotten', fd: command.fd });
      case 'flush':
        for (const pump of pumps.values()) pump.move(64);
        return scope.postMessage({ kind: 'flushed', id: command.id });
    }
  };
  const commands = new CommandReader(commandFd);
  add(commandFd, () => {
    for (const command of commands.read()) obey(command);
  });
  for (;;) for (const fd of epoll.wait(-1)) readers.get(fd)?.();
}

function forget(epoll: Epoll, readers: Map<number, OnReadable>, fd: number): void {
  if (readers.delete(fd)) epoll.remove(fd);
}

function forwardDatagram(fd: number, unit: string): void {
  const datagram = receiveDatagram(fd);
  if (datagram !== undefined) scope.postMessage({ kind: 'datagram', unit, pid: datagram.pid, text: datagram.text });
}

/** One unit's pipe and file. */
class Pump {
  readonly #unit: string;
  readonly #fd: number;
  readonly #file: OutputFile;

  constructor({ unit, stream, fd }: ThreadCommand & { do: 'pump' }, journalDir: string) {
    this.#unit = unit;
    this.#fd = fd;
    this.#file = new OutputFile(journalDir, unit, stream);
  }

  close(): void {
    this.#file.close();
  }

  /** A few rounds at most, so that one flooding unit does not keep the others waiting. */
  move(rounds: number): void {
    for (let round = 0; round < rounds; round += 1) {
      const taken = this.#file.take(this.#fd, maxMoveBytes);
      if (taken.kind === 'empty') return;
      if (taken.kind === 'lossy') scope.postMessage({ kind: 'lossy', unit: this.#unit, why: taken.why });
    }
  }
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
