// Hot loops: each pixel of a rect passes here when it is sent as it is. `pack-pixels.bench.ts` measures them.
// WHY the `!`: every index is bounded by the area's own size, which the caller has made fit.
import type { PixelArea } from './pixel-area.ts';
import type { ChannelTables, PixelLayout } from './pixel-layout.ts';

/** Writes an area's words as bytes, row after row without gaps, to `target` from `at` on. Returns where they end. */
export function packPixels(area: PixelArea, layout: PixelLayout, target: Uint8Array, at: number): number {
  if (layout.bytes === 3) return layout.bigEndian ? packRgb(area, target, at) : packBgr(area, target, at);
  if (layout.bytes === 1) return packBytes(area, target, at);
  const view = new DataView(target.buffer, target.byteOffset, target.byteLength);
  return layout.bytes === 2
    ? packShorts(area, !layout.bigEndian, view, at)
    : packWords(area, !layout.bigEndian, view, at);
}

/** Writes one value as `packPixels` would. Returns where it ends. */
export function packValue(value: number, layout: PixelLayout, target: Uint8Array, at: number): number {
  for (let i = 0; i < layout.bytes; i++) {
    const shift = 8 * (layout.bigEndian ? layout.bytes - 1 - i : i);
    target[at + i] = (value >>> shift) & 0xff;
  }
  return at + layout.bytes;
}

/** Translates 0x00RRGGBB to a client's pixel values, into `target` with rows of the area's width. */
export function convertPixels(area: PixelArea, tables: ChannelTables, target: Int32Array): void {
  const { words, stride, width, height } = area;
  const { red, green, blue } = tables;
  let at = 0;
  for (let y = 0, row = area.offset; y < height; y++, row += stride) {
    for (let i = row; i < row + width; i++) {
      const rgb = words[i]!;
      target[at++] = red[(rgb >> 16) & 0xff]! | green[(rgb >> 8) & 0xff]! | blue[rgb & 0xff]!;
    }
  }
}

/** Spreads 16-bit pixels (5 bits red, 6 green, 5 blue) to 0x00RRGGBB, rounding as `unpackPixel` does. */
export function expandRgb565(
  source: { readonly shorts: Uint16Array; readonly offset: number; readonly stride: number },
  target: PixelArea,
): void {
  const { shorts, stride } = source;
  for (let y = 0; y < target.height; y++) {
    let from = source.offset + y * stride;
    const end = target.offset + y * target.stride + target.width;
    for (let to = end - target.width; to < end; to++) target.words[to] = rgb565Words[shorts[from++]!]!;
  }
}

const rgb565Words = Int32Array.from({ length: 0x1_0000 }, (_, pixel) => {
  const spread = (value: number, max: number) => Math.floor((value * 510 + max) / (max * 2));
  return (spread(pixel >> 11, 31) << 16) | (spread((pixel >> 5) & 63, 63) << 8) | spread(pixel & 31, 31);
});

function packRgb(area: PixelArea, target: Uint8Array, at: number): number {
  const { words, stride, width, height } = area;
  for (let y = 0, row = area.offset; y < height; y++, row += stride) {
    for (let i = row; i < row + width; i++) {
      const word = words[i]!;
      target[at] = word >> 16;
      target[at + 1] = word >> 8;
      target[at + 2] = word;
      at += 3;
    }
  }
  return at;
}

function packBgr(area: PixelArea, target: Uint8Array, at: number): number {
  const { words, stride, width, height } = area;
  for (let y = 0, row = area.offset; y < height; y++, row += stride) {
    for (let i = row; i < row + width; i++) {
      const word = words[i]!;
      target[at] = word;
      target[at + 1] = word >> 8;
      target[at + 2] = word >> 16;
      at += 3;
    }
  }
  return at;
}

function packBytes(area: PixelArea, target: Uint8Array, at: number): number {
  for (let y = 0; y < area.height; y++) {
    const row = area.offset + y * area.stride;
    for (let i = row; i < row + area.width; i++) target[at++] = area.words[i]!;
  }
  return at;
}

function packShorts(area: PixelArea, isLittleEndian: boolean, view: DataView, at: number): number {
  for (let y = 0; y < area.height; y++) {
    const row = area.offset + y * area.stride;
    for (let i = row; i < row + area.width; i++, at += 2) view.setUint16(at, area.words[i]!, isLittleEndian);
  }
  return at;
}

function packWords(area: PixelArea, isLittleEndian: boolean, view: DataView, at: number): number {
  for (let y = 0; y < area.height; y++) {
    const row = area.offset + y * area.stride;
    for (let i = row; i < row + area.width; i++, at += 4) view.setInt32(at, area.words[i]!, isLittleEndian);
  }
  return at;
}
