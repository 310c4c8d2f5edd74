import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';

import { standardPictures } from './anthropic/picture.ts';
import { largestFit, patchesOf } from './picture-limit.ts';

describe('the largest picture', () => {
  test('a picture that the model takes stays as it is', () => {
    for (const [width, height] of [
      [1024, 768],
      [1280, 720],
      [1280, 800],
      [1366, 768],
      [1092, 1092],
    ] as const)
      expect(largestFit({ width, height }, standardPictures)).toEqual({ width, height });
  });

  test('a larger one is made to fit, no smaller than it must be', () => {
    expect(largestFit({ width: 1920, height: 1080 }, standardPictures)).toEqual({ width: 1456, height: 819 });
    expect(largestFit({ width: 3136, height: 1568 }, standardPictures)).toEqual({ width: 1568, height: 784 });
  });

  test('whatever the screen, the limit holds and the proportions stay', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 16_384 }), fc.integer({ min: 1, max: 16_384 }), (width, height) => {
        const fit = largestFit({ width, height }, standardPictures);
        expect(Math.max(fit.width, fit.height)).toBeLessThanOrEqual(1568);
        expect(patchesOf(fit)).toBeLessThanOrEqual(1568);
        expect(fit.width).toBeGreaterThanOrEqual(1);
        expect(fit.height).toBeGreaterThanOrEqual(1);
        const scale = Math.max(fit.width, fit.height) / Math.max(width, height);
        expect(Math.abs(fit.width - width * scale)).toBeLessThanOrEqual(1);
        expect(Math.abs(fit.height - height * scale)).toBeLessThanOrEqual(1);
      }),
    );
  });
});
