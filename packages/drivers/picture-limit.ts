import type { Picture, Size } from '@bhatti/wire/display/action.ts';

/** How large a picture a model takes. */
export interface PictureLimit {
  readonly maxSidePx: number;
  /** Squares of 28×28 pixels that cover the picture, of which each costs a token; Infinity where only the side counts. */
  readonly maxPatches: number;
}

const patchSidePx = 28;

/** The largest size with the proportions of `of` that the limit allows; never larger than `of`. */
export function largestFit(of: Size, limit: PictureLimit): Size {
  const longest = Math.max(of.width, of.height);
  for (let side = Math.floor(Math.min(longest, limit.maxSidePx)); side > 1; side--) {
    const size = {
      width: Math.max(1, Math.round((of.width * side) / longest)),
      height: Math.max(1, Math.round((of.height * side) / longest)),
    };
    if (patchesOf(size) <= limit.maxPatches) return size;
  }
  return { width: 1, height: 1 };
}

export function patchesOf({ width, height }: Size): number {
  return Math.ceil(width / patchSidePx) * Math.ceil(height / patchSidePx);
}

/** A picture as `data:` URL. */
export function dataUrl(picture: Picture): string {
  return `data:image/${picture.format};base64,${picture.data}`;
}
