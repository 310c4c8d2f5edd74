// Rects of an update that carry no pixels. Each function gives the whole rect, header and body, ready to be counted as one rect of an update.
import { ByteWriter } from './byte-writer.ts';
import type { CursorShape } from './cursor.ts';
import { type DesktopSizeReason, type DesktopSizeStatus, Encoding, PseudoEncoding } from './numbers.ts';
import { packPixel, type PixelFormat } from './pixel-format.ts';
import type { Rect } from './rect.ts';
import { type Screen, writeScreens } from './screen-layout.ts';
import { rectHeaderBytes, writeRectHeader } from './server-writer.ts';

/** RFC 6143 §7.8.1: colours in the client's pixel format, and one bit a pixel for what is seen. Half-transparent pixels are seen from half on. */
export function encodeCursorRect(cursor: CursorShape, format: PixelFormat): Uint8Array<ArrayBuffer> {
  const { width, height, rgba } = cursor;
  const rowBytes = (width + 7) >> 3;
  const mask = new Uint8Array(rowBytes * height);
  const writer = beginCursor(cursor, PseudoEncoding.cursor);
  for (let i = 0; i < width * height; i++) {
    const [red = 0, green = 0, blue = 0, alpha = 0] = rgba.subarray(i * 4, i * 4 + 4);
    writePixel(writer, packPixel(format, red, green, blue), format);
    const x = i % width;
    const at = Math.floor(i / width) * rowBytes + (x >> 3);
    if (alpha >= 128) mask[at] = (mask[at] ?? 0) | (0x80 >> (x & 7));
  }
  return writer.bytes(mask).copy();
}

/** Community document, "Cursor With Alpha": an encoding number, then its data as R, G, B, A with alpha multiplied into the colours. */
export function encodeCursorWithAlphaRect(cursor: CursorShape): Uint8Array<ArrayBuffer> {
  const writer = beginCursor(cursor, PseudoEncoding.cursorWithAlpha).i32(Encoding.raw);
  const pixels = cursor.rgba.slice();
  for (let i = 0; i < pixels.length; i += 4) {
    const alpha = pixels[i + 3] ?? 0;
    for (let c = i; c < i + 3; c++) pixels[c] = Math.round(((pixels[c] ?? 0) * alpha) / 255);
  }
  return writer.bytes(pixels).copy();
}

/** Community document, "VMware Cursor", of its two types the one with alpha: R, G, B, A, not multiplied. */
export function encodeVmwareCursorRect(cursor: CursorShape): Uint8Array<ArrayBuffer> {
  return beginCursor(cursor, PseudoEncoding.vmwareCursor).u8(1).zeros(1).bytes(cursor.rgba).copy();
}

/** Where the server's pointer is, for a client that did not move it there itself (community document, "VMware Cursor Position"). */
export function encodeVmwareCursorPositionRect(x: number, y: number): Uint8Array<ArrayBuffer> {
  return encodeEmptyRect({ x, y, width: 0, height: 0 }, PseudoEncoding.vmwareCursorPosition);
}

/** The same for clients of TightVNC's line (IANA -232). */
export function encodePointerPositionRect(x: number, y: number): Uint8Array<ArrayBuffer> {
  return encodeEmptyRect({ x, y, width: 0, height: 0 }, PseudoEncoding.pointerPosition);
}

/** RFC 6143 §7.8.2. It must be the last rect of its update, since rects after it would belong to the new size. */
export function encodeDesktopSizeRect(width: number, height: number): Uint8Array<ArrayBuffer> {
  return encodeEmptyRect({ x: 0, y: 0, width, height }, PseudoEncoding.desktopSize);
}

export interface ExtendedDesktopSize {
  readonly width: number;
  readonly height: number;
  readonly reason: DesktopSizeReason;
  readonly status: DesktopSizeStatus;
  readonly screens: readonly Screen[];
}

/** Community document, "ExtendedDesktopSize". A refusal (status not 0) carries the size and screens that stay. */
export function encodeExtendedDesktopSizeRect(size: ExtendedDesktopSize): Uint8Array<ArrayBuffer> {
  const { width, height, reason, status, screens } = size;
  const writer = new ByteWriter(rectHeaderBytes + 4 + screens.length * 16);
  writeRectHeader(writer, { x: reason, y: status, width, height }, PseudoEncoding.extendedDesktopSize);
  writer.u8(screens.length).zeros(3);
  writeScreens(writer, screens);
  return writer.copy();
}

/** Community document, "DesktopName": UTF-8. */
export function encodeDesktopNameRect(name: string): Uint8Array<ArrayBuffer> {
  const bytes = new TextEncoder().encode(name);
  const writer = new ByteWriter(rectHeaderBytes + 4 + bytes.length);
  writeRectHeader(writer, noRect, PseudoEncoding.desktopName);
  return writer.u32(bytes.length).bytes(bytes).copy();
}

/** Tells the client that the server understands QEMU's key events. */
export function encodeQemuKeyEventRect(): Uint8Array<ArrayBuffer> {
  return encodeEmptyRect(noRect, PseudoEncoding.qemuExtendedKeyEvent);
}

/** Tells the client that the server understands the extended pointer event. */
export function encodeExtendedMouseButtonsRect(): Uint8Array<ArrayBuffer> {
  return encodeEmptyRect(noRect, PseudoEncoding.extendedMouseButtons);
}

/** `leds` are bits of LedBit (community document, "QEMU LED State"). */
export function encodeQemuLedStateRect(leds: number): Uint8Array<ArrayBuffer> {
  return writeRectHeader(new ByteWriter(13), noRect, PseudoEncoding.qemuLedState).u8(leds).copy();
}

/** The same in the words of VMware (community document, "VMware LED State"). */
export function encodeVmwareLedStateRect(leds: number): Uint8Array<ArrayBuffer> {
  return writeRectHeader(new ByteWriter(16), noRect, PseudoEncoding.vmwareLedState).u32(leds).copy();
}

const noRect: Rect = { x: 0, y: 0, width: 0, height: 0 };

function encodeEmptyRect(rect: Rect, encoding: number): Uint8Array<ArrayBuffer> {
  return writeRectHeader(new ByteWriter(rectHeaderBytes), rect, encoding).copy();
}

function beginCursor(cursor: CursorShape, encoding: number): ByteWriter {
  const { hotX, hotY, width, height } = cursor;
  const writer = new ByteWriter(rectHeaderBytes + 8 + width * height * 5);
  return writeRectHeader(writer, { x: hotX, y: hotY, width, height }, encoding);
}

function writePixel(writer: ByteWriter, pixel: number, format: PixelFormat): void {
  if (format.bitsPerPixel === 8) writer.u8(pixel);
  else if (format.bitsPerPixel === 16) writer.u16(format.bigEndian ? pixel : swap16(pixel));
  else writer.u32(format.bigEndian ? pixel : swap32(pixel));
}

function swap16(value: number): number {
  return ((value & 0xff) << 8) | (value >> 8);
}

function swap32(value: number): number {
  return ((value << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24)) >>> 0;
}
