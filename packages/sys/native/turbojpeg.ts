import { CString } from 'bun:ffi';
import { CodedError } from '@bhatti/base/errors.ts';
import { lazyLibrary } from './library.ts';
import { openNativeScratch } from './memory.ts';

// libjpeg-turbo's TurboJPEG API 2.1 (turbojpeg.h), Debian's libturbojpeg0. unsigned long is 64 bits on every Linux that Bun runs on.
const turbo = lazyLibrary(['libturbojpeg.so.0'], {
  tjInitCompress: { args: [], returns: 'u64' },
  tjInitDecompress: { args: [], returns: 'u64' },
  tjDestroy: { args: ['u64'], returns: 'i32' },
  tjBufSize: { args: ['i32', 'i32', 'i32'], returns: 'u64' },
  tjCompress2: {
    args: ['u64', 'u64', 'i32', 'i32', 'i32', 'i32', 'ptr', 'ptr', 'i32', 'i32', 'i32'],
    returns: 'i32',
  },
  tjDecompressHeader3: { args: ['u64', 'ptr', 'u64', 'ptr', 'ptr', 'ptr', 'ptr'], returns: 'i32' },
  tjDecompress2: { args: ['u64', 'ptr', 'u64', 'ptr', 'i32', 'i32', 'i32', 'i32', 'i32'], returns: 'i32' },
  tjGetErrorStr2: { args: ['u64'], returns: 'ptr' },
});

const TJPF_BGRX = 3;
const TJFLAG_FASTDCT = 2048;
const TJFLAG_NOREALLOC = 1024;
const subsamplingNumbers = { '4:4:4': 0, '4:2:2': 1, '4:2:0': 2 } as const;

/** 32-bit pixels, bytes B, G, R, unused, as native memory. */
export interface NativePixels {
  readonly address: number;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly strideBytes: number;
}

export interface JpegCompressor extends Disposable {
  /** A whole JPEG file; `quality` is 1 to 100. The result is a view that the next call overwrites. */
  compress(pixels: NativePixels, options: JpegOptions): Uint8Array;
}

export interface JpegOptions {
  readonly quality: number;
  readonly subsampling: keyof typeof subsamplingNumbers;
}

/** Throws when the library is not installed. One thread uses one compressor. */
export function openJpegCompressor(): JpegCompressor {
  const library = turbo();
  const handle = library.tjInitCompress();
  const scratch = openNativeScratch();
  // The addresses of tjCompress2's in-out arguments: where the output is, and its size.
  const outAddress = new BigUint64Array(1);
  const outBytes = new BigUint64Array(1);
  return {
    compress(pixels, { quality, subsampling }) {
      const { widthPx, heightPx, strideBytes, address } = pixels;
      const sampling = subsamplingNumbers[subsampling];
      const out = scratch.atLeast(Number(library.tjBufSize(widthPx, heightPx, sampling)));
      outAddress[0] = BigInt(out.address);
      outBytes[0] = BigInt(out.bytes.length);
      // The fast DCT loses visibly above quality 95 and nowhere else, says libjpeg-turbo's own documentation of the flag.
      const flags = TJFLAG_NOREALLOC | (quality <= 95 ? TJFLAG_FASTDCT : 0);
      const result = library.tjCompress2(
        handle,
        address,
        widthPx,
        strideBytes,
        heightPx,
        TJPF_BGRX,
        outAddress,
        outBytes,
        sampling,
        quality,
        flags,
      );
      if (result !== 0) throw failure(handle, `compress ${widthPx} × ${heightPx} pixels as JPEG`);
      return out.bytes.subarray(0, Number(outBytes[0]));
    },
    [Symbol.dispose]() {
      library.tjDestroy(handle);
      scratch[Symbol.dispose]();
    },
  };
}

/** A decoded JPEG: 32-bit pixels, bytes B, G, R, 0xFF, rows without gaps. */
export interface DecodedJpeg {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly bgrx: Uint8Array<ArrayBuffer>;
}

/** Decodes a whole JPEG file. Throws INVALID_ARGUMENT for what is none, or has more than `maxPixels`. */
export function decompressJpeg(jpeg: Uint8Array, maxPixels: number): DecodedJpeg {
  const library = turbo();
  const handle = library.tjInitDecompress();
  try {
    // Width, height, subsampling and colour space, each by its own pointer.
    const header = [new Int32Array(1), new Int32Array(1), new Int32Array(1), new Int32Array(1)] as const;
    if (library.tjDecompressHeader3(handle, jpeg, jpeg.length, ...header) !== 0) throw failure(handle, 'read a JPEG');
    const widthPx = header[0][0] ?? 0;
    const heightPx = header[1][0] ?? 0;
    if (widthPx * heightPx > maxPixels) {
      throw new CodedError('INVALID_ARGUMENT', `cannot read a JPEG: ${widthPx} × ${heightPx} pixels are too many`, {
        argument: 'jpeg',
      });
    }
    const bgrx = new Uint8Array(widthPx * heightPx * 4);
    if (library.tjDecompress2(handle, jpeg, jpeg.length, bgrx, widthPx, widthPx * 4, heightPx, TJPF_BGRX, 0) !== 0) {
      throw failure(handle, 'decode a JPEG');
    }
    return { widthPx, heightPx, bgrx };
  } finally {
    library.tjDestroy(handle);
  }
}

function failure(handle: bigint, what: string): CodedError<'INVALID_ARGUMENT'> {
  const text = turbo().tjGetErrorStr2(handle);
  const why = text === null ? 'unknown error' : new CString(text);
  return new CodedError('INVALID_ARGUMENT', `cannot ${what}: ${why}`, { argument: 'jpeg' });
}
