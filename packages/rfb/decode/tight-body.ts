import { ByteReader } from '../byte-reader.ts';
import { TightControl, TightFilter } from '../numbers.ts';
import { bytesPerPixel, isRgb888, type PixelFormat } from '../pixel-format.ts';
import type { Rect } from '../rect.ts';
import { violation } from '../violation.ts';

/** Data shorter than this is sent as it is, without zlib and without a length (community document, "Tight Encoding"). */
export const minBytesToCompress = 12;

/** The parts of a Tight rect's body, as positions in it. */
export type TightBody =
  | { readonly kind: 'fill'; readonly pixel: number; readonly end: number }
  | { readonly kind: 'jpeg'; readonly data: number; readonly end: number }
  | {
      readonly kind: 'basic';
      readonly stream: number;
      readonly filter: number;
      /** Where the palette is, and its number of colours; 0 without a palette. */
      readonly palette: number;
      readonly colours: number;
      readonly isDeflated: boolean;
      /** Bytes of the filter's output before zlib. */
      readonly plainBytes: number;
      readonly data: number;
      readonly end: number;
    };

/** Bytes of a TPIXEL: 3 where all colours have 8 bits, otherwise those of a pixel. */
export function tightPixelBytes(format: PixelFormat): number {
  return isRgb888(format) ? 3 : bytesPerPixel(format);
}

export function tightBodyBytes(body: Uint8Array, rect: Rect, format: PixelFormat): number | undefined {
  return readTightBody(body, rect, format)?.end;
}

/** Finds the parts of a Tight body. Undefined: the bytes end before its length is known; the last part may still be incomplete. */
export function readTightBody(body: Uint8Array, rect: Rect, format: PixelFormat): TightBody | undefined {
  const reader = new ByteReader(body);
  if (!reader.has(1)) return undefined;
  const control = reader.u8() & 0xf0;
  if (control === TightControl.fill) {
    return { kind: 'fill', pixel: 1, end: 1 + tightPixelBytes(format) };
  }
  if (control === TightControl.jpeg) {
    const length = readCompactLength(reader);
    return length === undefined ? undefined : { kind: 'jpeg', data: reader.offset, end: reader.offset + length };
  }
  if ((control & 0x80) !== 0) throw violation(`Tight rect: compression control 0x${control.toString(16)}`);
  return readBasic(reader, control, { rect, format });
}

function readBasic(
  reader: ByteReader,
  control: number,
  of: { readonly rect: Rect; readonly format: PixelFormat },
): TightBody | undefined {
  const { width, height } = of.rect;
  const pixelBytes = tightPixelBytes(of.format);
  const isExplicit = (control & TightControl.explicitFilter) !== 0;
  if (isExplicit && !reader.has(1)) return undefined;
  const filter = isExplicit ? reader.u8() : TightFilter.copy;
  let palette = 0;
  let colours = 0;
  let rowBytes = width * pixelBytes;
  if (filter === TightFilter.palette) {
    if (!reader.has(1)) return undefined;
    colours = reader.u8() + 1;
    palette = reader.offset;
    rowBytes = colours <= 2 ? (width + 7) >> 3 : width;
    if (!reader.has(colours * pixelBytes)) return undefined;
    reader.skip(colours * pixelBytes);
  } else if (filter !== TightFilter.copy && filter !== TightFilter.gradient) {
    throw violation(`Tight rect: filter ${filter}`);
  }
  const plainBytes = rowBytes * height;
  const isDeflated = plainBytes >= minBytesToCompress;
  const length = isDeflated ? readCompactLength(reader) : plainBytes;
  if (length === undefined) return undefined;
  const data = reader.offset;
  const stream = (control >> 4) & 3;
  return { kind: 'basic', stream, filter, palette, colours, isDeflated, plainBytes, data, end: data + length };
}

// Community document: 7 bits a byte, the lowest first, at most three bytes, of which the last has all 8 bits.
function readCompactLength(reader: ByteReader): number | undefined {
  let length = 0;
  for (let shift = 0; shift <= 14; shift += 7) {
    if (!reader.has(1)) return undefined;
    const byte = reader.u8();
    if (shift === 14) return length | (byte << 14);
    length |= (byte & 0x7f) << shift;
    if ((byte & 0x80) === 0) return length;
  }
  return length;
}
