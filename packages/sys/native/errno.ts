import { CString, read } from 'bun:ffi';
import { lazyLibrary } from './library.ts';

const libc = lazyLibrary(['libc.so.6'], {
  __errno_location: { args: [], returns: 'ptr' },
  strerror: { args: ['i32'], returns: 'ptr' },
});

/** `errno` of the last failed libc call of this thread. Read it before anything else happens. */
export function errno(): number {
  const at = libc().__errno_location();
  return at === null ? 0 : read.i32(at, 0);
}

/** The error of a failed libc call, with verb, subject and number: `mount "/x": Permission denied (errno 13)`. */
export function errnoError(what: string): Error & { errno: number } {
  const number = errno();
  const text = libc().strerror(number);
  const error = new Error(`${what}: ${text === null ? 'error' : new CString(text)} (errno ${number})`);
  return Object.assign(error, { errno: number });
}
