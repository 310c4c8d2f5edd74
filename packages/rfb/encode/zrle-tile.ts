// WHY the `!`: indices are bounded by the tile's own size.
import { packPixels, packValue } from './pack-pixels.ts';
import type { Palette } from './palette.ts';
import type { PixelArea } from './pixel-area.ts';
import type { PixelLayout } from './pixel-layout.ts';

/** What is to be written: at most 64 × 64 pixels, and a palette object to work with. */
export interface ZrleTile {
  readonly area: PixelArea;
  readonly layout: PixelLayout;
  readonly palette: Palette;
}

// RFC 6143 §7.7.6: the sub-encodings of a tile.
const subencoding = { raw: 0, solid: 1, plainRle: 128, paletteRle: 128 } as const;
const maxPackedColours = 16;
const maxPaletteRleColours = 127;

/** The most that `writeZrleTile` writes for so many pixels. */
export function maxTileBytes(pixels: number, layout: PixelLayout): number {
  return 1 + pixels * layout.bytes + maxPaletteRleColours * layout.bytes;
}

/** Writes one tile in the smallest of ZRLE's forms to `target`, which has room for `maxTileBytes`. Returns the end. */
export function writeZrleTile(tile: ZrleTile, target: Uint8Array, at: number): number {
  const { area, layout, palette } = tile;
  const { width, height } = area;
  palette.clear();
  const hasPalette = palette.addArea(area, maxPaletteRleColours);
  if (hasPalette && palette.size === 1) {
    target[at] = subencoding.solid;
    return packValue(palette.colours[0]!, layout, target, at + 1);
  }
  const sizes = runSizes(area, layout);
  const rawBytes = width * height * layout.bytes;
  const paletteBytes = hasPalette ? palette.size * layout.bytes : Infinity;
  const packedBytes =
    palette.size <= maxPackedColours
      ? paletteBytes + Math.ceil((width * packedBits(palette.size)) / 8) * height
      : Infinity;
  const paletteRleBytes = paletteBytes + sizes.indexed;
  const smallest = Math.min(rawBytes, sizes.plain, packedBytes, paletteRleBytes);
  if (smallest === packedBytes) return writePacked(tile, target, at);
  if (smallest === paletteRleBytes) return writePaletteRle(tile, target, at);
  if (smallest === sizes.plain) return writePlainRle(tile, target, at);
  target[at] = subencoding.raw;
  return packPixels(area, layout, target, at + 1);
}

function writePacked({ area, layout, palette }: ZrleTile, target: Uint8Array, start: number): number {
  target[start] = palette.size;
  let at = writeColours(palette, layout, target, start + 1);
  const bits = packedBits(palette.size);
  for (let y = 0; y < area.height; y++) {
    const row = area.offset + y * area.stride;
    let byte = 0;
    let filled = 0;
    for (let i = row; i < row + area.width; i++) {
      byte = (byte << bits) | palette.placeOf(palette.colourOf(area.words[i]!));
      filled += bits;
      if (filled === 8) {
        target[at++] = byte;
        byte = 0;
        filled = 0;
      }
    }
    // "If the width of the tile is not a multiple of the pixels per byte, padding bits are used to align each row to an exact number of bytes."
    if (filled > 0) target[at++] = byte << (8 - filled);
  }
  return at;
}

function writePaletteRle({ area, layout, palette }: ZrleTile, target: Uint8Array, start: number): number {
  target[start] = subencoding.paletteRle + palette.size;
  let at = writeColours(palette, layout, target, start + 1);
  forEachRun(area, (word, length) => {
    const place = palette.placeOf(palette.colourOf(word));
    if (length === 1) {
      target[at++] = place;
    } else {
      target[at++] = place | 0x80;
      at = writeRunLength(length, target, at);
    }
  });
  return at;
}

function writePlainRle({ area, layout }: ZrleTile, target: Uint8Array, start: number): number {
  target[start] = subencoding.plainRle;
  let at = start + 1;
  forEachRun(area, (word, length) => {
    at = packValue(word, layout, target, at);
    at = writeRunLength(length, target, at);
  });
  return at;
}

function writeColours(palette: Palette, layout: PixelLayout, target: Uint8Array, start: number): number {
  let at = start;
  for (let i = 0; i < palette.size; i++) at = packValue(palette.colours[i]!, layout, target, at);
  return at;
}

// "The length is represented as one or more bytes. It is calculated as one more than the sum of all the bytes representing the length."
function writeRunLength(length: number, target: Uint8Array, start: number): number {
  let at = start;
  let left = length - 1;
  for (; left >= 255; left -= 255) target[at++] = 255;
  target[at++] = left;
  return at;
}

function runSizes(area: PixelArea, layout: PixelLayout): { readonly plain: number; readonly indexed: number } {
  let plain = 0;
  let indexed = 0;
  forEachRun(area, (_word, length) => {
    const lengthBytes = Math.floor((length - 1) / 255) + 1;
    plain += layout.bytes + lengthBytes;
    indexed += length === 1 ? 1 : 1 + lengthBytes;
  });
  return { plain, indexed };
}

// Runs go on from one row to the next.
function forEachRun(area: PixelArea, onRun: (word: number, length: number) => void): void {
  const { words, stride, width, height } = area;
  let last = words[area.offset]!;
  let length = 0;
  for (let y = 0, row = area.offset; y < height; y++, row += stride) {
    for (let i = row; i < row + width; i++) {
      const word = words[i]!;
      if (word === last) {
        length++;
        continue;
      }
      onRun(last, length);
      last = word;
      length = 1;
    }
  }
  onRun(last, length);
}

function packedBits(colours: number): number {
  if (colours <= 2) return 1;
  return colours <= 4 ? 2 : 4;
}
