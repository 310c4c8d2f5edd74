import { maxTightWidth } from '@bhatti/rfb/encode/tight.ts';
import { intersectRects, isEmptyRect, rectArea, type Rect } from '@bhatti/rfb/rect.ts';

import type { FramebufferRef } from './encode-job.ts';
import { tilePx } from './tile-grid.ts';

// Less than this is encoded sooner by one thread than it is shared out: a message to a thread and back costs as much as 20 000 pixels.
const minPartPixels = 64 * 1024;
// What is encoded in one go: bounds a worker's scratch memory and the time until it can take something else.
const maxPartPixels = 1 << 20;

/** The rects of a job, clipped and shared out among `threads` workers in parts of about equal area, in order. */
export function splitRects(
  framebuffer: Pick<FramebufferRef, 'widthPx' | 'heightPx'>,
  rects: readonly Rect[],
  threads: number,
): Rect[][] {
  const screen = { x: 0, y: 0, width: framebuffer.widthPx, height: framebuffer.heightPx };
  const clipped = rects.map((rect) => intersectRects(rect, screen)).filter((rect) => !isEmptyRect(rect));
  const total = clipped.reduce((sum, rect) => sum + rectArea(rect), 0);
  const target = Math.min(maxPartPixels, Math.max(minPartPixels, Math.ceil(total / threads)));
  const parts: Rect[][] = [];
  let part: Rect[] = [];
  let pixels = 0;
  for (const rect of clipped.flatMap((whole) => cutRect(whole, target))) {
    if (pixels > 0 && pixels + rectArea(rect) > target * 1.25) {
      parts.push(part);
      part = [];
      pixels = 0;
    }
    part.push(rect);
    pixels += rectArea(rect);
  }
  if (part.length > 0) parts.push(part);
  return parts;
}

// Into columns that every client's Tight decoder takes, and those into bands of whole tiles.
function cutRect(rect: Rect, targetPixels: number): Rect[] {
  const pieces: Rect[] = [];
  for (let x = 0; x < rect.width; x += maxTightWidth) {
    const width = Math.min(maxTightWidth, rect.width - x);
    const rows = Math.max(1, Math.round(targetPixels / width / tilePx)) * tilePx;
    for (let y = 0; y < rect.height; y += rows) {
      pieces.push({ x: rect.x + x, y: rect.y + y, width, height: Math.min(rows, rect.height - y) });
    }
  }
  return pieces;
}
