import { lazyLibrary } from './native/library.ts';

const libc = lazyLibrary(['libc.so.6'], { clock_gettime: { args: ['i32', 'ptr'], returns: 'i32' } });
const clockRealtime = 0;
const clockMonotonic = 1;
const clockBoottime = 7;
const timespec = new BigInt64Array(2);

/** Microseconds since the epoch, the same for every thread. */
export function realtimeUs(): number {
  return read(clockRealtime);
}

/** Microseconds since the kernel started without those that it was suspended, as CLOCK_MONOTONIC counts them. */
export function monotonicUs(): number {
  return read(clockMonotonic);
}

/** Microseconds since the kernel started, suspended time included; changes of the wall clock do not move it. */
export function boottimeUs(): number {
  return read(clockBoottime);
}

function read(clock: number): number {
  // SAFETY: the kernel fills the two numbers during the call and keeps nothing.
  libc().clock_gettime(clock, timespec);
  return Number(timespec[0]) * 1_000_000 + Math.floor(Number(timespec[1]) / 1_000);
}
