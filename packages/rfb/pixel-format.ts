import { violation } from './violation.ts';

/**
 * How one pixel is stored (RFC 6143 §7.4, true colour only). A colour intensity is `(pixel >> shift) & max`, after the pixel's bytes were
 * put in order by `bigEndian`.
 */
export interface PixelFormat {
  readonly bitsPerPixel: 8 | 16 | 32;
  readonly depth: number;
  readonly bigEndian: boolean;
  readonly redMax: number;
  readonly greenMax: number;
  readonly blueMax: number;
  readonly redShift: number;
  readonly greenShift: number;
  readonly blueShift: number;
}

/** 32 bits a pixel, bytes in memory B, G, R, unused: Xvnc at depth 24, and what is offered to every viewer. */
export const bgrx8888: PixelFormat = {
  bitsPerPixel: 32,
  depth: 24,
  bigEndian: false,
  redMax: 255,
  greenMax: 255,
  blueMax: 255,
  redShift: 16,
  greenShift: 8,
  blueShift: 0,
};

/** 16 bits a pixel, little endian: Xvnc at depth 16. */
export const rgb565: PixelFormat = {
  bitsPerPixel: 16,
  depth: 16,
  bigEndian: false,
  redMax: 31,
  greenMax: 63,
  blueMax: 31,
  redShift: 11,
  greenShift: 5,
  blueShift: 0,
};

export const pixelFormatBytes = 16;

/** Reads the 16 bytes of a PIXEL_FORMAT. Throws PROTOCOL_VIOLATION for one that cannot be served. */
export function decodePixelFormat(bytes: Uint8Array, offset = 0): PixelFormat {
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, pixelFormatBytes);
  const bitsPerPixel = view.getUint8(0);
  if (bitsPerPixel !== 8 && bitsPerPixel !== 16 && bitsPerPixel !== 32) {
    throw violation(`pixel format: ${bitsPerPixel} bits per pixel are none of 8, 16, 32`);
  }
  // RFC 6143 §7.4 allows colour maps; no client of this century asks for one, and the screen is true colour.
  if (view.getUint8(3) === 0) throw violation('pixel format: colour maps are not served');
  const format: PixelFormat = {
    bitsPerPixel,
    depth: view.getUint8(1),
    bigEndian: view.getUint8(2) !== 0,
    redMax: view.getUint16(4),
    greenMax: view.getUint16(6),
    blueMax: view.getUint16(8),
    redShift: view.getUint8(10),
    greenShift: view.getUint8(11),
    blueShift: view.getUint8(12),
  };
  checkChannels(format);
  return format;
}

/** Writes the 16 bytes of a PIXEL_FORMAT. */
export function encodePixelFormat(format: PixelFormat): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(pixelFormatBytes);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, format.bitsPerPixel);
  view.setUint8(1, format.depth);
  view.setUint8(2, format.bigEndian ? 1 : 0);
  view.setUint8(3, 1);
  view.setUint16(4, format.redMax);
  view.setUint16(6, format.greenMax);
  view.setUint16(8, format.blueMax);
  view.setUint8(10, format.redShift);
  view.setUint8(11, format.greenShift);
  view.setUint8(12, format.blueShift);
  return bytes;
}

export function bytesPerPixel(format: PixelFormat): 1 | 2 | 4 {
  return format.bitsPerPixel === 32 ? 4 : format.bitsPerPixel === 16 ? 2 : 1;
}

/** Whether each colour has 8 bits of a 32-bit pixel: Tight then sends 3 bytes in the order red, green, blue, wherever the shifts put them. */
export function isRgb888(format: PixelFormat): boolean {
  return (
    format.bitsPerPixel === 32 &&
    format.depth === 24 &&
    format.redMax === 255 &&
    format.greenMax === 255 &&
    format.blueMax === 255
  );
}

export function pixelFormatsEqual(a: PixelFormat, b: PixelFormat): boolean {
  return (
    a.bitsPerPixel === b.bitsPerPixel &&
    a.depth === b.depth &&
    // One byte has no order.
    (a.bigEndian === b.bigEndian || a.bitsPerPixel === 8) &&
    a.redMax === b.redMax &&
    a.greenMax === b.greenMax &&
    a.blueMax === b.blueMax &&
    a.redShift === b.redShift &&
    a.greenShift === b.greenShift &&
    a.blueShift === b.blueShift
  );
}

function checkChannels(format: PixelFormat): void {
  const { bitsPerPixel, depth } = format;
  if (depth === 0 || depth > bitsPerPixel) throw violation(`pixel format: depth ${depth} of ${bitsPerPixel} bits`);
  let taken = 0;
  for (const [name, max, shift] of [
    ['red', format.redMax, format.redShift],
    ['green', format.greenMax, format.greenShift],
    ['blue', format.blueMax, format.blueShift],
  ] as const) {
    // RFC 6143 §7.4: the maximum "is (2^N - 1) where N is the number of bits used".
    if (max === 0 || (max & (max + 1)) !== 0) throw violation(`pixel format: ${name} maximum ${max}`);
    const bits = 32 - Math.clz32(max);
    if (shift + bits > bitsPerPixel) throw violation(`pixel format: ${name} at bit ${shift} of ${bitsPerPixel}`);
    const mask = (max << shift) >>> 0;
    if ((taken & mask) !== 0) throw violation(`pixel format: ${name} overlaps another colour`);
    taken |= mask;
  }
}

/** One pixel of this format from 8-bit intensities; byte order does not matter here. */
export function packPixel(format: PixelFormat, red: number, green: number, blue: number): number {
  return (
    ((scaleChannel(red, 255, format.redMax) << format.redShift) |
      (scaleChannel(green, 255, format.greenMax) << format.greenShift) |
      (scaleChannel(blue, 255, format.blueMax) << format.blueShift)) >>>
    0
  );
}

/** A pixel of this format as 0x00RRGGBB. */
export function unpackPixel(format: PixelFormat, pixel: number): number {
  const red = scaleChannel((pixel >>> format.redShift) & format.redMax, format.redMax, 255);
  const green = scaleChannel((pixel >>> format.greenShift) & format.greenMax, format.greenMax, 255);
  const blue = scaleChannel((pixel >>> format.blueShift) & format.blueMax, format.blueMax, 255);
  return (red << 16) | (green << 8) | blue;
}

// Rounds, so that going to a finer scale and back gives the same value.
function scaleChannel(value: number, max: number, newMax: number): number {
  return max === newMax ? value : Math.floor((value * newMax * 2 + max) / (max * 2));
}
