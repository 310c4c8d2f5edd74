import { ByteReader } from './byte-reader.ts';
import type { ReadResult } from './client-reader.ts';
import { decodeClipboardMessage } from './clipboard.ts';
import { decodeLatin1 } from './latin1.ts';
import { ServerMessageType } from './numbers.ts';
import type { PixelFormat } from './pixel-format.ts';
import type { ServerMessage } from './server-message.ts';
import { rectsUntilLast } from './server-writer.ts';
import { readUpdateRect } from './update-rect-reader.ts';
import { violation } from './violation.ts';

/** Where a client stands between two server messages: an update is read rect by rect. */
export interface ServerReaderState {
  /** Rects of the current update that are still to come; Infinity until a LastRect; undefined between updates. */
  readonly rectsLeft: number | undefined;
}

export interface ServerReaderOptions {
  /** The pixel format in force: what ServerInit said, or what SetPixelFormat asked for since. */
  readonly format: PixelFormat;
  readonly maxCutTextBytes: number;
  /** The largest body of one rect that is waited for. */
  readonly maxRectBytes: number;
}

export const betweenUpdates: ServerReaderState = { rectsLeft: undefined };

export interface ServerReadResult extends ReadResult<ServerMessage> {
  readonly state: ServerReaderState;
}

/** Reads the message, or the next rect of an update, at the start of `bytes`. Undefined: more bytes are needed. Throws PROTOCOL_VIOLATION. */
export function readServerMessage(
  bytes: Uint8Array,
  state: ServerReaderState,
  options: ServerReaderOptions,
): ServerReadResult | undefined {
  if (state.rectsLeft !== undefined) return readRectOrEnd(bytes, state.rectsLeft, options);
  const reader = new ByteReader(bytes);
  if (!reader.has(1)) return undefined;
  const type = reader.u8();
  if (type === ServerMessageType.framebufferUpdate) {
    if (!reader.has(3)) return undefined;
    const count = reader.skip(1).u16();
    const rectsLeft = count === rectsUntilLast ? Infinity : count;
    return { message: { type: 'updateBegin' }, length: reader.offset, state: { rectsLeft } };
  }
  const message = readBody(type, reader, options);
  if (message === undefined) return undefined;
  const skipped = message.type === 'oversizedCutText' ? message.bytes : 0;
  return { message, length: reader.offset + skipped, state };
}

function readRectOrEnd(
  bytes: Uint8Array,
  rectsLeft: number,
  options: ServerReaderOptions,
): ServerReadResult | undefined {
  const end = { message: { type: 'updateEnd' }, state: betweenUpdates } as const;
  if (rectsLeft === 0) return { ...end, length: 0 };
  const read = readUpdateRect(bytes, options);
  if (read === undefined) return undefined;
  if (read.message === 'lastRect') return { ...end, length: read.length };
  return { message: read.message, length: read.length, state: { rectsLeft: rectsLeft - 1 } };
}

function readBody(type: number, reader: ByteReader, options: ServerReaderOptions): ServerMessage | undefined {
  switch (type) {
    case ServerMessageType.setColourMapEntries:
      return readColourMap(reader);
    case ServerMessageType.bell:
      return { type: 'bell' };
    case ServerMessageType.serverCutText:
      return readServerCutText(reader, options.maxCutTextBytes);
    case ServerMessageType.endOfContinuousUpdates:
      return { type: 'endOfContinuousUpdates' };
    case ServerMessageType.serverFence:
      return readFence(reader);
    default:
      throw violation(`server message: unknown type ${type}`);
  }
}

// Its entries are skipped: only true colour is spoken here.
function readColourMap(reader: ByteReader): ServerMessage | undefined {
  if (!reader.has(5)) return undefined;
  const count = reader.skip(3).u16();
  if (!reader.has(count * 6)) return undefined;
  reader.skip(count * 6);
  return { type: 'setColourMapEntries' };
}

function readServerCutText(reader: ByteReader, maxBytes: number): ServerMessage | undefined {
  if (!reader.has(7)) return undefined;
  const length = reader.skip(3).i32();
  const size = Math.abs(length);
  if (size > maxBytes) return { type: 'oversizedCutText', bytes: size };
  if (!reader.has(size)) return undefined;
  const body = reader.take(size);
  return length < 0
    ? { type: 'extendedClipboard', clipboard: decodeClipboardMessage(body) }
    : { type: 'serverCutText', text: decodeLatin1(body) };
}

function readFence(reader: ByteReader): ServerMessage | undefined {
  if (!reader.has(8)) return undefined;
  const flags = reader.skip(3).u32();
  const size = reader.u8();
  if (size > 64) throw violation(`server message: fence with ${size} bytes of payload`);
  if (!reader.has(size)) return undefined;
  return { type: 'serverFence', flags, payload: reader.take(size).slice() };
}
