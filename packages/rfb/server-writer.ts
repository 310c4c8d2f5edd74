import { ByteWriter } from './byte-writer.ts';
import { type ClipboardMessage, encodeClipboardMessage } from './clipboard.ts';
import { encodeLatin1 } from './latin1.ts';
import { PseudoEncoding, ServerMessageType } from './numbers.ts';
import type { Rect } from './rect.ts';

/** The number of rects in an update's header that says: until a LastRect (community document, "LastRect Pseudo-encoding"). */
export const rectsUntilLast = 0xffff;

export const updateHeaderBytes = 4;
export const rectHeaderBytes = 12;

/** The beginning of a FramebufferUpdate: exactly `rectCount` rects follow, or any number and then `encodeLastRect()` where it is `rectsUntilLast`. */
export function encodeUpdateHeader(rectCount: number): Uint8Array<ArrayBuffer> {
  return new ByteWriter(updateHeaderBytes).u8(ServerMessageType.framebufferUpdate).zeros(1).u16(rectCount).copy();
}

/** Adds the 12 bytes before each rect's body (RFC 6143 §7.6.1). */
export function writeRectHeader(writer: ByteWriter, rect: Rect, encoding: number): ByteWriter {
  return writer.u16(rect.x).u16(rect.y).u16(rect.width).u16(rect.height).i32(encoding);
}

export function encodeLastRect(): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter(rectHeaderBytes);
  return writeRectHeader(writer, { x: 0, y: 0, width: 0, height: 0 }, PseudoEncoding.lastRect).copy();
}

export function encodeBell(): Uint8Array<ArrayBuffer> {
  return Uint8Array.of(ServerMessageType.bell);
}

/** Cut text as RFC 6143 §7.6.4 has it: Latin-1, line feeds only. Characters that it lacks become "?". */
export function encodeServerCutText(text: string): Uint8Array<ArrayBuffer> {
  return encodeCutText(encodeLatin1(text.replace(/\r\n?/g, '\n')), 1);
}

/** Only for a client that named the extended clipboard among its encodings. */
export function encodeServerClipboard(message: ClipboardMessage): Uint8Array<ArrayBuffer> {
  return encodeCutText(encodeClipboardMessage(message), -1);
}

export function encodeEndOfContinuousUpdates(): Uint8Array<ArrayBuffer> {
  return Uint8Array.of(ServerMessageType.endOfContinuousUpdates);
}

/** `flags` are bits of FenceFlag; `payload` at most 64 bytes, which come back as they are. */
export function encodeServerFence(flags: number, payload: Uint8Array): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter(9 + payload.length).u8(ServerMessageType.serverFence).zeros(3);
  return writer.u32(flags).u8(payload.length).bytes(payload).copy();
}

function encodeCutText(body: Uint8Array, sign: 1 | -1): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter(8 + body.length).u8(ServerMessageType.serverCutText).zeros(3);
  return writer
    .i32(sign * body.length)
    .bytes(body)
    .copy();
}
