/**
 * Tight rects (community document, "Tight Encoding"), each independent of all others: the control byte of every rect that uses zlib resets the stream
 * that it uses. That costs a few bytes of compression, and buys that rects can be encoded by several threads at once, in any order, and once for
 * all viewers of one quality.
 */
import type { ByteWriter } from '../byte-writer.ts';
import type { Deflate } from '../clipboard.ts';
import { minBytesToCompress } from '../decode/tight-body.ts';
import { Encoding, TightControl, TightFilter } from '../numbers.ts';
import type { Rect } from '../rect.ts';
import { writeRectHeader } from '../server-writer.ts';
import { packPixels, packValue } from './pack-pixels.ts';
import type { Palette } from './palette.ts';
import type { PixelArea } from './pixel-area.ts';
import type { PixelLayout } from './pixel-layout.ts';

/** The widest Tight rect that every client takes. */
export const maxTightWidth = 2048;

/** What compressed data of one rect may have: its length is sent in 22 bits. */
export const maxTightBytes = (1 << 22) - 1;

/** Streams by use, as other servers have it: clients that decode in parallel then see which rects are independent. */
const streams = { fullColour: 0, mono: 1, indexed: 2 } as const;

/** One colour; `value` as the layout has it. */
export function writeTightFill(writer: ByteWriter, rect: Rect, value: number, layout: PixelLayout): void {
  writeRectHeader(writer, rect, Encoding.tight).u8(TightControl.fill);
  writeValue(writer, value, layout);
}

/** A whole JPEG file of the rect's size. */
export function writeTightJpeg(writer: ByteWriter, rect: Rect, jpeg: Uint8Array): void {
  writeRectHeader(writer, rect, Encoding.tight).u8(TightControl.jpeg);
  writeCompactLength(writer, jpeg.length);
  writer.bytes(jpeg);
}

/** What the functions that use zlib need beside the pixels. */
export interface TightTools {
  readonly deflate: Deflate;
  /** Where pixels are laid out before they are compressed, at least the plain bytes of one rect long. */
  readonly plain: (bytes: number) => Uint8Array;
}

/** 2 to 256 colours, all of which `palette` holds. */
export function writeTightPalette(
  writer: ByteWriter,
  pixels: TightPixels & { readonly palette: Palette },
  tools: TightTools,
): void {
  const { rect, area, layout, palette } = pixels;
  const isMono = palette.size === 2;
  const stream = isMono ? streams.mono : streams.indexed;
  writeRectHeader(writer, rect, Encoding.tight).u8(controlOf(stream) | TightControl.explicitFilter);
  writer.u8(TightFilter.palette).u8(palette.size - 1);
  for (const colour of palette.colours.subarray(0, palette.size)) writeValue(writer, colour, layout);
  const size = (isMono ? (rect.width + 7) >> 3 : rect.width) * rect.height;
  const plain = tools.plain(size);
  if (isMono) palette.writeBits(area, plain, 0);
  else palette.writeIndices(area, plain, 0);
  writeDeflated(writer, plain.subarray(0, size), tools.deflate);
}

/** Any pixels, as they are. */
export function writeTightFullColour(writer: ByteWriter, pixels: TightPixels, tools: TightTools): void {
  const { rect, area, layout } = pixels;
  writeRectHeader(writer, rect, Encoding.tight).u8(controlOf(streams.fullColour));
  const size = rect.width * rect.height * layout.bytes;
  const plain = tools.plain(size);
  packPixels(area, layout, plain, 0);
  writeDeflated(writer, plain.subarray(0, size), tools.deflate);
}

/** A rect's place on the screen, its pixels (of the same size), and the bytes of one. */
export interface TightPixels {
  readonly rect: Rect;
  readonly area: PixelArea;
  readonly layout: PixelLayout;
}

// Bits 0 to 3 reset the streams of these numbers before the rect is decoded, bits 4 and 5 are the stream it uses.
function controlOf(stream: number): number {
  return (stream << 4) | (1 << stream);
}

function writeDeflated(writer: ByteWriter, plain: Uint8Array, deflate: Deflate): void {
  if (plain.length < minBytesToCompress) {
    writer.bytes(plain);
    return;
  }
  const deflated = deflate(plain);
  writeCompactLength(writer, deflated.length);
  writer.bytes(deflated);
}

function writeCompactLength(writer: ByteWriter, length: number): void {
  if (length < 1 << 7) writer.u8(length);
  else if (length < 1 << 14) writer.u8((length & 0x7f) | 0x80).u8(length >> 7);
  else if (length <= maxTightBytes) {
    writer
      .u8((length & 0x7f) | 0x80)
      .u8(((length >> 7) & 0x7f) | 0x80)
      .u8(length >> 14);
  } else throw new RangeError(`a Tight rect of ${length} compressed bytes`);
}

function writeValue(writer: ByteWriter, value: number, layout: PixelLayout): void {
  const at = writer.reserve(layout.bytes);
  packValue(value, layout, writer.memory(), at);
}
