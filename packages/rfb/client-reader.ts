import { ByteReader } from './byte-reader.ts';
import type { ClientMessage } from './client-message.ts';
import { decodeClipboardMessage } from './clipboard.ts';
import { decodeLatin1 } from './latin1.ts';
import { ClientMessageType, QemuMessageType } from './numbers.ts';
import { decodePixelFormat, pixelFormatBytes } from './pixel-format.ts';
import type { Rect } from './rect.ts';
import { readScreens, screenBytes } from './screen-layout.ts';
import { violation } from './violation.ts';

/** What the session has agreed on that changes how bytes are read, and its caps. */
export interface ClientReaderOptions {
  /** The session told the client that it understands the extended pointer event (pseudo-encoding -316). */
  readonly extendedMouseButtons: boolean;
  /** The longest cut text that is read, in bytes; a longer one is skipped. */
  readonly maxCutTextBytes: number;
}

/** One message and how many bytes it takes. `length` is more than there are when the message is to be skipped: `ByteQueue.consume` knows how. */
export interface ReadResult<M> {
  readonly message: M;
  readonly length: number;
}

const maxFenceBytes = 64; // community document: "the payload … at most 64 bytes"

/**
 * Reads the message at the start of `bytes`. Undefined means that more bytes are needed; PROTOCOL_VIOLATION is thrown as soon as no further
 * byte can make it right. Never waits for more than the cap of cut text or, without one, 256 KiB (SetEncodings).
 */
export function readClientMessage(
  bytes: Uint8Array,
  options: ClientReaderOptions,
): ReadResult<ClientMessage> | undefined {
  const reader = new ByteReader(bytes);
  if (!reader.has(1)) return undefined;
  const message = readBody(reader.u8(), reader, options);
  if (message === undefined) return undefined;
  const skipped = message.type === 'oversizedCutText' ? message.bytes : 0;
  return { message, length: reader.offset + skipped };
}

function readBody(type: number, reader: ByteReader, options: ClientReaderOptions): ClientMessage | undefined {
  switch (type) {
    case ClientMessageType.setPixelFormat:
      return readSetPixelFormat(reader);
    case ClientMessageType.setEncodings:
      return readSetEncodings(reader);
    case ClientMessageType.framebufferUpdateRequest:
      return readFramebufferUpdateRequest(reader);
    case ClientMessageType.keyEvent:
      return readKeyEvent(reader);
    case ClientMessageType.pointerEvent:
      return readPointerEvent(reader, options.extendedMouseButtons);
    case ClientMessageType.clientCutText:
      return readClientCutText(reader, options.maxCutTextBytes);
    case ClientMessageType.enableContinuousUpdates:
      return readEnableContinuousUpdates(reader);
    case ClientMessageType.clientFence:
      return readFence(reader);
    case ClientMessageType.setDesktopSize:
      return readSetDesktopSize(reader);
    case ClientMessageType.qemu:
      return readQemuMessage(reader);
    default:
      // The length of an unknown message is unknown too, so nothing after it can be read.
      throw violation(`client message: unknown type ${type}`);
  }
}

function readSetPixelFormat(reader: ByteReader): ClientMessage | undefined {
  if (!reader.has(3 + pixelFormatBytes)) return undefined;
  const format = decodePixelFormat(reader.skip(3).take(pixelFormatBytes));
  return { type: 'setPixelFormat', format };
}

function readSetEncodings(reader: ByteReader): ClientMessage | undefined {
  if (!reader.has(3)) return undefined;
  const count = reader.skip(1).u16();
  if (!reader.has(count * 4)) return undefined;
  return { type: 'setEncodings', encodings: Array.from({ length: count }, () => reader.i32()) };
}

function readFramebufferUpdateRequest(reader: ByteReader): ClientMessage | undefined {
  if (!reader.has(9)) return undefined;
  return { type: 'framebufferUpdateRequest', incremental: reader.u8() !== 0, rect: readRect(reader) };
}

function readKeyEvent(reader: ByteReader): ClientMessage | undefined {
  if (!reader.has(7)) return undefined;
  const down = reader.u8() !== 0;
  return { type: 'keyEvent', down, keysym: reader.skip(2).u32() };
}

function readPointerEvent(reader: ByteReader, isExtended: boolean): ClientMessage | undefined {
  if (!reader.has(5)) return undefined;
  const low = reader.u8();
  const x = reader.u16();
  const y = reader.u16();
  // Community document: bit 7 of the mask says that a second mask byte follows, with button 8 in its bit 0. Without the extension bit 7 is button 8 itself.
  if (!isExtended || (low & 0x80) === 0) return { type: 'pointerEvent', x, y, buttonMask: low };
  if (!reader.has(1)) return undefined;
  return { type: 'pointerEvent', x, y, buttonMask: (low & 0x7f) | (reader.u8() << 7) };
}

function readClientCutText(reader: ByteReader, maxBytes: number): ClientMessage | undefined {
  if (!reader.has(7)) return undefined;
  const length = reader.skip(3).i32();
  // Community document: a negative length announces an extended clipboard message of that many bytes.
  const size = Math.abs(length);
  if (size > maxBytes) return { type: 'oversizedCutText', bytes: size };
  if (!reader.has(size)) return undefined;
  const body = reader.take(size);
  return length < 0
    ? { type: 'extendedClipboard', clipboard: decodeClipboardMessage(body) }
    : { type: 'clientCutText', text: decodeLatin1(body) };
}

function readEnableContinuousUpdates(reader: ByteReader): ClientMessage | undefined {
  if (!reader.has(9)) return undefined;
  return { type: 'enableContinuousUpdates', enable: reader.u8() !== 0, rect: readRect(reader) };
}

function readFence(reader: ByteReader): ClientMessage | undefined {
  if (!reader.has(8)) return undefined;
  const flags = reader.skip(3).u32();
  const size = reader.u8();
  if (size > maxFenceBytes) throw violation(`client message: fence with ${size} bytes of payload`);
  if (!reader.has(size)) return undefined;
  return { type: 'clientFence', flags, payload: reader.take(size).slice() };
}

function readSetDesktopSize(reader: ByteReader): ClientMessage | undefined {
  if (!reader.has(7)) return undefined;
  const width = reader.skip(1).u16();
  const height = reader.u16();
  const count = reader.u8();
  reader.skip(1);
  if (!reader.has(count * screenBytes)) return undefined;
  return { type: 'setDesktopSize', width, height, screens: readScreens(reader, count) };
}

function readQemuMessage(reader: ByteReader): ClientMessage | undefined {
  if (!reader.has(1)) return undefined;
  const subtype = reader.u8();
  if (subtype !== QemuMessageType.extendedKeyEvent) throw violation(`client message: QEMU sub-type ${subtype}`);
  if (!reader.has(10)) return undefined;
  return { type: 'qemuExtendedKeyEvent', down: reader.u16() !== 0, keysym: reader.u32(), keycode: reader.u32() };
}

function readRect(reader: ByteReader): Rect {
  return { x: reader.u16(), y: reader.u16(), width: reader.u16(), height: reader.u16() };
}
