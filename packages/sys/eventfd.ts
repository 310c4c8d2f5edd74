import { readSync, writeSync } from 'node:fs';
import { ownFd, type OwnedFd } from './native/descriptor.ts';
import { errnoError } from './native/errno.ts';
import { lazyLibrary } from './native/library.ts';

const libc = lazyLibrary(['libc.so.6'], { eventfd: { args: ['u32', 'i32'], returns: 'i32' } });

const efdCloexecNonblock = 0o2_004_000;

/** A counter that the kernel raises and that is readable while it is not 0 (eventfd(2)). */
export function openEventFd(): OwnedFd {
  const fd = libc().eventfd(0, efdCloexecNonblock);
  if (fd < 0) throw errnoError('eventfd');
  return ownFd(fd);
}

/** Takes what it has counted, so that it is readable again only after the next event. */
export function drainEventFd({ fd }: OwnedFd): void {
  try {
    readSync(fd, Buffer.alloc(8));
  } catch (error) {
    // Expected: nothing happened since.
    if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) throw error;
  }
}

export function raiseEventFd({ fd }: OwnedFd): void {
  const one = Buffer.alloc(8);
  one.writeBigUInt64LE(1n);
  writeSync(fd, one);
}
