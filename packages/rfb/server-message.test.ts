import { describe, expect, test } from 'bun:test';

import { concatBytes } from '@bhatti/base/bytes.ts';
import fc from 'fast-check';

import { ByteWriter } from './byte-writer.ts';
import { clipboardCaps } from './clipboard.ts';
import { encodeCopyRect } from './encode/copy-rect.ts';
import { DesktopSizeReason, DesktopSizeStatus, Encoding, FenceFlag, LedBit } from './numbers.ts';
import { bgrx8888 } from './pixel-format.ts';
import {
  encodeDesktopNameRect,
  encodeDesktopSizeRect,
  encodeExtendedDesktopSizeRect,
  encodeExtendedMouseButtonsRect,
  encodePointerPositionRect,
  encodeQemuKeyEventRect,
  encodeQemuLedStateRect,
  encodeVmwareCursorPositionRect,
  encodeVmwareLedStateRect,
} from './pseudo-rects.ts';
import { byteByByte, cutAt, readInPieces } from './read-in-pieces.ts';
import type { ServerMessage } from './server-message.ts';
import { betweenUpdates, readServerMessage, type ServerReaderOptions } from './server-reader.ts';
import {
  encodeBell,
  encodeEndOfContinuousUpdates,
  encodeLastRect,
  encodeServerClipboard,
  encodeServerCutText,
  encodeServerFence,
  encodeUpdateHeader,
  rectsUntilLast,
  writeRectHeader,
} from './server-writer.ts';

const options: ServerReaderOptions = { format: bgrx8888, maxCutTextBytes: 1000, maxRectBytes: 100_000 };
const violation = expect.objectContaining({ code: 'PROTOCOL_VIOLATION' });

/** Reads a whole conversation; pixel bodies are copied, since they are views. */
function readAll(pieces: Iterable<Uint8Array>): ServerMessage[] {
  let state = betweenUpdates;
  return readInPieces(pieces, (bytes) => {
    const result = readServerMessage(bytes, state, options);
    if (result === undefined) return undefined;
    state = result.state;
    const { message, length } = result;
    return { message: message.type === 'pixels' ? { ...message, body: message.body.slice() } : message, length };
  });
}

const screens = [{ id: 7, x: 0, y: 0, width: 800, height: 600, flags: 0 }];
const size = {
  width: 800,
  height: 600,
  reason: DesktopSizeReason.client,
  status: DesktopSizeStatus.invalidLayout,
  screens,
};
const copied = { x: 1, y: 2, width: 3, height: 4 };
const raw = { x: 0, y: 0, width: 2, height: 1 };
const rawRect = writeRectHeader(new ByteWriter(), raw, Encoding.raw)
  .bytes(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8))
  .copy();

const rects: readonly (readonly [Uint8Array, ServerMessage])[] = [
  [
    encodeCopyRect(copied, { x: 10, y: 20 }),
    { type: 'pixels', rect: copied, encoding: 1, body: Uint8Array.of(0, 10, 0, 20) },
  ],
  [rawRect, { type: 'pixels', rect: raw, encoding: 0, body: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8) }],
  [encodeVmwareCursorPositionRect(5, 6), { type: 'pointerPosition', x: 5, y: 6 }],
  [encodePointerPositionRect(7, 8), { type: 'pointerPosition', x: 7, y: 8 }],
  [encodeDesktopNameRect('dësk'), { type: 'desktopName', name: 'dësk' }],
  [encodeQemuLedStateRect(LedBit.capsLock), { type: 'ledState', leds: 4 }],
  [encodeVmwareLedStateRect(LedBit.numLock), { type: 'ledState', leds: 2 }],
  [encodeQemuKeyEventRect(), { type: 'qemuExtendedKeyEvent' }],
  [encodeExtendedMouseButtonsRect(), { type: 'extendedMouseButtons' }],
  [encodeExtendedDesktopSizeRect(size), { type: 'extendedDesktopSize', ...size }],
  [encodeDesktopSizeRect(1024, 768), { type: 'desktopSize', width: 1024, height: 768 }],
];
const others: readonly (readonly [Uint8Array, ServerMessage])[] = [
  [encodeBell(), { type: 'bell' }],
  [encodeServerCutText('h\r\né€'), { type: 'serverCutText', text: 'h\né?' }],
  [encodeServerClipboard(clipboardCaps(99)), { type: 'extendedClipboard', clipboard: clipboardCaps(99) }],
  [encodeEndOfContinuousUpdates(), { type: 'endOfContinuousUpdates' }],
  [
    encodeServerFence(FenceFlag.request | FenceFlag.blockBefore, Uint8Array.of(9)),
    { type: 'serverFence', flags: 0x8000_0001, payload: Uint8Array.of(9) },
  ],
  [Uint8Array.of(1, 0, 0, 0, 0, 1, 1, 2, 3, 4, 5, 6), { type: 'setColourMapEntries' }],
  [
    concatBytes([Uint8Array.of(3, 0, 0, 0, 0, 0, 7, 0), new Uint8Array(0x700)]),
    { type: 'oversizedCutText', bytes: 0x700 },
  ],
];

/** An update of the given rects, counted or until a LastRect, and what a client reads of it. */
function updateOf(chosen: typeof rects, isCounted: boolean): readonly [Uint8Array, ServerMessage[]] {
  const bytes = [
    encodeUpdateHeader(isCounted ? chosen.length : rectsUntilLast),
    ...chosen.map(([rect]) => rect),
    ...(isCounted ? [] : [encodeLastRect()]),
  ];
  return [
    concatBytes(bytes),
    [{ type: 'updateBegin' }, ...chosen.map(([, message]) => message), { type: 'updateEnd' }],
  ];
}

describe('server messages', () => {
  const update = fc
    .tuple(fc.subarray([...rects]), fc.boolean())
    .map(([chosen, isCounted]) => updateOf(chosen, isCounted));
  const other = fc.constantFrom(...others).map(([bytes, message]) => [bytes, [message]] as const);

  test('are read as they were written: whole, byte by byte, and at any cuts', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(update, other), { maxLength: 5 }), fc.array(fc.nat()), (parts, cuts) => {
        const bytes = concatBytes(parts.map(([part]) => part));
        const messages = parts.flatMap(([, part]) => part);
        expect(readAll([bytes])).toEqual(messages);
        expect(readAll(byteByByte(bytes))).toEqual(messages);
        expect(readAll(cutAt(bytes, cuts))).toEqual(messages);
      }),
    );
  });

  test('of an unknown type break the protocol', () => {
    expect(() => readAll([Uint8Array.of(77)])).toThrow(violation);
  });

  test('with a rect of an unknown encoding break the protocol', () => {
    const rect = writeRectHeader(new ByteWriter(), raw, 12345).copy();
    expect(() => readAll([encodeUpdateHeader(1), rect])).toThrow(violation);
  });

  test('with a rect above the cap are not waited for', () => {
    const huge = { x: 0, y: 0, width: 65535, height: 65535 };
    const rect = writeRectHeader(new ByteWriter(), huge, Encoding.raw).copy();
    expect(() => readAll([encodeUpdateHeader(1), rect])).toThrow(violation);
  });

  test('with a name above the cap are not waited for', () => {
    const rect = encodeDesktopNameRect('x');
    rect[12] = 0xff;
    expect(() => readAll([encodeUpdateHeader(1), rect])).toThrow(violation);
  });
});
