import { describe, expect, test } from 'bun:test';

import fc from 'fast-check';

import type { Rect } from './rect.ts';
import {
  boundsOf,
  emptyRegion,
  intersectRegions,
  isEmptyRegion,
  rectsOf,
  type Region,
  regionArea,
  regionContainsPoint,
  regionOf,
  regionsEqual,
  simplifyRegion,
  subtractRegions,
  translateRegion,
  unionRegions,
} from './region.ts';

const side = 24;
const rectArbitrary: fc.Arbitrary<Rect> = fc
  .tuple(fc.nat(side - 1), fc.nat(side - 1), fc.nat(side), fc.nat(side))
  .map(([x, y, width, height]) => ({ x, y, width: Math.min(width, side - x), height: Math.min(height, side - y) }));
const rectsArbitrary = fc.array(rectArbitrary, { maxLength: 12 });

/** The same set, pixel by pixel: slow and obviously right. */
function bitmapOf(rects: readonly Rect[]): boolean[] {
  return Array.from({ length: side * side }, (_, i) => {
    const x = i % side;
    const y = Math.floor(i / side);
    return rects.some((r) => x >= r.x && x < r.x + r.width && y >= r.y && y < r.y + r.height);
  });
}

function expectSame(region: Region, bitmap: readonly boolean[]): void {
  expect(bitmapOf(rectsOf(region))).toEqual([...bitmap]);
  expect(regionArea(region)).toBe(bitmap.filter(Boolean).length);
  expectCanonical(region);
}

function expectCanonical({ bands }: Region): void {
  bands.forEach((band, i) => {
    const above = bands[i - 1];
    expect(band.bottom).toBeGreaterThan(band.top);
    expect(band.spans.length % 2).toBe(0);
    expect(band.spans.length).toBeGreaterThan(0);
    expect(band.spans.every((edge, k) => k === 0 || edge > (band.spans[k - 1] ?? Infinity))).toBe(true);
    if (above === undefined) return;
    expect(band.top).toBeGreaterThanOrEqual(above.bottom);
    const couldBeOne = band.top === above.bottom && band.spans.join() === above.spans.join();
    expect(couldBeOne).toBe(false);
  });
}

describe('a region', () => {
  test('of any rects covers exactly their pixels', () => {
    fc.assert(fc.property(rectsArbitrary, (rects) => expectSame(regionOf(...rects), bitmapOf(rects))));
  });

  test('unites, intersects and subtracts like sets of pixels', () => {
    fc.assert(
      fc.property(rectsArbitrary, rectsArbitrary, (a, b) => {
        const [regionA, regionB] = [regionOf(...a), regionOf(...b)];
        const [bitsA, bitsB] = [bitmapOf(a), bitmapOf(b)];
        const both = (rule: (inA: boolean, inB: boolean) => boolean) =>
          bitsA.map((bit, i) => rule(bit, bitsB[i] ?? false));
        expectSame(
          unionRegions(regionA, regionB),
          both((inA, inB) => inA || inB),
        );
        expectSame(
          intersectRegions(regionA, regionB),
          both((inA, inB) => inA && inB),
        );
        expectSame(
          subtractRegions(regionA, regionB),
          both((inA, inB) => inA && !inB),
        );
      }),
    );
  });

  test('made in another order is the same value', () => {
    fc.assert(
      fc.property(rectsArbitrary, (rects) => {
        expect(regionsEqual(regionOf(...rects), regionOf(...rects.toReversed()))).toBe(true);
      }),
    );
  });

  test('keeps its shape when it is moved', () => {
    fc.assert(
      fc.property(
        rectsArbitrary,
        fc.integer({ min: -50, max: 50 }),
        fc.integer({ min: -50, max: 50 }),
        (rects, dx, dy) => {
          const moved = translateRegion(regionOf(...rects), dx, dy);
          expect(regionsEqual(translateRegion(moved, -dx, -dy), regionOf(...rects))).toBe(true);
          expectCanonical(moved);
        },
      ),
    );
  });

  test('has the smallest rect around it as bounds', () => {
    const region = regionOf({ x: 5, y: 7, width: 2, height: 3 }, { x: 1, y: 20, width: 30, height: 1 });
    expect(boundsOf(region)).toEqual({ x: 1, y: 7, width: 30, height: 14 });
    expect(boundsOf(emptyRegion)).toEqual({ x: 0, y: 0, width: 0, height: 0 });
  });

  test('is simplified to the rect around it, or not at all', () => {
    fc.assert(
      fc.property(rectsArbitrary, fc.nat(12), (rects, maxRects) => {
        const region = regionOf(...rects);
        const simple = simplifyRegion(region, maxRects);
        const isFew = rectsOf(region).length <= maxRects;
        expect(regionsEqual(simple, isFew ? region : regionOf(boundsOf(region)))).toBe(true);
      }),
    );
  });

  test('without pixels is empty, whatever rects it was made of', () => {
    expect(isEmptyRegion(regionOf({ x: 3, y: 3, width: 0, height: 9 }))).toBe(true);
  });

  test('knows which points are in it', () => {
    fc.assert(
      fc.property(rectsArbitrary, (rects) => {
        const region = regionOf(...rects);
        const bitmap = Array.from({ length: side * side }, (_, i) =>
          regionContainsPoint(region, i % side, Math.floor(i / side)),
        );
        expect(bitmap).toEqual(bitmapOf(rects));
      }),
    );
  });
});
