import type { Rect } from '@bhatti/rfb/rect.ts';
import { type Region, regionOf } from '@bhatti/rfb/region.ts';

const cellWidth = 64;
const cellHeight = 16;

/**
 * A region of whole cells that holds these rects, as far as they are on the screen. A program that writes a line damages each letter, and hundreds of rects are neither compared nor sent well; what the
 * cells have beside them did not change, and is not found to have.
 */
export function coverOf(rects: readonly Rect[], screen: { readonly width: number; readonly height: number }): Region {
  const cells = new Map<number, { from: number; to: number }[]>();
  for (const { x, y, width, height } of rects) {
    const from = Math.floor(x / cellWidth);
    const to = Math.ceil((x + width) / cellWidth);
    const bottom = Math.ceil((y + height) / cellHeight);
    for (let row = Math.floor(y / cellHeight); row < bottom; row++) {
      const runs = cells.get(row);
      const last = runs?.at(-1);
      // Rects come from left to right within their rows, so most continue the last run.
      if (last !== undefined && from <= last.to && to >= last.from) {
        last.from = Math.min(last.from, from);
        last.to = Math.max(last.to, to);
      } else if (runs === undefined) cells.set(row, [{ from, to }]);
      else runs.push({ from, to });
    }
  }
  const cover: Rect[] = [];
  for (const [row, runs] of cells) {
    const y = Math.max(0, row * cellHeight);
    const height = Math.min(screen.height, (row + 1) * cellHeight) - y;
    for (const { from, to } of runs) {
      const x = Math.max(0, from * cellWidth);
      cover.push({ x, y, width: Math.min(screen.width, to * cellWidth) - x, height });
    }
  }
  return regionOf(...cover);
}
