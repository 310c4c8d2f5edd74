import type { PixelArea } from '@bhatti/rfb/encode/pixel-area.ts';
import type { CursorShape } from '@bhatti/rfb/cursor.ts';

/** Draws a pointer into an area, its hot spot at `x`, `y` of the area; parts outside are left out. */
export function drawCursor(
  area: PixelArea,
  cursor: { readonly x: number; readonly y: number; readonly shape: CursorShape },
): void {
  const { width, height, hotX, hotY, rgba } = cursor.shape;
  const left = cursor.x - hotX;
  const top = cursor.y - hotY;
  for (let y = Math.max(0, -top); y < Math.min(height, area.height - top); y++) {
    for (let x = Math.max(0, -left); x < Math.min(width, area.width - left); x++) {
      const [red = 0, green = 0, blue = 0, alpha = 0] = rgba.subarray((y * width + x) * 4, (y * width + x) * 4 + 4);
      const at = area.offset + (top + y) * area.stride + left + x;
      area.words[at] = blend(area.words[at] ?? 0, (red << 16) | (green << 8) | blue, alpha);
    }
  }
}

function blend(below: number, above: number, alpha: number): number {
  let mixed = 0;
  for (const shift of [16, 8, 0]) {
    const from = (below >> shift) & 0xff;
    const to = (above >> shift) & 0xff;
    mixed |= Math.round(from + ((to - from) * alpha) / 255) << shift;
  }
  return mixed;
}
