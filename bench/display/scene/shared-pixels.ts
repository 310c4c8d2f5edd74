import { errnoError } from '@bhatti/sys/native/errno.ts';
import { lazyLibrary } from '@bhatti/sys/native/library.ts';
import { attachSharedSegment, type SharedSegment } from '@bhatti/sys/shm.ts';

const libc = lazyLibrary(['libc.so.6'], { shmget: { args: ['i32', 'u64', 'i32'], returns: 'i32' } });

const IPC_PRIVATE = 0;
const IPC_CREAT = 0o1000;

/** A segment that X servers of any account may map: those under test run as different ones. It is in the bench's own IPC namespace and ends with that. */
export function createOpenSegment(bytes: number): SharedSegment {
  const id = libc().shmget(IPC_PRIVATE, bytes, IPC_CREAT | 0o666);
  if (id < 0) throw errnoError(`shmget of ${bytes} bytes`);
  return attachSharedSegment({ id, bytes });
}

export function wordsOf(segment: SharedSegment, from = 0, count = segment.bytes / 4 - from): Int32Array {
  return new Int32Array(segment.memory(), from * 4, count);
}
