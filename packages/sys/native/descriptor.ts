import { closeSync } from 'node:fs';
import { errnoError } from './errno.ts';
import { lazyLibrary } from './library.ts';

const libc = lazyLibrary(['libc.so.6'], {
  fcntl: { args: ['i32', 'i32', 'i32'], returns: 'i32' },
});

/** An open descriptor of this process that is closed at the end of its scope, and by nobody else. */
export interface OwnedFd extends Disposable {
  readonly fd: number;
}

/** Takes over a descriptor. Closing twice is harmless; the number may belong to somebody else by then, so it is closed once only. */
export function ownFd(fd: number): OwnedFd {
  let isOpen = true;
  return {
    fd,
    [Symbol.dispose]() {
      if (!isOpen) return;
      isOpen = false;
      closeSync(fd);
    },
  };
}

const F_SETFD = 2;
const FD_CLOEXEC = 1;

/** Keeps a descriptor out of programs that this process starts. */
export function closeOnExec(fd: number): void {
  if (libc().fcntl(fd, F_SETFD, FD_CLOEXEC) !== 0) throw errnoError(`fcntl of descriptor ${fd}`);
}

/** A string as native code takes it. */
export function cString(text: string): Buffer {
  return Buffer.from(`${text}\0`);
}
