// Hot loops: every pixel of a screenshot passes here. `png.bench.ts` measures them.
// WHY the `!`: indices are bounded by the area's own size, which the caller has made fit.
import type { Palette } from '@bhatti/rfb/encode/palette.ts';
import type { PixelArea } from '@bhatti/rfb/encode/pixel-area.ts';

const filter = { none: 0, sub: 1 } as const;

/** Rows of one byte a pixel, each with its filter before it. `palette` has all colours of the area. */
export function writeIndexRows(area: PixelArea, palette: Palette, target: Uint8Array): void {
  let at = 0;
  for (let y = 0; y < area.height; y++) {
    target[at] = filter.none;
    const row = { ...area, offset: area.offset + y * area.stride, height: 1 };
    at = palette.writeIndices(row, target, at + 1);
  }
}

/** Rows of red, green, blue, each with its filter before it. */
export function writeRgbRows(area: PixelArea, target: Uint8Array): void {
  const { words, offset, stride, width, height } = area;
  let at = 0;
  for (let y = 0; y < height; y++) {
    const row = offset + y * stride;
    at = isPictureRow(words, row, width)
      ? writeSubRow(words, row, width, target, at)
      : writePlainRow(words, row, width, target, at);
  }
}

// Text repeats itself; most pixels of a photograph differ from their neighbour.
function isPictureRow(words: Int32Array, row: number, width: number): boolean {
  let looked = 0;
  let changed = 0;
  for (let i = row + 1; i < row + width; i += 4) {
    looked++;
    if (((words[i]! ^ words[i - 1]!) & 0xffffff) !== 0) changed++;
  }
  return changed * 3 > looked;
}

function writePlainRow(words: Int32Array, row: number, width: number, target: Uint8Array, start: number): number {
  let at = start;
  target[at++] = filter.none;
  for (let i = row; i < row + width; i++) {
    const word = words[i]!;
    target[at] = word >> 16;
    target[at + 1] = word >> 8;
    target[at + 2] = word;
    at += 3;
  }
  return at;
}

function writeSubRow(words: Int32Array, row: number, width: number, target: Uint8Array, start: number): number {
  let at = start;
  target[at++] = filter.sub;
  let left = 0;
  for (let i = row; i < row + width; i++) {
    const word = words[i]!;
    target[at] = (word >> 16) - (left >> 16);
    target[at + 1] = (word >> 8) - (left >> 8);
    target[at + 2] = word - left;
    at += 3;
    left = word;
  }
  return at;
}
