import { describe, expect, test } from 'bun:test';

import { ByteWriter } from './byte-writer.ts';
import type { CursorShape } from './cursor.ts';
import { PseudoEncoding } from './numbers.ts';
import { bgrx8888, type PixelFormat, rgb565 } from './pixel-format.ts';
import { encodeCursorRect, encodeCursorWithAlphaRect, encodeVmwareCursorRect } from './pseudo-rects.ts';
import { writeRectHeader } from './server-writer.ts';
import { readUpdateRect } from './update-rect-reader.ts';

const width = 11; // not a whole number of mask bytes
const height = 3;
const cursor: CursorShape = {
  width,
  height,
  hotX: 4,
  hotY: 1,
  rgba: Uint8Array.from({ length: width * height * 4 }, (_, i) => {
    const pixel = Math.floor(i / 4);
    return i % 4 === 3 ? ([255, 0, 128, 60][pixel % 4] ?? 0) : (pixel * 31 + (i % 4) * 70) & 0xff;
  }),
};

function read(rect: Uint8Array, format: PixelFormat = bgrx8888): CursorShape {
  for (let cut = 0; cut < rect.length; cut++) {
    expect(readUpdateRect(rect.subarray(0, cut), { format, maxRectBytes: 1e6 })).toBeUndefined();
  }
  const result = readUpdateRect(rect, { format, maxRectBytes: 1e6 });
  expect(result?.length).toBe(rect.length);
  const message = result?.message;
  if (typeof message !== 'object' || message.type !== 'cursor') throw new Error('no cursor was read');
  return message.cursor;
}

/** What is left of the shape where alpha is yes or no. */
function withoutHalves(shape: CursorShape): CursorShape {
  const rgba = shape.rgba.slice();
  for (let i = 0; i < rgba.length; i += 4) {
    if ((rgba[i + 3] ?? 0) >= 128) rgba[i + 3] = 255;
    else rgba.fill(0, i, i + 4);
  }
  return { ...shape, rgba };
}

describe('a cursor shape', () => {
  test('of the standard kind arrives with its mask', () => {
    expect(read(encodeCursorRect(cursor, bgrx8888))).toEqual(withoutHalves(cursor));
  });

  test('of the standard kind arrives in any pixel format', () => {
    const bigEndian = { ...bgrx8888, bigEndian: true };
    expect(read(encodeCursorRect(cursor, bigEndian), bigEndian)).toEqual(withoutHalves(cursor));
    const coarse = read(encodeCursorRect(cursor, rgb565), rgb565);
    withoutHalves(cursor).rgba.forEach((value, i) => {
      expect(Math.abs((coarse.rgba[i] ?? 0) - value)).toBeLessThanOrEqual(i % 4 === 3 ? 0 : 5);
    });
  });

  test('of the VMware kind arrives exactly, half-transparent pixels too', () => {
    expect(read(encodeVmwareCursorRect(cursor))).toEqual(cursor);
  });

  test('with alpha arrives as exactly as multiplied colours allow', () => {
    const { rgba, ...rest } = read(encodeCursorWithAlphaRect(cursor));
    expect(rest).toEqual({ width, height, hotX: 4, hotY: 1 });
    cursor.rgba.forEach((value, i) => {
      const alpha = cursor.rgba[i - (i % 4) + 3] ?? 0;
      if (i % 4 === 3) expect(rgba[i]).toBe(value);
      else if (alpha > 0) expect(Math.abs((rgba[i] ?? 0) - value)).toBeLessThanOrEqual(Math.ceil(255 / alpha / 2));
    });
  });

  test('of VMware’s classic kind is read: masks for what is opaque, transparent and inverted', () => {
    const writer = writeRectHeader(new ByteWriter(), { x: 0, y: 0, width: 3, height: 1 }, PseudoEncoding.vmwareCursor);
    const and = [0, 0, 0, 0, 255, 255, 255, 0, 255, 255, 255, 0];
    const xor = [10, 20, 30, 0, 0, 0, 0, 0, 255, 255, 255, 0];
    writer
      .u8(0)
      .u8(0)
      .bytes(Uint8Array.from([...and, ...xor]));
    expect(Array.from(read(writer.copy()).rgba)).toEqual([30, 20, 10, 255, 0, 0, 0, 0, 0, 0, 0, 255]);
  });

  test('without pixels is an invisible pointer', () => {
    const none = { width: 0, height: 0, hotX: 0, hotY: 0, rgba: new Uint8Array(0) };
    expect(read(encodeCursorRect(none, bgrx8888))).toEqual(none);
  });

  test('of a size that no pointer has breaks the protocol', () => {
    const rect = writeRectHeader(
      new ByteWriter(),
      { x: 0, y: 0, width: 60000, height: 60000 },
      PseudoEncoding.cursor,
    ).copy();
    expect(() => readUpdateRect(rect, { format: bgrx8888, maxRectBytes: 1e6 })).toThrow(
      expect.objectContaining({ code: 'PROTOCOL_VIOLATION' }),
    );
  });
});
