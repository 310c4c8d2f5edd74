import type { PictureFormat, Size } from '@bhatti/wire/display/action.ts';

import type { PictureLimit } from '../picture-limit.ts';

/** What the models of the standard tier take: a larger picture is refused, or scaled behind the driver's back. */
export const standardPictures: PictureLimit = { maxSidePx: 1_568, maxPatches: 1_568 };

/** For the models that read pictures in high resolution, at three times the tokens. */
export const highResolutionPictures: PictureLimit = { maxSidePx: 2_576, maxPatches: 4_784 };

// With more than 20 pictures in a request none may be larger. A conversation has so many after 20 turns, and those of its first turns are in it as they were.
const maxSideOfManyPx = 2_000;

export interface PictureOptions {
  /** What the model takes; that of the standard tier without it. */
  readonly pictures?: PictureLimit;
  /** Says that no request will have more than 20 pictures, so that they may be larger than 2000 pixels a side. */
  readonly picturesPerRequest?: 'atMost20' | 'any';
  /** PNG without it. */
  readonly format?: PictureFormat;
  /** 1 to 100, of jpeg and webp. */
  readonly quality?: number;
}

export function limitOf(options: PictureOptions): PictureLimit {
  const limit = options.pictures ?? standardPictures;
  if (options.picturesPerRequest === 'atMost20') return limit;
  return { ...limit, maxSidePx: Math.min(limit.maxSidePx, maxSideOfManyPx) };
}

/** The fields of an action that takes a picture. */
export function pictureFields(options: PictureOptions, fit: Size) {
  const { format, quality } = options;
  return { fit, ...(format === undefined ? {} : { format }), ...(quality === undefined ? {} : { quality }) };
}
