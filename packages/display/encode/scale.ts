// Hot loop: every pixel of a scaled screenshot passes here. `png.bench.ts` measures it.
// WHY the `!`: indices are bounded by the areas' own sizes.
import type { PixelArea } from '@bhatti/rfb/encode/pixel-area.ts';

/**
 * Makes a picture smaller: each pixel of `target` is the mean of the part of `source` that it covers, pixels that it covers in part counting in
 * part. Text stays as legible as its size allows, where taking single pixels would break letters. `target` is not larger than `source` on either side.
 */
export function shrink(source: PixelArea, target: PixelArea): void {
  const columns = new Float32Array(source.width * 3);
  const ratioX = source.width / target.width;
  const ratioY = source.height / target.height;
  for (let y = 0; y < target.height; y++) {
    columns.fill(0);
    forEachCovered(y * ratioY, (y + 1) * ratioY, source.height, (row, part) => addRow(source, row, part, columns));
    const out = target.offset + y * target.stride;
    for (let x = 0; x < target.width; x++) {
      target.words[out + x] = meanOf(columns, x * ratioX, (x + 1) * ratioX, ratioX * ratioY);
    }
  }
}

function forEachCovered(from: number, to: number, limit: number, visit: (index: number, part: number) => void): void {
  const last = Math.min(Math.ceil(to), limit);
  for (let i = Math.floor(from); i < last; i++) visit(i, Math.min(i + 1, to) - Math.max(i, from));
}

function addRow(source: PixelArea, row: number, part: number, columns: Float32Array): void {
  const start = source.offset + row * source.stride;
  let at = 0;
  for (let i = start; i < start + source.width; i++, at += 3) {
    const word = source.words[i]!;
    columns[at] = columns[at]! + part * ((word >> 16) & 0xff);
    columns[at + 1] = columns[at + 1]! + part * ((word >> 8) & 0xff);
    columns[at + 2] = columns[at + 2]! + part * (word & 0xff);
  }
}

function meanOf(columns: Float32Array, from: number, to: number, area: number): number {
  let red = 0;
  let green = 0;
  let blue = 0;
  const last = Math.min(Math.ceil(to), columns.length / 3);
  for (let i = Math.floor(from); i < last; i++) {
    const part = Math.min(i + 1, to) - Math.max(i, from);
    red += part * columns[i * 3]!;
    green += part * columns[i * 3 + 1]!;
    blue += part * columns[i * 3 + 2]!;
  }
  // Rounding errors of the sums may reach a hair above 255.
  const level = (sum: number) => Math.min(255, Math.round(sum / area));
  return (level(red) << 16) | (level(green) << 8) | level(blue);
}
