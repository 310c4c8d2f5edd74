import { errno, errnoError } from './native/errno.ts';
import { lazyLibrary } from './native/library.ts';

const libc = lazyLibrary(['libc.so.6'], {
  splice: { args: ['i32', 'ptr', 'i32', 'ptr', 'u64', 'u32'], returns: 'i64' },
});
const spliceMove = 1;
const spliceNonblock = 2;
const EAGAIN = 11;

/**
 * Moves what a pipe holds into a file at `offset`, inside the kernel: bytes are in the pipe or in the file at every instant, so that a caller who is killed in between loses none. The file
 * must not be open for appending. Returns the bytes moved, 0 when the pipe is empty. Throws what the system said (`errno` ENOSPC …).
 */
export function spliceToFile(pipeFd: number, fileFd: number, offset: number, maxBytes: number): number {
  const at = BigInt64Array.of(BigInt(offset));
  // SAFETY: the kernel reads and writes the offset during the call and keeps nothing.
  const moved = Number(libc().splice(pipeFd, null, fileFd, at, BigInt(maxBytes), spliceMove | spliceNonblock));
  if (moved >= 0) return moved;
  if (errno() === EAGAIN) return 0;
  throw errnoError('splice');
}
