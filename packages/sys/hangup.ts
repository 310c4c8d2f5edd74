import { lazyLibrary } from './native/library.ts';

const libc = lazyLibrary(['libc.so.6'], { poll: { args: ['ptr', 'u64', 'i32'], returns: 'i32' } });
const pollErr = 8;
const pollHup = 16;

/** Whether nobody reads any more what is written to this descriptor: the other end of a pipe or terminal is gone. */
export function isHungUp(fd: number): boolean {
  const pollfd = Buffer.alloc(8); // struct pollfd: int fd, short events, short revents
  pollfd.writeInt32LE(fd, 0);
  // SAFETY: the kernel writes `revents` during the call and keeps nothing.
  const ready = libc().poll(pollfd, 1n, 0);
  return ready > 0 && (pollfd.readInt16LE(6) & (pollErr | pollHup)) !== 0;
}
