import { lazyLibrary } from './library.ts';
import { openNativeScratch } from './memory.ts';

// libdeflate 1.14 (libdeflate.h), Debian's libdeflate0: whole buffers only, two to three times as fast as zlib at its lowest level.
const libdeflate = lazyLibrary(['libdeflate.so.0'], {
  libdeflate_alloc_compressor: { args: ['i32'], returns: 'u64' },
  libdeflate_free_compressor: { args: ['u64'], returns: 'void' },
  libdeflate_zlib_compress: { args: ['u64', 'ptr', 'u64', 'u64', 'u64'], returns: 'u64' },
  libdeflate_zlib_compress_bound: { args: ['u64', 'u64'], returns: 'u64' },
  libdeflate_crc32: { args: ['u32', 'ptr', 'u64'], returns: 'u32' },
});

export interface Deflater extends Disposable {
  /** A whole zlib stream (RFC 1950). The result is a view that the next call overwrites. */
  deflate(bytes: Uint8Array): Uint8Array;
}

/** Level 1 (fast) to 12 (small). Throws when the library is not installed. One thread uses one deflater. */
export function openDeflater(level: number): Deflater {
  const library = libdeflate();
  const compressor = library.libdeflate_alloc_compressor(level);
  if (compressor === 0n) throw new RangeError(`libdeflate has no level ${level}`);
  const scratch = openNativeScratch();
  return {
    deflate(bytes) {
      const out = scratch.atLeast(Number(library.libdeflate_zlib_compress_bound(compressor, bytes.length)));
      const written = library.libdeflate_zlib_compress(compressor, bytes, bytes.length, out.address, out.bytes.length);
      return out.bytes.subarray(0, Number(written));
    },
    [Symbol.dispose]() {
      library.libdeflate_free_compressor(compressor);
      scratch[Symbol.dispose]();
    },
  };
}

/** CRC-32 as PNG and gzip use it; `seed` is the sum of what came before. */
export function crc32(bytes: Uint8Array, seed = 0): number {
  return libdeflate().libdeflate_crc32(seed, bytes, bytes.length);
}
