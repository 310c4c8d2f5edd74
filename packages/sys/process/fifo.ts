import { constants, openSync, readSync } from 'node:fs';
import { cString, ownFd, type OwnedFd } from '../native/descriptor.ts';
import { errno, errnoError } from '../native/errno.ts';
import { lazyLibrary } from '../native/library.ts';

const libc = lazyLibrary(['libc.so.6'], {
  mkfifo: { args: ['ptr', 'u32'], returns: 'i32' },
});

const EEXIST = 17;
const pipeCapacity = 65_536;

/**
 * A named pipe, opened for reading and writing without blocking. A program that gets it as its output never blocks and is never killed by SIGPIPE: it holds the reading end
 * itself, and what does not fit into the pipe's 64 KiB is refused. So its first words are kept, and nothing grows.
 */
export function openFifo(path: string): OwnedFd {
  if (libc().mkfifo(cString(path), 0o600) !== 0 && errno() !== EEXIST)
    throw errnoError(`cannot make the pipe "${path}"`);
  return ownFd(openSync(path, constants.O_RDWR | constants.O_NONBLOCK));
}

/** What a FIFO holds now, taken out of it; empty when it holds nothing or is not there. */
export function drainFifo(path: string): string {
  const chunk = Buffer.alloc(pipeCapacity);
  try {
    using fifo = ownFd(openSync(path, constants.O_RDONLY | constants.O_NONBLOCK));
    return chunk.toString('utf8', 0, readSync(fifo.fd, chunk));
  } catch {
    return ''; // expected: EAGAIN where it is empty, ENOENT where it was never made
  }
}
