import { readSync } from 'node:fs';
import { cString, ownFd } from './native/descriptor.ts';
import { errno, errnoError } from './native/errno.ts';
import { lazyLibrary } from './native/library.ts';

const libc = lazyLibrary(['libc.so.6'], {
  inotify_init1: { args: ['i32'], returns: 'i32' },
  inotify_add_watch: { args: ['i32', 'ptr', 'u32'], returns: 'i32' },
  poll: { args: ['ptr', 'u64', 'i32'], returns: 'i32' },
});
const inCloexec = 0o2_000_000;
const inNonblock = 0o4_000;
const inModify = 0x2;
const inMovedTo = 0x80;
const inCreate = 0x100;
const eventHeaderBytes = 16; // struct inotify_event: wd 4, mask 4, cookie 4, len 4, then the name
const pollIn = 1;
const EINTR = 4;
const ENOENT = 2;

/** Sleeps until files in some directories change. Blocks its thread: for programs that have nothing else to do. */
export interface DirectoryWatch extends Disposable {
  /** False when there is no such directory. */
  add(directory: string): boolean;
  /** Waits for the next changes: the directories in which something was written or made. Undefined when the other end of `stdoutFd`, a pipe or terminal, has gone. */
  wait(stdoutFd: number): ReadonlySet<string> | undefined;
}

export function watchDirectories(): DirectoryWatch {
  const made = libc().inotify_init1(inCloexec | inNonblock);
  if (made < 0) throw errnoError('inotify_init1');
  const own = ownFd(made);
  const directories = new Map<number, string>();
  const events = Buffer.alloc(65_536);
  return {
    add(directory) {
      const watch = libc().inotify_add_watch(own.fd, cString(directory), inModify | inCreate | inMovedTo);
      if (watch < 0) {
        if (errno() === ENOENT) return false;
        throw errnoError(`inotify_add_watch "${directory}"`);
      }
      directories.set(watch, directory);
      return true;
    },
    wait(stdoutFd) {
      if (!sleepUntil(own.fd, stdoutFd)) return undefined;
      const changed = new Set<string>();
      const length = readSync(own.fd, events);
      for (let at = 0; at < length; at += eventHeaderBytes + events.readUInt32LE(at + 12)) {
        const directory = directories.get(events.readInt32LE(at));
        // An overflow of the queue names nobody: everything may have changed.
        if (directory === undefined) return new Set(directories.values());
        changed.add(directory);
      }
      return changed;
    },
    [Symbol.dispose]: () => own[Symbol.dispose](),
  };
}

/** False when nobody reads `stdoutFd` any more. */
function sleepUntil(readableFd: number, stdoutFd: number): boolean {
  const fds = Buffer.alloc(16); // two struct pollfd: int fd, short events, short revents
  fds.writeInt32LE(readableFd, 0);
  fds.writeInt16LE(pollIn, 4);
  fds.writeInt32LE(stdoutFd, 8);
  for (;;) {
    // SAFETY: the kernel writes `revents` during the call and keeps nothing.
    const count = libc().poll(fds, 2n, -1);
    if (count < 0 && errno() !== EINTR) throw errnoError('poll');
    if (count > 0) return fds.readInt16LE(14) === 0;
  }
}
