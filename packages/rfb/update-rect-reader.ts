import { ByteReader } from './byte-reader.ts';
import type { ReadResult } from './client-reader.ts';
import { readCursorRect } from './cursor-reader.ts';
import { rectBodyBytes } from './decode/body-bytes.ts';
import { PseudoEncoding } from './numbers.ts';
import type { PixelFormat } from './pixel-format.ts';
import type { Rect } from './rect.ts';
import { readScreens, screenBytes } from './screen-layout.ts';
import type { UpdateRect } from './server-message.ts';
import { rectHeaderBytes } from './server-writer.ts';
import { violation } from './violation.ts';

export interface RectReaderOptions {
  readonly format: PixelFormat;
  readonly maxRectBytes: number;
}

const maxNameBytes = 64 * 1024;

/** Reads one rect of an update, header and body. Undefined: more bytes are needed. */
export function readUpdateRect(
  bytes: Uint8Array,
  options: RectReaderOptions,
): ReadResult<UpdateRect | 'lastRect'> | undefined {
  const reader = new ByteReader(bytes);
  if (!reader.has(rectHeaderBytes)) return undefined;
  const rect = { x: reader.u16(), y: reader.u16(), width: reader.u16(), height: reader.u16() };
  const encoding = reader.i32();
  const message = readBody(reader, { rect, encoding }, { ...options, bytes });
  return message && { message, length: reader.offset };
}

function readBody(
  reader: ByteReader,
  header: { rect: Rect; encoding: number },
  options: RectReaderOptions & { bytes: Uint8Array },
): UpdateRect | 'lastRect' | undefined {
  const { rect, encoding } = header;
  switch (encoding) {
    case PseudoEncoding.lastRect:
      return 'lastRect';
    case PseudoEncoding.cursor:
    case PseudoEncoding.cursorWithAlpha:
    case PseudoEncoding.vmwareCursor:
      return readCursorRect(reader, header, options.format);
    case PseudoEncoding.pointerPosition:
    case PseudoEncoding.vmwareCursorPosition:
      return { type: 'pointerPosition', x: rect.x, y: rect.y };
    case PseudoEncoding.desktopSize:
      return { type: 'desktopSize', width: rect.width, height: rect.height };
    case PseudoEncoding.extendedDesktopSize:
      return readExtendedDesktopSize(reader, rect);
    case PseudoEncoding.desktopName:
      return readDesktopName(reader);
    case PseudoEncoding.qemuLedState:
      return reader.has(1) ? { type: 'ledState', leds: reader.u8() } : undefined;
    case PseudoEncoding.vmwareLedState:
      return reader.has(4) ? { type: 'ledState', leds: reader.u32() } : undefined;
    case PseudoEncoding.qemuExtendedKeyEvent:
      return { type: 'qemuExtendedKeyEvent' };
    case PseudoEncoding.extendedMouseButtons:
      return { type: 'extendedMouseButtons' };
    default:
      return readPixels(reader, header, options);
  }
}

function readExtendedDesktopSize(reader: ByteReader, rect: Rect): UpdateRect | undefined {
  if (!reader.has(4)) return undefined;
  const count = reader.u8();
  if (!reader.skip(3).has(count * screenBytes)) return undefined;
  const screens = readScreens(reader, count);
  const { x: reason, y: status, width, height } = rect;
  return { type: 'extendedDesktopSize', width, height, reason, status, screens };
}

function readDesktopName(reader: ByteReader): UpdateRect | undefined {
  if (!reader.has(4)) return undefined;
  const size = reader.u32();
  if (size > maxNameBytes) throw violation(`desktop name: ${size} bytes`);
  if (!reader.has(size)) return undefined;
  return { type: 'desktopName', name: new TextDecoder().decode(reader.take(size)) };
}

function readPixels(
  reader: ByteReader,
  header: { rect: Rect; encoding: number },
  options: RectReaderOptions & { bytes: Uint8Array },
): UpdateRect | undefined {
  const { rect, encoding } = header;
  const size = rectBodyBytes(options.bytes.subarray(reader.offset), header, options.format);
  if (size === undefined) return undefined;
  if (size > options.maxRectBytes) throw violation(`rect: a body of ${size} bytes`);
  if (!reader.has(size)) return undefined;
  return { type: 'pixels', rect, encoding, body: reader.take(size) };
}
