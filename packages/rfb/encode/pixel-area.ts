import type { Rect } from '../rect.ts';

/**
 * A rectangle of pixels in memory, one 32-bit word each; row y begins at word `offset + y * stride`. The lower 24 bits are the colour; the upper 8 may
 * hold anything, as in a framebuffer of depth 24. Words are signed because engines keep such numbers as integers, where unsigned ones above
 * 2³¹ become floating point.
 */
export interface PixelArea {
  readonly words: Int32Array;
  readonly offset: number;
  readonly stride: number;
  readonly width: number;
  readonly height: number;
}

/** A part of an area; `rect` is relative to it and lies inside. */
export function partOf(area: PixelArea, rect: Rect): PixelArea {
  const offset = area.offset + rect.y * area.stride + rect.x;
  return { words: area.words, offset, stride: area.stride, width: rect.width, height: rect.height };
}
