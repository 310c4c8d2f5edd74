import { writeSync } from 'node:fs';
import { lazyLibrary } from './native/library.ts';

const libc = lazyLibrary(['libc.so.6'], { poll: { args: ['ptr', 'u64', 'i32'], returns: 'i32' } });
const pollOut = 4;

/** Writes all of it, waiting where a pipe is full, also one that does not block. False when nobody reads any more. For programs that have nothing else to do. */
export function writeAll(fd: number, bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length;) {
    try {
      at += writeSync(fd, bytes, at, bytes.length - at);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (code === 'EPIPE') return false;
      if (code !== 'EAGAIN') throw error;
      waitUntilWritable(fd);
    }
  }
  return true;
}

function waitUntilWritable(fd: number): void {
  const pollfd = Buffer.alloc(8); // struct pollfd: int fd, short events, short revents
  pollfd.writeInt32LE(fd, 0);
  pollfd.writeInt16LE(pollOut, 4);
  // SAFETY: the kernel writes `revents` during the call and keeps nothing.
  libc().poll(pollfd, 1n, -1);
}
