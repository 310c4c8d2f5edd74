import { afterAll, describe, expect, test } from 'bun:test';

import {
  intersectRegions,
  rectsOf,
  type Region,
  regionArea,
  regionContainsPoint,
  regionOf,
  subtractRegions,
} from '@bhatti/rfb/region.ts';
import { createSharedSegment } from '@bhatti/sys/shm.ts';
import fc from 'fast-check';

import { changedRegion, type ComparedFramebuffers } from './compare.ts';

const width = 203; // no multiple of tile or grid
const height = 150;
const bytesPerPixel = 4;
const strideBytes = width * bytesPerPixel + 12;
const previous = createSharedSegment(strideBytes * height);
const current = createSharedSegment(strideBytes * height);
previous.remove();
current.remove();
afterAll(() => {
  previous.detach();
  current.detach();
});

const framebuffers: ComparedFramebuffers = {
  previousAddress: previous.address,
  currentAddress: current.address,
  widthPx: width,
  heightPx: height,
  strideBytes,
  bytesPerPixel,
};
const whole = regionOf({ x: 0, y: 0, width, height });

/** What is found when exactly these pixels differ. */
function changesOf(pixels: readonly { x: number; y: number }[], damage: Region): Region {
  new Uint8Array(previous.memory()).fill(7);
  const bytes = new Uint8Array(current.memory()).fill(7);
  for (const { x, y } of pixels) bytes[y * strideBytes + x * bytesPerPixel + (x % 4)] = 8;
  return changedRegion(framebuffers, damage);
}

const point = fc.record({ x: fc.nat(width - 1), y: fc.nat(height - 1) });
const rect = fc.record({ x: fc.nat(width + 20), y: fc.nat(height + 20), width: fc.nat(120), height: fc.nat(120) });

describe('the changed region', () => {
  test('holds every pixel that differs within the damage, and nothing outside of it', () => {
    fc.assert(
      fc.property(fc.array(point, { maxLength: 20 }), fc.array(rect, { maxLength: 4 }), (pixels, rects) => {
        const damage = regionOf(...rects);
        const changed = changesOf(pixels, damage);
        for (const { x, y } of pixels) {
          expect(regionContainsPoint(changed, x, y)).toBe(regionContainsPoint(damage, x, y));
        }
        expect(regionArea(subtractRegions(changed, intersectRegions(damage, whole)))).toBe(0);
      }),
    );
  });

  test('is empty when nothing differs', () => {
    expect(regionArea(changesOf([], whole))).toBe(0);
  });

  test('of one letter is a few cells of the grid', () => {
    const letter = Array.from({ length: 40 }, (_, i) => ({ x: 100 + (i % 8), y: 40 + (i >> 3) }));
    expect(rectsOf(changesOf(letter, whole))).toEqual([{ x: 96, y: 32, width: 16, height: 16 }]);
  });

  test('of everything is one rect', () => {
    const all = Array.from({ length: width * height }, (_, i) => ({ x: i % width, y: Math.floor(i / width) }));
    expect(rectsOf(changesOf(all, whole))).toEqual([{ x: 0, y: 0, width, height }]);
  });

  test('does not see what lies between the end of a row and the next', () => {
    new Uint8Array(previous.memory()).fill(7);
    const bytes = new Uint8Array(current.memory()).fill(7);
    for (let y = 0; y < height; y++) bytes.fill(9, y * strideBytes + width * bytesPerPixel, (y + 1) * strideBytes);
    expect(regionArea(changedRegion(framebuffers, whole))).toBe(0);
  });
});
