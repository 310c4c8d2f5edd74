import { bytesPerPixel, isRgb888, packPixel, type PixelFormat } from '../pixel-format.ts';

/** How one pixel value is put into bytes. */
export interface PixelLayout {
  readonly bytes: 1 | 2 | 3 | 4;
  readonly bigEndian: boolean;
}

/** From 0x00RRGGBB to the bytes of one encoding in one client's pixel format. */
export interface PixelCoding {
  readonly layout: PixelLayout;
  /** The value of each red, green and blue intensity, to be ORed; undefined where the value is 0x00RRGGBB itself. */
  readonly tables: ChannelTables | undefined;
}

export interface ChannelTables {
  readonly red: Int32Array;
  readonly green: Int32Array;
  readonly blue: Int32Array;
}

/** Pixels as Raw sends them: in the client's format. */
export function rawCoding(format: PixelFormat): PixelCoding {
  const layout = { bytes: bytesPerPixel(format), bigEndian: format.bigEndian };
  const isSame = isRgb888(format) && format.redShift === 16 && format.greenShift === 8 && format.blueShift === 0;
  return { layout, tables: isSame ? undefined : tablesFor(format, 0) };
}

/** Tight's TPIXEL: red, green, blue as three bytes where each colour has 8 bits, else as Raw (community document, "Tight Encoding"). */
export function tightCoding(format: PixelFormat): PixelCoding {
  if (!isRgb888(format)) return rawCoding(format);
  return { layout: { bytes: 3, bigEndian: true }, tables: undefined };
}

/** ZRLE's CPIXEL: "if true-colour-flag is non-zero, bits-per-pixel is 32, depth is 24 or less, and all of the bits … fit in either the least significant 3 bytes or the most significant 3 bytes", three bytes (RFC 6143 §7.7.5). */
export function zrleCoding(format: PixelFormat): PixelCoding {
  if (format.bitsPerPixel !== 32 || format.depth > 24) return rawCoding(format);
  const used =
    (format.redMax << format.redShift) | (format.greenMax << format.greenShift) | (format.blueMax << format.blueShift);
  const layout = { bytes: 3, bigEndian: format.bigEndian } as const;
  if ((used & 0xff00_0000) === 0) return { layout, tables: rawCoding(format).tables };
  if ((used & 0xff) === 0) return { layout, tables: tablesFor(format, 8) };
  return rawCoding(format);
}

/** The value of one colour under a coding. */
export function codeColour(coding: PixelCoding, rgb: number): number {
  const { tables } = coding;
  if (tables === undefined) return rgb & 0xffffff;
  // WHY: every index is masked to 8 bits, and the tables have 256 entries.
  return tables.red[(rgb >> 16) & 0xff]! | tables.green[(rgb >> 8) & 0xff]! | tables.blue[rgb & 0xff]!;
}

function tablesFor(format: PixelFormat, downShift: number): ChannelTables {
  const table = (channel: (intensity: number) => number) =>
    Int32Array.from({ length: 256 }, (_, intensity) => channel(intensity) >>> downShift);
  return {
    red: table((value) => packPixel(format, value, 0, 0)),
    green: table((value) => packPixel(format, 0, value, 0)),
    blue: table((value) => packPixel(format, 0, 0, value)),
  };
}
