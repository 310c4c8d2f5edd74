import type { ByteReader } from './byte-reader.ts';
import { Encoding, PseudoEncoding } from './numbers.ts';
import { bytesPerPixel, type PixelFormat, unpackPixel } from './pixel-format.ts';
import type { Rect } from './rect.ts';
import type { UpdateRect } from './server-message.ts';
import { violation } from './violation.ts';

const maxCursorPixels = 1024 * 1024; // four times the largest shape that any X server of today allows

/** Reads the body of one of the three kinds of cursor rects into one shape. Undefined: more bytes are needed. */
export function readCursorRect(
  reader: ByteReader,
  header: { readonly rect: Rect; readonly encoding: number },
  format: PixelFormat,
): UpdateRect | undefined {
  const { rect, encoding } = header;
  const { x: hotX, y: hotY, width, height } = rect;
  if (width * height > maxCursorPixels) throw violation(`cursor: ${width} × ${height} pixels`);
  const rgba = readShape(reader, rect, encoding, format);
  return rgba && { type: 'cursor', cursor: { width, height, hotX, hotY, rgba } };
}

function readShape(reader: ByteReader, rect: Rect, encoding: number, format: PixelFormat): Uint8Array | undefined {
  switch (encoding) {
    case PseudoEncoding.cursorWithAlpha:
      return readCursorWithAlpha(reader, rect);
    case PseudoEncoding.vmwareCursor:
      return readVmwareCursor(reader, rect);
    default:
      return readClassicCursor(reader, rect, format);
  }
}

function readClassicCursor(reader: ByteReader, rect: Rect, format: PixelFormat): Uint8Array | undefined {
  const { width, height } = rect;
  const pixelBytes = width * height * bytesPerPixel(format);
  const rowBytes = (width + 7) >> 3;
  if (!reader.has(pixelBytes + rowBytes * height)) return undefined;
  const pixels = reader.take(pixelBytes);
  const mask = reader.take(rowBytes * height);
  const rgba = new Uint8Array(width * height * 4);
  for (let i = 0; i < width * height; i++) {
    const x = i % width;
    const isSeen = ((mask[Math.floor(i / width) * rowBytes + (x >> 3)] ?? 0) & (0x80 >> (x & 7))) !== 0;
    // Invisible pixels are cleared: some servers leave what was in memory there.
    if (isSeen) setPixel(rgba, i, unpackPixel(format, storedPixel(pixels, i, format)), 255);
  }
  return rgba;
}

function readCursorWithAlpha(reader: ByteReader, rect: Rect): Uint8Array | undefined {
  const size = rect.width * rect.height * 4;
  if (!reader.has(4 + size)) return undefined;
  const encoding = reader.i32();
  if (encoding !== Encoding.raw) throw violation(`cursor with alpha: encoding ${encoding}`);
  const rgba = reader.take(size).slice();
  for (let i = 0; i < size; i += 4) {
    const alpha = rgba[i + 3] ?? 0;
    if (alpha === 0 || alpha === 255) continue;
    for (let c = i; c < i + 3; c++) rgba[c] = Math.min(255, Math.round(((rgba[c] ?? 0) * 255) / alpha));
  }
  return rgba;
}

function readVmwareCursor(reader: ByteReader, rect: Rect): Uint8Array | undefined {
  if (!reader.has(2)) return undefined;
  const size = rect.width * rect.height * 4;
  const type = reader.u8();
  reader.skip(1);
  if (type === 1) return reader.has(size) ? reader.take(size).slice() : undefined;
  if (type !== 0) throw violation(`VMware cursor: type ${type}`);
  if (!reader.has(size * 2)) return undefined;
  return decodeMasks(reader.take(size), reader.take(size));
}

// VMware's classic type: the screen is ANDed with one mask and XORed with the other. Inverting has no equal here, so such pixels become black.
function decodeMasks(and: Uint8Array, xor: Uint8Array): Uint8Array {
  const rgba = new Uint8Array(and.length);
  for (let i = 0; i < rgba.length; i += 4) {
    const isOpaque = and[i] === 0 && and[i + 1] === 0 && and[i + 2] === 0;
    const [blue = 0, green = 0, red = 0] = xor.subarray(i, i + 3);
    if (isOpaque) setPixel(rgba, i / 4, (red << 16) | (green << 8) | blue, 255);
    else if ((red | green | blue) !== 0) setPixel(rgba, i / 4, 0, 255);
  }
  return rgba;
}

function storedPixel(pixels: Uint8Array, index: number, format: PixelFormat): number {
  const view = new DataView(pixels.buffer, pixels.byteOffset, pixels.byteLength);
  if (format.bitsPerPixel === 8) return view.getUint8(index);
  if (format.bitsPerPixel === 16) return view.getUint16(index * 2, !format.bigEndian);
  return view.getUint32(index * 4, !format.bigEndian);
}

function setPixel(rgba: Uint8Array, index: number, rgb: number, alpha: number): void {
  rgba[index * 4] = rgb >> 16;
  rgba[index * 4 + 1] = (rgb >> 8) & 0xff;
  rgba[index * 4 + 2] = rgb & 0xff;
  rgba[index * 4 + 3] = alpha;
}
