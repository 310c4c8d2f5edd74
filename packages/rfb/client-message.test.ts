import { describe, expect, test } from 'bun:test';

import { concatBytes } from '@bhatti/base/bytes.ts';
import fc from 'fast-check';

import type { ClientMessage } from './client-message.ts';
import { type ClientReaderOptions, readClientMessage } from './client-reader.ts';
import { encodeClientMessage } from './client-writer.ts';
import { ClipboardFlag } from './numbers.ts';
import { bgrx8888, rgb565 } from './pixel-format.ts';
import { byteByByte, cutAt, readInPieces } from './read-in-pieces.ts';

const options: ClientReaderOptions = { extendedMouseButtons: true, maxCutTextBytes: 4096 };
const read = (bytes: Uint8Array) => readClientMessage(bytes, options);
const violation = expect.objectContaining({ code: 'PROTOCOL_VIOLATION' });

const u8 = fc.nat(0xff);
const u16 = fc.nat(0xffff);
const u32 = fc.nat(0xffff_ffff);
const rect = fc.record({ x: u16, y: u16, width: u16, height: u16 });
const screen = fc.record({ id: u32, x: u16, y: u16, width: u16, height: u16, flags: u32 });
const latin1Text = fc.array(u8, { maxLength: 300 }).map((codes) => String.fromCharCode(...codes));
const formats = fc.nat(0xffff);
const clipboard = fc.oneof(
  fc.record({ action: fc.constantFrom('request' as const, 'notify' as const), formats }),
  fc.constant({ action: 'peek' as const }),
  fc.record({ action: fc.constant('provide' as const), formats, deflated: fc.uint8Array({ maxLength: 200 }) }),
  fc.record({
    action: fc.constant('caps' as const),
    formats: fc.constant(ClipboardFlag.text | ClipboardFlag.html),
    actions: fc.constant(ClipboardFlag.request | ClipboardFlag.provide),
    sizes: fc.tuple(u32, u32),
  }),
);
const message: fc.Arbitrary<Exclude<ClientMessage, { type: 'oversizedCutText' }>> = fc.oneof(
  fc.record({ type: fc.constant('setPixelFormat' as const), format: fc.constantFrom(bgrx8888, rgb565) }),
  fc.record({
    type: fc.constant('setEncodings' as const),
    encodings: fc.array(fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff }), { maxLength: 40 }),
  }),
  fc.record({ type: fc.constant('framebufferUpdateRequest' as const), incremental: fc.boolean(), rect }),
  fc.record({ type: fc.constant('keyEvent' as const), down: fc.boolean(), keysym: u32 }),
  fc.record({ type: fc.constant('qemuExtendedKeyEvent' as const), down: fc.boolean(), keysym: u32, keycode: u32 }),
  fc.record({ type: fc.constant('pointerEvent' as const), x: u16, y: u16, buttonMask: fc.nat(0x1ff) }),
  fc.record({ type: fc.constant('clientCutText' as const), text: latin1Text }),
  fc.record({ type: fc.constant('extendedClipboard' as const), clipboard }),
  fc.record({ type: fc.constant('clientFence' as const), flags: u32, payload: fc.uint8Array({ maxLength: 64 }) }),
  fc.record({ type: fc.constant('enableContinuousUpdates' as const), enable: fc.boolean(), rect }),
  fc.record({
    type: fc.constant('setDesktopSize' as const),
    width: u16,
    height: u16,
    screens: fc.array(screen, { maxLength: 5 }),
  }),
);

describe('client messages', () => {
  test('are read as they were written: whole, byte by byte, and at any cuts', () => {
    fc.assert(
      fc.property(fc.array(message, { minLength: 1, maxLength: 6 }), fc.array(fc.nat()), (messages, cuts) => {
        const bytes = concatBytes(messages.map(encodeClientMessage));
        expect(readInPieces([bytes], read)).toEqual(messages);
        expect(readInPieces(byteByByte(bytes), read)).toEqual(messages);
        expect(readInPieces(cutAt(bytes, cuts), read)).toEqual(messages);
      }),
    );
  });

  test('that are cut short need more bytes', () => {
    fc.assert(
      fc.property(message, fc.nat(), (one, cut) => {
        const bytes = encodeClientMessage(one);
        expect(read(bytes.subarray(0, cut % bytes.length))).toBeUndefined();
      }),
    );
  });

  test('of an unknown type break the protocol', () => {
    for (const type of [1, 7, 100, 249, 254]) expect(() => read(Uint8Array.of(type))).toThrow(violation);
  });

  test('of QEMU other than keys break the protocol', () => {
    expect(() => read(Uint8Array.of(255, 1))).toThrow(violation);
  });

  test('with a fence of more than 64 bytes break the protocol', () => {
    expect(() => read(Uint8Array.of(248, 0, 0, 0, 0, 0, 0, 0, 65))).toThrow(violation);
  });

  test('with a pixel format that is none break the protocol', () => {
    expect(() => read(new Uint8Array(20))).toThrow(violation);
  });
});

describe('a pointer event', () => {
  const extended = Uint8Array.of(5, 0x81, 0, 10, 0, 20, 2);

  test('has its buttons 8 and 9 in a second byte where that was agreed', () => {
    expect(read(extended)).toEqual({ message: { type: 'pointerEvent', x: 10, y: 20, buttonMask: 0x101 }, length: 7 });
  });

  test('has button 8 in its first byte where nothing was agreed', () => {
    const result = readClientMessage(extended, { ...options, extendedMouseButtons: false });
    expect(result).toEqual({ message: { type: 'pointerEvent', x: 10, y: 20, buttonMask: 0x81 }, length: 6 });
  });
});

describe('cut text above the cap', () => {
  const head = (length: number) => {
    const bytes = new Uint8Array(8);
    bytes[0] = 6;
    new DataView(bytes.buffer).setInt32(4, length);
    return bytes;
  };

  test('is skipped without being waited for, and the next message is read', () => {
    const bell = encodeClientMessage({ type: 'keyEvent', down: true, keysym: 65 });
    for (const sign of [1, -1]) {
      const bytes = concatBytes([head(sign * 5000), new Uint8Array(5000).fill(6), bell]);
      const expected: ClientMessage[] = [
        { type: 'oversizedCutText', bytes: 5000 },
        { type: 'keyEvent', down: true, keysym: 65 },
      ];
      expect(readInPieces([bytes], read)).toEqual(expected);
      expect(readInPieces(byteByByte(bytes), read)).toEqual(expected);
    }
  });

  test('may be the longest that a length can say', () => {
    expect(read(head(-0x8000_0000))).toEqual({
      message: { type: 'oversizedCutText', bytes: 0x8000_0000 },
      length: 0x8000_0008,
    });
  });
});
