/** One frame of RFC 6455 §5.2, unmasked. */
export interface WebSocketFrame {
  readonly isFinal: boolean;
  readonly opcode: number;
  readonly payload: Uint8Array<ArrayBuffer>;
}

export const opcodeContinuation = 0;
export const opcodeText = 1;
export const opcodeBinary = 2;
export const opcodeClose = 8;
export const opcodePing = 9;
export const opcodePong = 10;

/** A frame as a client must send it: masked (RFC 6455 §5.3). */
export function encodeClientFrame(opcode: number, payload: Uint8Array): Uint8Array<ArrayBuffer> {
  const lengthBytes = payload.length < 126 ? 0 : payload.length < 65_536 ? 2 : 8;
  const frame = new Uint8Array(2 + lengthBytes + 4 + payload.length);
  const view = new DataView(frame.buffer);
  frame[0] = 0x80 | opcode;
  frame[1] = 0x80 | (lengthBytes === 0 ? payload.length : lengthBytes === 2 ? 126 : 127);
  if (lengthBytes === 2) view.setUint16(2, payload.length);
  if (lengthBytes === 8) view.setBigUint64(2, BigInt(payload.length));
  const mask = crypto.getRandomValues(frame.subarray(2 + lengthBytes, 6 + lengthBytes));
  xorInto(frame.subarray(6 + lengthBytes), payload, mask);
  return frame;
}

/**
 * Cuts a byte stream from a server into frames. `next` answers undefined for "need more" and throws a RangeError for bytes that no server may send:
 * a masked frame, an unknown extension bit, a payload beyond `maxPayloadBytes`.
 */
export class WebSocketFrameReader {
  readonly #maxPayloadBytes: number;
  #pending: Uint8Array<ArrayBuffer> = new Uint8Array(0);

  constructor(maxPayloadBytes: number) {
    this.#maxPayloadBytes = maxPayloadBytes;
  }

  push(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.#pending.length === 0) {
      this.#pending = bytes;
      return;
    }
    const joined = new Uint8Array(this.#pending.length + bytes.length);
    joined.set(this.#pending);
    joined.set(bytes, this.#pending.length);
    this.#pending = joined;
  }

  next(): WebSocketFrame | undefined {
    const bytes = this.#pending;
    const first = bytes[0];
    const second = bytes[1];
    if (first === undefined || second === undefined) return undefined;
    if ((first & 0x70) !== 0) throw new RangeError('a WebSocket frame uses an extension that was not agreed on');
    if ((second & 0x80) !== 0) throw new RangeError('a WebSocket frame from the server is masked');
    const length = payloadLength(bytes, second);
    if (length === undefined) return undefined;
    if (length.payload > this.#maxPayloadBytes)
      throw new RangeError(`a WebSocket frame of ${length.payload} bytes is too large`);
    const end = length.header + length.payload;
    if (bytes.length < end) return undefined;
    this.#pending = bytes.subarray(end);
    return { isFinal: (first & 0x80) !== 0, opcode: first & 0x0f, payload: bytes.subarray(length.header, end) };
  }
}

function payloadLength(
  bytes: Uint8Array<ArrayBuffer>,
  second: number,
): { header: number; payload: number } | undefined {
  const short = second & 0x7f;
  if (short < 126) return { header: 2, payload: short };
  const header = short === 126 ? 4 : 10;
  if (bytes.length < header) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return { header, payload: short === 126 ? view.getUint16(2) : Number(view.getBigUint64(2)) };
}

function xorInto(target: Uint8Array, source: Uint8Array, mask: Uint8Array): void {
  for (let at = 0; at < source.length; at += 1) {
    // SAFETY: `at` is inside source, and mask has four bytes.
    target[at] = source[at]! ^ mask[at & 3]!;
  }
}
