import { toArrayBuffer } from 'bun:ffi';
import { lazyLibrary } from './library.ts';

const libc = lazyLibrary(['libc.so.6'], {
  calloc: { args: ['u64', 'u64'], returns: 'u64' },
  free: { args: ['u64'], returns: 'void' },
});

/** Memory that native code may keep and write to between calls: the collector neither moves nor frees it. */
export interface NativeMemory extends Disposable {
  readonly address: number;
  /** The same memory as bytes; empty after `free`. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  free(): void;
}

/** Zeroed memory, 16-byte aligned; at least one byte of it. */
export function allocateNative(size: number): NativeMemory {
  // calloc may answer a request for nothing with no address, and a view of nothing cannot be made.
  const allocated = Math.max(size, 1);
  const address = Number(libc().calloc(1, allocated));
  if (address === 0) throw new RangeError(`calloc of ${size} bytes failed`);
  const bytes = new Uint8Array(viewNative(address, allocated));
  let isFreed = false;
  function free(): void {
    if (isFreed) return;
    isFreed = true;
    // Detaches every view, so that a later use finds it empty instead of freed memory.
    bytes.buffer.transfer(0);
    libc().free(address);
  }
  return { address, bytes, free, [Symbol.dispose]: free };
}

/** Native memory that is made larger when asked for more than it has. Its contents are lost then. */
export interface NativeScratch extends Disposable {
  atLeast(size: number): NativeMemory;
}

export function openNativeScratch(): NativeScratch {
  let memory: NativeMemory | undefined;
  return {
    atLeast(size) {
      if (memory !== undefined && memory.bytes.length >= size) return memory;
      // Half as much again, so that sizes which creep up do not allocate each time.
      const wanted = memory === undefined ? size : Math.max(size, Math.ceil(memory.bytes.length * 1.5));
      memory?.free();
      memory = allocateNative(wanted);
      return memory;
    },
    [Symbol.dispose]: () => memory?.free(),
  };
}

/** Native memory as an ArrayBuffer, which neither owns nor frees it. */
export function viewNative(address: number, size: number): ArrayBuffer {
  // SAFETY: the caller vouches that `size` bytes at `address` stay mapped while the buffer is used; the type of pointers is a brand of bun:ffi.
  return toArrayBuffer(address as Parameters<typeof toArrayBuffer>[0], 0, size);
}
