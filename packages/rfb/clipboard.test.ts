import { describe, expect, test } from 'bun:test';
import { deflateSync, inflateSync } from 'node:zlib';

import fc from 'fast-check';

import {
  type ClipboardMessage,
  clipboardCaps,
  decodeClipboardMessage,
  encodeClipboardMessage,
  provideText,
  readProvidedText,
} from './clipboard.ts';
import { ClipboardFlag } from './numbers.ts';

const deflate = (bytes: Uint8Array) => new Uint8Array(deflateSync(bytes));
const inflate = (bytes: Uint8Array, maxBytes: number) => new Uint8Array(inflateSync(bytes)).subarray(0, maxBytes);
const violation = expect.objectContaining({ code: 'PROTOCOL_VIOLATION' });

function asProvide(message: ClipboardMessage): Extract<ClipboardMessage, { action: 'provide' }> {
  if (message.action !== 'provide') throw new Error(`it is a ${message.action}`);
  return message;
}

const read = (message: ClipboardMessage, maxTextBytes = 10_000) =>
  readProvidedText(asProvide(message), { inflate, maxTextBytes });

describe('clipboard text', () => {
  test('arrives as it was, whatever characters it has', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (text) => {
        fc.pre(!text.endsWith('\0'));
        const sent = decodeClipboardMessage(encodeClipboardMessage(provideText(text, deflate)));
        expect(read(sent)).toBe(text.replace(/\r\n?/g, '\n'));
      }),
    );
  });

  test('travels with CR LF and a NUL at its end', () => {
    const { deflated } = asProvide(provideText('a\nb', deflate));
    expect(Array.from(inflateSync(deflated))).toEqual([0, 0, 0, 5, 97, 13, 10, 98, 0]);
  });

  test('above the cap is not taken', () => {
    expect(read(provideText('x'.repeat(5000), deflate), 100)).toBeUndefined();
  });

  test('is absent where other formats are provided only', () => {
    expect(
      read({ action: 'provide', formats: ClipboardFlag.html, deflated: deflate(Uint8Array.of(0, 0, 0, 0)) }),
    ).toBeUndefined();
  });

  test('shorter than its length breaks the protocol', () => {
    const deflated = deflate(Uint8Array.of(0, 0, 0, 9, 65));
    expect(() => read({ action: 'provide', formats: ClipboardFlag.text, deflated })).toThrow(violation);
  });
});

describe('a clipboard message', () => {
  test('of what we can do has text and its size', () => {
    expect(decodeClipboardMessage(encodeClipboardMessage(clipboardCaps(1000)))).toEqual(clipboardCaps(1000));
  });

  test('with no action, or several, breaks the protocol', () => {
    for (const flags of [0, ClipboardFlag.request | ClipboardFlag.notify, 0x8000_0000]) {
      const body = new Uint8Array(4);
      new DataView(body.buffer).setUint32(0, flags);
      expect(() => decodeClipboardMessage(body)).toThrow(violation);
    }
  });

  test('shorter than its flags, or its sizes, breaks the protocol', () => {
    expect(() => decodeClipboardMessage(Uint8Array.of(1, 0, 0))).toThrow(violation);
    expect(() => decodeClipboardMessage(Uint8Array.of(1, 0, 0, 3, 0, 0, 0, 9))).toThrow(violation);
  });
});
