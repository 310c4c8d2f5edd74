import { describe, expect, test } from 'bun:test';

import type { PixelArea } from '@bhatti/rfb/encode/pixel-area.ts';
import fc from 'fast-check';

import { drawCursor } from './overlay.ts';
import { shrink } from './scale.ts';

function areaOf(width: number, height: number, fill: (i: number) => number = () => 0): PixelArea {
  return {
    words: Int32Array.from({ length: width * height }, (_, i) => fill(i)),
    offset: 0,
    stride: width,
    width,
    height,
  };
}

const green = (word: number | undefined) => ((word ?? 0) >> 8) & 0xff;

describe('a picture that is made smaller', () => {
  test('to its own size stays as it is', () => {
    const source = areaOf(30, 20, (i) => Math.imul(i, 0x9e3779b1) & 0xffffff);
    const target = areaOf(30, 20);
    shrink(source, target);
    expect(Array.from(target.words)).toEqual(Array.from(source.words));
  });

  test('to half has the mean of each four pixels', () => {
    const source = areaOf(4, 2, (i) => [0, 100, 10, 20, 100, 200, 30, 60][i] ?? 0);
    const target = areaOf(2, 1);
    shrink(source, target);
    expect(Array.from(target.words)).toEqual([100, 30]);
  });

  test('by two thirds counts pixels in part', () => {
    const source = areaOf(3, 1, (i) => [0, 90, 240][i] ?? 0);
    const target = areaOf(2, 1);
    shrink(source, target);
    expect(Array.from(target.words)).toEqual([30, 190]);
  });

  test('keeps its mean brightness, and a plain colour plain, to any size', () => {
    const side = fc.integer({ min: 1, max: 60 });
    fc.assert(
      fc.property(side, side, fc.nat(59), fc.nat(59), fc.nat(0xffffff), (width, height, lessX, lessY, colour) => {
        const target = areaOf(Math.max(1, width - lessX), Math.max(1, height - lessY));
        shrink(
          areaOf(width, height, () => colour),
          target,
        );
        expect(new Set(target.words)).toEqual(new Set([colour]));
        const source = areaOf(width, height, (i) => (Math.imul(i + colour, 0x9e3779b1) >>> 24) << 8);
        shrink(source, target);
        const mean = ({ words }: PixelArea) => words.reduce((sum, word) => sum + green(word), 0) / words.length;
        expect(Math.abs(mean(target) - mean(source))).toBeLessThan(0.6);
      }),
    );
  });
});

describe('the pointer on a picture', () => {
  const shape = {
    width: 2,
    height: 2,
    hotX: 1,
    hotY: 0,
    rgba: Uint8Array.of(255, 0, 0, 255, 0, 255, 0, 128, 0, 0, 255, 0, 10, 20, 30, 255),
  };

  test('covers, mixes and leaves as its alpha says, its hot spot where it points', () => {
    const area = areaOf(4, 3, () => 0x646464);
    drawCursor(area, { x: 2, y: 1, shape });
    const plain = 0x646464;
    const rows = [0, 4, 8].map((at) => Array.from(area.words.subarray(at, at + 4)));
    expect(rows).toEqual([
      [plain, plain, plain, plain],
      [plain, 0xff0000, 0x32b232, plain],
      [plain, plain, 0x0a141e, plain],
    ]);
  });

  test('is cut at the edges', () => {
    for (const [x, y] of [
      [0, 0],
      [4, 2],
      [-5, -5],
      [100, 100],
    ] as const) {
      const area = areaOf(4, 3, () => 7);
      drawCursor(area, { x, y, shape });
      expect(area.words.length).toBe(12);
      expect(area.words.filter((word) => word !== 7).length).toBeLessThanOrEqual(3);
    }
  });
});
