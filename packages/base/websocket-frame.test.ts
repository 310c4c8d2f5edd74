import { describe, expect, test } from 'bun:test';
import * as fc from 'fast-check';

import { encodeClientFrame, opcodeBinary, WebSocketFrameReader, type WebSocketFrame } from './websocket-frame.ts';

describe('a WebSocket frame', () => {
  test('of every length class is read back whole, byte by byte and at random cuts', () => {
    for (const length of [0, 1, 125, 126, 65_535, 65_536, 70_000]) {
      const payload = crypto.getRandomValues(new Uint8Array(length % 65_536)); // the quota of one call
      const bytes = serverFrame(opcodeBinary, payload);
      expect(read([bytes])).toEqual([{ isFinal: true, opcode: opcodeBinary, payload }]);
      if (length < 1_000) expect(read(Array.from(bytes, (byte) => Uint8Array.of(byte)))).toHaveLength(1);
      expect(read([bytes.slice(0, 3), bytes.slice(3)])[0]?.payload).toEqual(payload);
    }
  });

  test('from a client is masked, and unmasking gives the payload', () => {
    for (const length of [0, 5, 126, 65_536]) {
      const payload = new Uint8Array(length).map((_, at) => at * 7);
      const frame = encodeClientFrame(opcodeBinary, payload);
      expect((frame[1] ?? 0) & 0x80).toBe(0x80);
      const start = frame.length - length;
      const mask = frame.subarray(start - 4, start);
      expect(frame.slice(start).map((byte, at) => byte ^ (mask[at & 3] ?? 0))).toEqual(payload);
    }
  });

  test('that is masked, extended or too long is refused', () => {
    expect(() => read([encodeClientFrame(opcodeBinary, new Uint8Array(1))])).toThrow(RangeError);
    expect(() => read([Uint8Array.of(0xc2, 0)])).toThrow(RangeError);
    expect(() => read([Uint8Array.of(0x82, 127, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)])).toThrow(RangeError);
  });

  test('of arbitrary bytes ends in frames, in "need more" or in a RangeError', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 10 }), (chunks) => {
        try {
          read(chunks.map((chunk) => Uint8Array.from(chunk)));
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }),
    );
  });
});

function serverFrame(opcode: number, payload: Uint8Array): Uint8Array<ArrayBuffer> {
  const masked = encodeClientFrame(opcode, payload);
  const headerLength = masked.length - payload.length - 4;
  const frame = new Uint8Array(headerLength + payload.length);
  frame.set(masked.subarray(0, headerLength));
  frame[1] = (frame[1] ?? 0) & 0x7f;
  frame.set(payload, headerLength);
  return frame;
}

function read(chunks: readonly Uint8Array<ArrayBuffer>[]): WebSocketFrame[] {
  const reader = new WebSocketFrameReader(1_000_000);
  const frames: WebSocketFrame[] = [];
  for (const chunk of chunks) {
    reader.push(chunk);
    for (let frame = reader.next(); frame !== undefined; frame = reader.next()) frames.push(frame);
  }
  return frames;
}
