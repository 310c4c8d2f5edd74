import { describe, expect, test } from 'bun:test';

import type { PixelArea } from '@bhatti/rfb/encode/pixel-area.ts';
import type { Rect } from '@bhatti/rfb/rect.ts';
import { regionArea, regionOf } from '@bhatti/rfb/region.ts';
import fc from 'fast-check';

import { openPlanner, type PlannedRect } from './plan.ts';
import { sampleDesktop } from './sample-desktop.ts';

const planner = openPlanner();

function areaOf(width: number, height: number, pixelAt: (x: number, y: number) => number): PixelArea {
  const words = Int32Array.from({ length: width * height }, (_, i) => pixelAt(i % width, Math.floor(i / width)));
  return { words, offset: 0, stride: width, width, height };
}

const planLossy = (area: PixelArea) => planner.plan(area, { rgb: area });
const planLossless = (area: PixelArea) => planner.plan(area, { rgb: undefined });

/** All colours within a rect of an area, without the unused byte. */
function coloursIn(area: PixelArea, rect: Rect): Set<number> {
  const colours = new Set<number>();
  for (let y = rect.y; y < rect.y + rect.height; y++) {
    for (let x = rect.x; x < rect.x + rect.width; x++) {
      colours.add((area.words[area.offset + y * area.stride + x] ?? 0) & 0xffffff);
    }
  }
  return colours;
}

function expectSound(area: PixelArea, planned: readonly PlannedRect[]): void {
  const rects = planned.map(({ rect }) => rect);
  const pixels = rects.reduce((sum, rect) => sum + rect.width * rect.height, 0);
  expect(regionArea(regionOf(...rects))).toBe(area.width * area.height);
  expect(pixels).toBe(area.width * area.height);
  for (const plan of planned) {
    expect(plan.rect.width).toBeLessThanOrEqual(2048);
    expect(plan.rect.width * plan.rect.height).toBeLessThanOrEqual(192 * 64 * 64);
    const colours = coloursIn(area, plan.rect);
    if (plan.kind === 'fill') expect([...colours]).toEqual([plan.colour]);
    if (plan.kind === 'palette') expect(new Set(plan.colours)).toEqual(colours);
  }
}

describe('a plan', () => {
  test('covers every pixel once, its fills and palettes having exactly the colours of their pixels', () => {
    const size = fc.integer({ min: 1, max: 300 });
    fc.assert(
      fc.property(size, size, fc.integer({ min: 1, max: 600 }), fc.nat(), (width, height, colours, seed) => {
        const area = areaOf(
          width,
          height,
          (x, y) => Math.imul((x >> 3) * 31 + (y >> 2) * 977 + seed, 0x9e3779b1) % colours,
        );
        expectSound(area, planLossy(area));
        expectSound(area, planLossless(area));
      }),
      { numRuns: 40 },
    );
  });

  test('of a desktop has fills, palettes and pictures', () => {
    const area = sampleDesktop(1280, 720);
    const planned = planLossy(area);
    expectSound(area, planned);
    expect(new Set(planned.map(({ kind }) => kind))).toEqual(new Set(['fill', 'palette', 'picture']));
  });

  test('of a plain area is one fill, however large', () => {
    const area = areaOf(900, 700, () => 0x123456);
    expect(planLossy(area)).toEqual([
      { kind: 'fill', rect: { x: 0, y: 0, width: 900, height: 700 }, colour: 0x123456 },
    ]);
  });

  test('of an area wider than Tight allows has several rects', () => {
    const area = areaOf(4200, 70, () => 1);
    expectSound(area, planLossy(area));
  });

  test('without pictures has none', () => {
    expect(planLossless(sampleDesktop(1280, 720)).some(({ kind }) => kind === 'picture')).toBe(false);
  });

  test('sends a smooth gradient of many colours as a picture, and sharp text of as many exactly', () => {
    const gradient = areaOf(
      256,
      256,
      (x, y) => (((x + y) >> 1) << 16) | (((x + 2 * y) >> 2) << 8) | ((2 * x + y) >> 2),
    );
    expect(planLossy(gradient).map(({ kind }) => kind)).toEqual(['picture']);
    // Two pixels in nine are ink, in one of 200 shades.
    const text = areaOf(256, 256, (x, y) => (x % 9 < 2 ? (Math.imul(x + y * 7, 0x9e3779b1) >>> 25) % 100 : 0xffffff));
    expect(planLossy(text).map(({ kind }) => kind)).toEqual(['palette']);
  });

  test('sends noise as a picture', () => {
    const noise = areaOf(512, 300, (x, y) => Math.imul(Math.imul(x * 977 + y, 0x2c1b3c6d) >>> 7, 0x9e3779b1) >>> 8);
    expect(planLossy(noise).map(({ kind }) => kind)).toEqual(['picture']);
  });

  test('sends no picture so small that it would be mostly its own header', () => {
    const photo = areaOf(16, 16, (x, y) => ((x * 16) << 16) | ((y * 16) << 8) | (x * y));
    expect(planLossy(photo).some(({ kind }) => kind === 'picture')).toBe(false);
  });
});
