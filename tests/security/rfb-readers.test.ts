import { describe, expect, test } from 'bun:test';
import { deflateSync } from 'node:zlib';

import { hasCode } from '@bhatti/base/errors.ts';
import { startClientHandshake, stepClientHandshake } from '@bhatti/rfb/client-handshake.ts';
import { readClientMessage } from '@bhatti/rfb/client-reader.ts';
import { decodeClipboardMessage, readProvidedText } from '@bhatti/rfb/clipboard.ts';
import { bgrx8888 } from '@bhatti/rfb/pixel-format.ts';
import { byteByByte, readInPieces } from '@bhatti/rfb/read-in-pieces.ts';
import { startServerHandshake, stepServerHandshake } from '@bhatti/rfb/server-handshake.ts';
import { betweenUpdates, readServerMessage, type ServerReaderState } from '@bhatti/rfb/server-reader.ts';
import { inflateOnce } from '@bhatti/sys/native/zlib.ts';
import fc from 'fast-check';

const maxCutTextBytes = 4096;
const maxRectBytes = 65_536;
const numRuns = 3000;

/** Bytes that begin like a message, so that reading gets beyond the first of them. */
const messageLike = (types: readonly number[]) =>
  fc
    .tuple(
      fc.constantFrom(...types),
      fc.array(fc.oneof(fc.constant(0), fc.constant(255), fc.nat(255)), { maxLength: 80 }),
    )
    .map(([type, rest]) => Uint8Array.of(type, ...rest));
const stream = (types: readonly number[]) =>
  fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    messageLike(types),
    fc.array(messageLike(types), { maxLength: 6 }).map(joined),
  );

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(chunks));
}

/** What a reader makes of bytes: messages and "need more", or the protocol's error; anything else fails the test. */
function outcome(read: () => unknown): string {
  try {
    return JSON.stringify(read(), (_, value: unknown) => (value instanceof Uint8Array ? Array.from(value) : value));
  } catch (error) {
    if (hasCode(error, 'PROTOCOL_VIOLATION') || hasCode(error, 'VERSION_UNSUPPORTED') || hasCode(error, 'FORBIDDEN')) {
      return error.message;
    }
    throw error;
  }
}

function readAsServer(pieces: Iterable<Uint8Array>) {
  return readInPieces(pieces, (bytes) => {
    const result = readClientMessage(bytes, { extendedMouseButtons: true, maxCutTextBytes });
    // A reader that answered without taking a byte would be asked for ever.
    if (result !== undefined && result.length <= 0) throw new Error('no progress');
    return result;
  });
}

function readAsClient(pieces: Iterable<Uint8Array>) {
  let state: ServerReaderState = betweenUpdates;
  return readInPieces(pieces, (bytes) => {
    const result = readServerMessage(bytes, state, { format: bgrx8888, maxCutTextBytes, maxRectBytes });
    if (result === undefined) return undefined;
    // Only the end of an update takes no byte, and it ends the state that gave it.
    if (result.length <= 0 && result.state.rectsLeft === state.rectsLeft) throw new Error('no progress');
    state = result.state;
    return { message: structuredClone(result.message), length: result.length };
  });
}

describe('arbitrary bytes from a client', () => {
  const types = [0, 2, 3, 4, 5, 6, 150, 248, 251, 255];

  test('end in messages, in "need more" or in a protocol error, the same whole and byte by byte', () => {
    fc.assert(
      fc.property(stream(types), (bytes) => {
        expect(outcome(() => readAsServer([bytes]))).toBe(outcome(() => readAsServer(byteByByte(bytes))));
      }),
      { numRuns },
    );
  });

  test('never make the server wait for more than its caps', () => {
    fc.assert(
      fc.property(messageLike(types), (head) => {
        const largest = 4 + 65_535 * 4; // SetEncodings with as many as can be counted
        const bytes = new Uint8Array(largest + 100);
        bytes.set(head);
        const first = (() => {
          try {
            return readClientMessage(bytes, { extendedMouseButtons: true, maxCutTextBytes });
          } catch {
            return 'refused'; // expected for most bytes: refusing is not waiting
          }
        })();
        expect(first).toBeDefined();
      }),
      { numRuns },
    );
  });
});

describe('arbitrary bytes from a server', () => {
  const types = [0, 1, 2, 3, 150, 248];
  const rect = fc
    .tuple(
      fc.array(fc.oneof(fc.constant(0), fc.nat(255)), { minLength: 8, maxLength: 8 }),
      fc.constantFrom(
        0,
        1,
        7,
        16,
        50,
        -223,
        -224,
        -232,
        -239,
        -258,
        -261,
        -307,
        -308,
        -314,
        -316,
        0x574d5664,
        0x574d5668,
      ),
      fc.uint8Array({ maxLength: 60 }),
    )
    .map(([place, encoding, body]) => {
      const bytes = new Uint8Array(16 + body.length);
      bytes.set([0, 0, 255, 255]);
      bytes.set(place, 4);
      new DataView(bytes.buffer).setInt32(12, encoding);
      bytes.set(body, 16);
      return bytes;
    });

  test('end in messages, in "need more" or in a protocol error, the same whole and byte by byte', () => {
    fc.assert(
      fc.property(fc.oneof(stream(types), rect), (bytes) => {
        expect(outcome(() => readAsClient([bytes]))).toBe(outcome(() => readAsClient(byteByByte(bytes))));
      }),
      { numRuns },
    );
  });
});

describe('arbitrary bytes in the handshake', () => {
  const init = { width: 10, height: 10, format: bgrx8888, name: 'x' };
  const hello = fc
    .constantFrom('RFB 003.003\n', 'RFB 003.007\n', 'RFB 003.008\n')
    .map((text) => new TextEncoder().encode(text));
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.tuple(hello, fc.uint8Array({ maxLength: 60 })).map(joined),
  );

  test('end a server’s side in a state or a refusal', () => {
    fc.assert(
      fc.property(bytes, (input) => {
        outcome(() => {
          let { state } = startServerHandshake();
          let at = 0;
          for (;;) {
            const step = stepServerHandshake(state, input.subarray(at), init);
            if (step === undefined) return state;
            state = step.state;
            at += step.length;
          }
        });
      }),
      { numRuns },
    );
  });

  test('end a client’s side in a state or a refusal', () => {
    fc.assert(
      fc.property(bytes, (input) => {
        outcome(() => {
          let state = startClientHandshake();
          let at = 0;
          for (;;) {
            const step = stepClientHandshake(state, input.subarray(at));
            if (step === undefined) return state;
            state = step.state;
            at += step.length;
          }
        });
      }),
      { numRuns },
    );
  });
});

describe('an arbitrary clipboard message', () => {
  const maxTextBytes = 1000;

  test('ends in a message or a protocol error', () => {
    fc.assert(
      fc.property(messageLike([0, 1, 2, 4, 8, 16, 255]), (body) => {
        outcome(() => {
          const message = decodeClipboardMessage(body);
          return message.action === 'provide'
            ? readProvidedText(message, { inflate: inflateOnce, maxTextBytes })
            : message;
        });
      }),
      { numRuns },
    );
  });

  test('that would inflate to a gigabyte costs its cap and no more', () => {
    const bomb = deflateSync(new Uint8Array(64 << 20), { level: 9 });
    const before = process.memoryUsage().rss;
    const text = outcome(() =>
      readProvidedText({ action: 'provide', formats: 1, deflated: bomb }, { inflate: inflateOnce, maxTextBytes }),
    );
    expect(text).toBe('""');
    expect(inflateOnce(bomb, 5000).length).toBe(5000);
    expect(process.memoryUsage().rss - before).toBeLessThan(48 << 20);
  });
});
