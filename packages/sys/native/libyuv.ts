import { lazyLibrary } from './library.ts';
import { allocateNative, type NativeMemory } from './memory.ts';
import type { NativePixels } from './turbojpeg.ts';

// libyuv (convert_from_argb.h), Debian's libyuv0. "ARGB" is a little-endian word: bytes B, G, R, unused.
const yuv = lazyLibrary(['libyuv.so.0'], {
  ARGBToJ420: {
    args: ['u64', 'i32', 'u64', 'i32', 'u64', 'i32', 'u64', 'i32', 'i32', 'i32'],
    returns: 'i32',
  },
});

/** A picture in three planes of native memory, BT.601 in full range; those of colour have half the width and height. */
export interface YuvPlanes extends Disposable {
  readonly widthPx: number;
  readonly heightPx: number;
  /** Where Y, U and V begin. */
  readonly addresses: readonly [number, number, number];
  /** Bytes from row to row in each. */
  readonly strides: readonly [number, number, number];
  /** Takes pixels of the same size. */
  fill(pixels: NativePixels): void;
}

/** Width and height must be even. Throws when the library is not installed. */
export function allocateYuvPlanes(widthPx: number, heightPx: number): YuvPlanes {
  const { ARGBToJ420 } = yuv();
  const half = widthPx >> 1;
  const quarter = half * (heightPx >> 1);
  const memory: NativeMemory = allocateNative(widthPx * heightPx + 2 * quarter);
  const y = memory.address;
  const u = y + widthPx * heightPx;
  const v = u + quarter;
  return {
    widthPx,
    heightPx,
    addresses: [y, u, v],
    strides: [widthPx, half, half],
    fill: ({ address, strideBytes }) => {
      ARGBToJ420(address, strideBytes, y, widthPx, u, half, v, half, widthPx, heightPx);
    },
    [Symbol.dispose]: () => memory.free(),
  };
}
