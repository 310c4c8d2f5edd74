import { expect, test } from 'bun:test';
import { encodeH264Rect } from '../encode/h264.ts';
import { rectHeaderBytes } from '../server-writer.ts';
import { createFramebuffer } from './framebuffer.ts';
import { openH264Contexts } from './h264.ts';

/** Contexts whose decoder shows one colour: its own number and the first byte of what it gets. */
function setUp() {
  let opened = 0;
  const closed: number[] = [];
  const contexts = openH264Contexts(() => {
    const number = ++opened;
    return {
      decode: (bytes) => ({ width: 4, height: 4, words: new Int32Array(16).fill(number * 256 + (bytes[0] ?? 0)) }),
      [Symbol.dispose]: () => closed.push(number),
    };
  });
  const framebuffer = createFramebuffer(8, 8);
  const draw = (x: number, pictures: readonly Uint8Array[], isReset = false) => {
    const rect = { x, y: 2, width: 3, height: 4 };
    contexts.decode(framebuffer, rect, encodeH264Rect(rect, pictures, { isReset }).subarray(rectHeaderBytes));
    return framebuffer.words[2 * 8 + x];
  };
  return { draw, closed, framebuffer };
}

test('each rect has a decoder of its own, until it is reset', () => {
  const { draw, closed } = setUp();
  expect(draw(0, [Uint8Array.of(7)])).toBe(256 + 7);
  expect(draw(3, [Uint8Array.of(8)])).toBe(512 + 8);
  expect(draw(0, [Uint8Array.of(9)])).toBe(256 + 9);
  expect(draw(0, [Uint8Array.of(1)], true)).toBe(768 + 1);
  expect(closed).toEqual([1]);
});

test('a picture that is larger than its rect is cut, and one that is smaller is refused', () => {
  const { draw, framebuffer } = setUp();
  draw(0, [Uint8Array.of(7)]);
  expect([...framebuffer.words].filter((word) => word !== 0).length).toBe(12);
  const small = openH264Contexts(() => ({
    decode: () => ({ width: 2, height: 2, words: new Int32Array(4) }),
    [Symbol.dispose]() {},
  }));
  const rect = { x: 0, y: 0, width: 3, height: 4 };
  const body = encodeH264Rect(rect, [Uint8Array.of(1)], { isReset: false }).subarray(rectHeaderBytes);
  expect(() => small.decode(framebuffer, rect, body)).toThrow('a picture of 2 × 2');
});

test('a rect without pictures shows nothing new', () => {
  const { draw } = setUp();
  expect(draw(0, [])).toBe(0);
});
