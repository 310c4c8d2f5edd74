import { isEmptyRect, type Rect, rectContains } from '../rect.ts';
import { violation } from '../violation.ts';

/** A client's picture of the screen: one word 0x00RRGGBB a pixel, rows without gaps. */
export interface DecodedFramebuffer {
  readonly width: number;
  readonly height: number;
  readonly words: Int32Array;
}

export function createFramebuffer(width: number, height: number): DecodedFramebuffer {
  return { width, height, words: new Int32Array(width * height) };
}

/** Throws PROTOCOL_VIOLATION for a rect that has no pixels or leaves the framebuffer. */
export function checkRect(framebuffer: DecodedFramebuffer, rect: Rect): void {
  const bounds = { x: 0, y: 0, width: framebuffer.width, height: framebuffer.height };
  if (isEmptyRect(rect) || !rectContains(bounds, rect)) {
    throw violation(`rect: ${rect.width} × ${rect.height} at ${rect.x},${rect.y} is outside of the screen`);
  }
}

export function fillRect(framebuffer: DecodedFramebuffer, rect: Rect, rgb: number): void {
  for (let y = rect.y; y < rect.y + rect.height; y++) {
    const row = y * framebuffer.width + rect.x;
    framebuffer.words.fill(rgb, row, row + rect.width);
  }
}

/** Copies pixels within the framebuffer; both places may overlap. */
export function copyRect(framebuffer: DecodedFramebuffer, rect: Rect, from: { x: number; y: number }): void {
  const { width, words } = framebuffer;
  checkRect(framebuffer, { ...from, width: rect.width, height: rect.height });
  for (let i = 0; i < rect.height; i++) {
    // Rows that are still to be read must not be overwritten.
    const y = from.y < rect.y ? rect.height - 1 - i : i;
    const source = (from.y + y) * width + from.x;
    words.copyWithin((rect.y + y) * width + rect.x, source, source + rect.width);
  }
}

/** Puts pixels that `next` gives, row by row, into a rect. */
export function paintRect(framebuffer: DecodedFramebuffer, rect: Rect, next: () => number): void {
  for (let y = rect.y; y < rect.y + rect.height; y++) {
    const row = y * framebuffer.width + rect.x;
    for (let i = row; i < row + rect.width; i++) framebuffer.words[i] = next();
  }
}
