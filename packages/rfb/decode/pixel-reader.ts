import { ByteReader } from '../byte-reader.ts';
import { bytesPerPixel, isRgb888, type PixelFormat, unpackPixel } from '../pixel-format.ts';

/** Reads one pixel after the other as 0x00RRGGBB. */
export type PixelReader = () => number;

/** Pixels as Raw has them. */
export function rawPixels(reader: ByteReader, format: PixelFormat): PixelReader {
  const size = bytesPerPixel(format);
  return () => unpackPixel(format, readValue(reader, size, format.bigEndian));
}

/** Tight's TPIXEL. */
export function tightPixels(reader: ByteReader, format: PixelFormat): PixelReader {
  return isRgb888(format) ? () => readValue(reader, 3, true) : rawPixels(reader, format);
}

/** ZRLE's CPIXEL, and how many bytes it has. */
export function zrlePixels(reader: ByteReader, format: PixelFormat): { next: PixelReader; bytes: number } {
  const used =
    (format.redMax << format.redShift) | (format.greenMax << format.greenShift) | (format.blueMax << format.blueShift);
  const isShort = format.bitsPerPixel === 32 && format.depth <= 24;
  if (isShort && (used & 0xff00_0000) === 0) {
    return { bytes: 3, next: () => unpackPixel(format, readValue(reader, 3, format.bigEndian)) };
  }
  if (isShort && (used & 0xff) === 0) {
    return { bytes: 3, next: () => unpackPixel(format, readValue(reader, 3, format.bigEndian) << 8) };
  }
  return { bytes: bytesPerPixel(format), next: rawPixels(reader, format) };
}

function readValue(reader: ByteReader, size: number, bigEndian: boolean): number {
  let value = 0;
  for (let i = 0; i < size; i++) {
    value = bigEndian ? (value << 8) | reader.u8() : value | (reader.u8() << (8 * i));
  }
  return value >>> 0;
}
