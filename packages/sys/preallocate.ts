import { errnoError } from './native/errno.ts';
import { lazyLibrary } from './native/library.ts';

const libc = lazyLibrary(['libc.so.6'], { fallocate: { args: ['i32', 'i32', 'i64', 'i64'], returns: 'i32' } });

/** Makes sure that the first `bytes` of a file can be written whatever else fills the file system; what is new reads as zeros. Throws when there is no room. */
export function preallocate(fd: number, bytes: number): void {
  if (libc().fallocate(fd, 0, 0n, BigInt(bytes)) !== 0) throw errnoError('fallocate');
}
