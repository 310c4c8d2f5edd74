import type { Rect } from '@bhatti/rfb/rect.ts';
import { isEmptyRegion, rectsOf, regionArea, regionOf, subtractRegions } from '@bhatti/rfb/region.ts';
import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { coverOf } from './cover.ts';

const screen = { width: 1000, height: 500 };
const rect = fc.record({
  x: fc.nat(900),
  y: fc.nat(450),
  width: fc.integer({ min: 1, max: 100 }),
  height: fc.integer({ min: 1, max: 50 }),
});

test('a cover holds all rects, in whatever order they come, leaves the screen nowhere, and reaches no further than their cells', () => {
  fc.assert(
    fc.property(fc.array(rect, { maxLength: 40 }), (rects) => {
      const cover = coverOf(rects, screen);
      expect(isEmptyRegion(subtractRegions(regionOf(...rects), cover))).toBe(true);
      expect(isEmptyRegion(subtractRegions(cover, regionOf(...rects.map(cellsOf))))).toBe(true);
      expect(isEmptyRegion(subtractRegions(cover, regionOf({ x: 0, y: 0, ...screen })))).toBe(true);
    }),
  );
});

test('a line of letters is one rect, and what is off the screen none', () => {
  const letters = Array.from({ length: 79 }, (_, i) => ({ x: 5 + i * 8, y: 33, width: 6, height: 11 }));
  expect(rectsOf(coverOf(letters, screen))).toEqual([{ x: 0, y: 32, width: 640, height: 16 }]);
  expect(
    regionArea(
      coverOf(
        [
          { x: 1100, y: 20, width: 9, height: 9 },
          { x: -20, y: -20, width: 10, height: 10 },
        ],
        screen,
      ),
    ),
  ).toBe(0);
});

function cellsOf({ x, y, width, height }: Rect): Rect {
  const [left, top] = [x - (x % 64), y - (y % 16)];
  return {
    x: left,
    y: top,
    width: Math.ceil((x + width) / 64) * 64 - left,
    height: Math.ceil((y + height) / 16) * 16 - top,
  };
}
