import { readSync } from 'node:fs';
import { cString, ownFd, type OwnedFd } from './native/descriptor.ts';
import { errno, errnoError } from './native/errno.ts';
import { lazyLibrary } from './native/library.ts';

/*
 * inotify(7) as it is. The runtime's own watcher tells neither a file that was closed after writing from one that is being written, nor whom an event of a directory names when it moves.
 */
const libc = lazyLibrary(['libc.so.6'], {
  inotify_init1: { args: ['i32'], returns: 'i32' },
  inotify_add_watch: { args: ['i32', 'ptr', 'u32'], returns: 'i32' },
  inotify_rm_watch: { args: ['i32', 'i32'], returns: 'i32' },
});
const flags = 0o2_004_000; // IN_CLOEXEC, IN_NONBLOCK
const maskAdd = 0x2000_0000;
const eventHeaderBytes = 16; // struct inotify_event: wd 4, mask 4, cookie 4, len 4, then the name
const bufferBytes = 65_536;

/** Bits of an event and of what is asked for. */
export const FILE_EVENTS = {
  modified: 0x2,
  attributes: 0x4,
  writtenAndClosed: 0x8,
  movedFrom: 0x40,
  movedTo: 0x80,
  created: 0x100,
  deleted: 0x200,
  selfDeleted: 0x400,
  selfMoved: 0x800,
  overflowed: 0x4000,
} as const;

export interface FileEvent {
  /** Whose: what `add` gave; -1 when the queue overflowed, and anything may have happened. */
  readonly watch: number;
  readonly mask: number;
  /** Of a file in the watched directory; empty for the watched one itself. */
  readonly name: string;
}

export interface FileWatch {
  readonly descriptor: OwnedFd;
  /** Adds to what is watched of this path; links are followed. Undefined when it cannot be reached. */
  add(path: string, mask: number): number | undefined;
  remove(watch: number): void;
  /** What has happened since the last time. */
  read(): FileEvent[];
}

export function openFileWatch(): FileWatch {
  const made = libc().inotify_init1(flags);
  if (made < 0) throw errnoError('inotify_init1');
  const descriptor = ownFd(made);
  const buffer = Buffer.alloc(bufferBytes);
  return {
    descriptor,
    add(path, mask) {
      const watch = libc().inotify_add_watch(descriptor.fd, cString(path), mask | maskAdd);
      // ENOSPC, ENOMEM: the system's watches are used up. The others say that there is nothing to watch.
      if (watch < 0 && [12, 28].includes(errno())) throw errnoError(`inotify_add_watch "${path}"`);
      return watch < 0 ? undefined : watch;
    },
    remove: (watch) => void libc().inotify_rm_watch(descriptor.fd, watch),
    read() {
      const events: FileEvent[] = [];
      for (;;) {
        const length = readSome(descriptor.fd, buffer);
        if (length === 0) return events;
        for (let at = 0; at < length;) {
          const nameBytes = buffer.readUInt32LE(at + 12);
          const name = buffer.toString('utf8', at + eventHeaderBytes, at + eventHeaderBytes + nameBytes);
          events.push({
            watch: buffer.readInt32LE(at),
            mask: buffer.readUInt32LE(at + 4),
            name: name.replace(/\0+$/, ''),
          });
          at += eventHeaderBytes + nameBytes;
        }
      }
    },
  };
}

function readSome(fd: number, buffer: Buffer): number {
  try {
    return readSync(fd, buffer);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return 0; // nothing more
    throw error;
  }
}
