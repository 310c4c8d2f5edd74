import { bgrx8888, type PixelFormat } from '@bhatti/rfb/pixel-format.ts';

/** 8 bits a pixel, red in the lowest three. */
export const rgb332: PixelFormat = {
  ...bgrx8888,
  bitsPerPixel: 8,
  depth: 8,
  redMax: 7,
  greenMax: 7,
  blueMax: 3,
  redShift: 0,
  greenShift: 3,
  blueShift: 6,
};
