import { dlopen, type FFIFunction } from 'bun:ffi';

/**
 * A native library, opened at its first use and never closed. `names` are tried in order; throws what the loader said of the last one.
 *
 * Rules for all native calls, each learned by a crash: memory that native code keeps beyond one call comes from calloc, mmap or shmat, never from `ptr(typedArray)`, since the collector
 * moves small arrays; `/proc` must be mounted, or a compiled executable aborts; no call may block the event loop for long.
 */
export function lazyLibrary<S extends Record<string, FFIFunction>>(names: readonly string[], symbols: S) {
  let opened: ReturnType<typeof dlopen<S>>['symbols'] | undefined;
  return () => (opened ??= openFirst(names, symbols));
}

function openFirst<S extends Record<string, FFIFunction>>(names: readonly string[], symbols: S) {
  let last: unknown;
  for (const name of names) {
    try {
      return dlopen(name, symbols).symbols;
    } catch (error) {
      last = error; // expected: this name is not installed; the next may be
    }
  }
  throw last;
}
