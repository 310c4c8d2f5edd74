import { describe, expect, test } from 'bun:test';

import { rectArea } from '@bhatti/rfb/rect.ts';
import { regionOf, regionsEqual, regionArea, intersectRegions } from '@bhatti/rfb/region.ts';
import fc from 'fast-check';

import { splitRects } from './split-job.ts';

const screen = { widthPx: 3840, heightPx: 2160 };
const whole = { x: 0, y: 0, width: 3840, height: 2160 };
const rect = fc.record({ x: fc.nat(4000), y: fc.nat(2300), width: fc.nat(4000), height: fc.nat(2300) });

describe('the parts of a job', () => {
  test('cover what is asked of the screen, each pixel once', () => {
    fc.assert(
      fc.property(rect, fc.integer({ min: 1, max: 16 }), (asked, threads) => {
        const rects = splitRects(screen, [asked], threads).flat();
        const region = regionOf(...rects);
        expect(regionsEqual(region, intersectRegions(regionOf(asked), regionOf(whole)))).toBe(true);
        expect(regionArea(region)).toBe(rects.reduce((sum, part) => sum + rectArea(part), 0));
        expect(Math.max(0, ...rects.map((part) => part.width))).toBeLessThanOrEqual(2048);
      }),
    );
  });

  test('are as many as there are threads where that pays', () => {
    for (const threads of [1, 2, 3, 4]) {
      const parts = splitRects({ widthPx: 1280, heightPx: 720 }, [{ x: 0, y: 0, width: 1280, height: 720 }], threads);
      expect(parts.length).toBe(threads);
    }
  });

  test('of a small job are one', () => {
    const letters = Array.from({ length: 50 }, (_, i) => ({ x: i * 20, y: 100, width: 9, height: 18 }));
    expect(splitRects(screen, letters, 8)).toEqual([letters]);
  });

  test('of nothing are none', () => {
    expect(splitRects(screen, [{ x: 5000, y: 0, width: 10, height: 10 }], 2)).toEqual([]);
  });

  test('stay small enough on a huge screen that a thread is soon free again', () => {
    const areas = splitRects(screen, [whole], 1).map((part) => part.reduce((sum, piece) => sum + rectArea(piece), 0));
    expect(Math.max(...areas)).toBeLessThanOrEqual(1.3 * (1 << 20));
  });
});
