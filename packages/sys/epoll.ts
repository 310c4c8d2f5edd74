import { errno, errnoError } from './native/errno.ts';
import { ownFd } from './native/descriptor.ts';
import { lazyLibrary } from './native/library.ts';

const libc = lazyLibrary(['libc.so.6'], {
  epoll_create1: { args: ['i32'], returns: 'i32' },
  epoll_ctl: { args: ['i32', 'i32', 'i32', 'ptr'], returns: 'i32' },
  epoll_wait: { args: ['i32', 'ptr', 'i32', 'i32'], returns: 'i32' },
});

const epollCloexec = 0o2_000_000;
const ctlAdd = 1;
const ctlDel = 2;
const epollIn = 1;
const maxEvents = 64;
const EINTR = 4;
// struct epoll_event is packed on x86-64 and is not elsewhere (include/uapi/linux/eventpoll.h).
const eventSize = process.arch === 'x64' ? 12 : 16;
const dataAt = eventSize - 8;

/** Waits for descriptors to become readable. `wait` blocks its thread: for worker threads only. */
export interface Epoll extends Disposable {
  add(fd: number): void;
  remove(fd: number): void;
  /** The descriptors that are readable; empty after `timeoutMs`. -1 waits without end. */
  wait(timeoutMs: number): number[];
}

export function openEpoll(): Epoll {
  const made = libc().epoll_create1(epollCloexec);
  if (made < 0) throw errnoError('epoll_create1');
  const own = ownFd(made);
  const events = Buffer.alloc(eventSize * maxEvents);
  const control = (operation: number, fd: number) => {
    const event = Buffer.alloc(eventSize);
    event.writeUInt32LE(epollIn, 0);
    event.writeInt32LE(fd, dataAt);
    if (libc().epoll_ctl(own.fd, operation, fd, event) !== 0) throw errnoError(`epoll_ctl ${operation} ${fd}`);
  };
  return {
    add: (fd) => control(ctlAdd, fd),
    remove: (fd) => control(ctlDel, fd),
    wait(timeoutMs) {
      // SAFETY: the kernel fills `events` during the call and keeps nothing.
      const count = libc().epoll_wait(own.fd, events, maxEvents, timeoutMs);
      if (count < 0 && errno() !== EINTR) throw errnoError('epoll_wait');
      return Array.from({ length: Math.max(0, count) }, (_, at) => events.readInt32LE(at * eventSize + dataAt));
    },
    [Symbol.dispose]: () => own[Symbol.dispose](),
  };
}
