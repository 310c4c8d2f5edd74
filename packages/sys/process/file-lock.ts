import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { lazyLibrary } from '../native/library.ts';

const libc = lazyLibrary(['libc.so.6'], { flock: { args: ['i32', 'i32'], returns: 'i32' } });
const lockExclusive = 2; // LOCK_EX of flock(2)
const lockNonBlocking = 4; // LOCK_NB

/**
 * Takes the lock that the file at `path` stands for, and writes this process's id into it; undefined when another process holds it. The kernel gives the lock back when
 * the holder ends, however it ends, so nothing is ever left to clear away.
 */
export function tryLockFile(path: string): Disposable | undefined {
  const fd = openSync(path, 'a+', 0o600);
  if (libc().flock(fd, lockExclusive | lockNonBlocking) !== 0) {
    closeSync(fd);
    return undefined;
  }
  ftruncateSync(fd);
  writeSync(fd, `${process.pid}\n`);
  return { [Symbol.dispose]: () => closeSync(fd) };
}

/** The process id that the present holder wrote. */
export function lockHolder(path: string): number | undefined {
  const pid = Number(readFileSync(path, 'utf8').trim());
  return Number.isInteger(pid) && pid > 0 ? pid : undefined;
}
