// Hot loop: pixels of every tile with more than a few colours pass here. `plan.bench.ts` measures it with the rest of planning.
// WHY the `!`: indices are bounded by the area's own size.
import type { PixelArea } from '@bhatti/rfb/encode/pixel-area.ts';

/** How much an area changes from pixel to pixel, going right. */
export interface Contrast {
  /** Pixels that differ from their left neighbour. */
  readonly changes: number;
  /** By how much they do so, in sum: steps of 8-bit green, the colour that says most of brightness. */
  readonly difference: number;
}

/** Looks at every second row, and answers for all. */
export function contrastOf(area: PixelArea): Contrast {
  const { words, offset, stride, width, height } = area;
  let changes = 0;
  let difference = 0;
  for (let y = 0; y < height; y += 2) {
    const row = offset + y * stride;
    let left = words[row]! & 0xffffff;
    for (let i = row + 1; i < row + width; i++) {
      const colour = words[i]! & 0xffffff;
      if (colour === left) continue;
      changes++;
      difference += Math.abs(((colour >> 8) & 0xff) - ((left >> 8) & 0xff));
      left = colour;
    }
  }
  return { changes: changes * 2, difference: difference * 2 };
}
