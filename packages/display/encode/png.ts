/**
 * PNG (ISO/IEC 15948, the W3C's "Portable Network Graphics"), made to be quick: an agent waits for it. Few colours go by palette; otherwise each row
 * chooses between no filter, best for text and plain areas, and "Sub", best for photographs, by a look at a quarter of its pixels.
 */
import { concatBytes } from '@bhatti/base/bytes.ts';
import { ByteWriter } from '@bhatti/rfb/byte-writer.ts';
import { maxPaletteColours, Palette } from '@bhatti/rfb/encode/palette.ts';
import type { PixelArea } from '@bhatti/rfb/encode/pixel-area.ts';
import { encodeLatin1 } from '@bhatti/rfb/latin1.ts';

import { writeIndexRows, writeRgbRows } from './png-rows.ts';

export interface PngTools {
  /** A whole zlib stream. The result may be a view. */
  readonly deflate: (bytes: Uint8Array) => Uint8Array;
  readonly crc32: (bytes: Uint8Array) => number;
  /** Memory for the filtered rows. */
  readonly plain: (bytes: number) => Uint8Array;
}

// §11.2.2: the two colour types that are used here.
const colourType = { rgb: 2, indexed: 3 } as const;
const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

/** A whole PNG file of exactly these pixels, 8 bits a sample, without alpha. */
export function encodePng(area: PixelArea, tools: PngTools): Uint8Array<ArrayBuffer> {
  const palette = new Palette();
  const chunks = palette.addArea(area, maxPaletteColours)
    ? indexedChunks(area, palette, tools)
    : rgbChunks(area, tools);
  return concatBytes([signature, ...chunks, chunk('IEND', new Uint8Array(0), tools)]);
}

function indexedChunks(area: PixelArea, palette: Palette, tools: PngTools): Uint8Array[] {
  const colours = new ByteWriter(palette.size * 3);
  for (const colour of palette.colours.subarray(0, palette.size)) {
    colours
      .u8(colour >> 16)
      .u8((colour >> 8) & 0xff)
      .u8(colour & 0xff);
  }
  const size = (area.width + 1) * area.height;
  const rows = tools.plain(size);
  writeIndexRows(area, palette, rows);
  return [
    chunk('IHDR', header(area, colourType.indexed), tools),
    chunk('PLTE', colours.view(), tools),
    chunk('IDAT', tools.deflate(rows.subarray(0, size)), tools),
  ];
}

function rgbChunks(area: PixelArea, tools: PngTools): Uint8Array[] {
  const size = (area.width * 3 + 1) * area.height;
  const rows = tools.plain(size);
  writeRgbRows(area, rows);
  return [
    chunk('IHDR', header(area, colourType.rgb), tools),
    chunk('IDAT', tools.deflate(rows.subarray(0, size)), tools),
  ];
}

function header(area: PixelArea, type: number): Uint8Array {
  const bitsPerSample = 8;
  // Compression, filter method and interlace have one value each here: 0.
  return new ByteWriter(13).u32(area.width).u32(area.height).u8(bitsPerSample).u8(type).zeros(3).copy();
}

// §5.3: length of the contents, type, contents, and a checksum of type and contents.
function chunk(type: string, contents: Uint8Array, tools: PngTools): Uint8Array {
  const writer = new ByteWriter(contents.length + 12).u32(contents.length);
  writer.bytes(encodeLatin1(type)).bytes(contents);
  return writer.u32(tools.crc32(writer.view().subarray(4))).copy();
}
