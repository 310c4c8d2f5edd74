import { emptyRegion, intersectRegions, rectsOf, regionArea, regionOf, regionsEqual } from '@bhatti/rfb/region.ts';
import { describe, expect, test } from 'bun:test';
import { UpdateTracker } from './tracker.ts';

const rect = (x: number, y: number, width: number, height: number) => regionOf({ x, y, width, height });
const all = Number.MAX_SAFE_INTEGER;

test('what changed while it was on its way is pending again', () => {
  const tracker = new UpdateTracker();
  tracker.reset(rect(0, 0, 100, 100));
  tracker.send(tracker.pending);
  expect(tracker.pending).toEqual(emptyRegion);
  tracker.change({ changed: rect(10, 10, 5, 5), moves: [] });
  expect(regionsEqual(tracker.pending, rect(10, 10, 5, 5))).toBe(true);
});

test('a lossy area is refreshed after one whole period without change', () => {
  const tracker = new UpdateTracker();
  tracker.change({ changed: rect(0, 0, 50, 50), moves: [] });
  tracker.send(tracker.pending);
  tracker.addLossy(rect(0, 0, 50, 50));
  expect(tracker.rested(all)).toEqual(emptyRegion);
  tracker.endPeriod();
  expect(tracker.rested(all)).toEqual(emptyRegion);
  tracker.endPeriod();
  expect(regionsEqual(tracker.rested(all), rect(0, 0, 50, 50))).toBe(true);
  tracker.send(tracker.rested(all));
  expect(tracker.lossy).toEqual(emptyRegion);
});

test('pixels that a viewer wants here and there stay a few rects, and none is left out', () => {
  const tracker = new UpdateTracker();
  const wanted = Array.from({ length: 10_000 }, (_, i) => rect((i * 7919) % 1000, (i * 104_729) % 1009, 1, 1));
  for (const region of wanted) tracker.want(region);
  expect(rectsOf(tracker.pending).length).toBeLessThan(5000);
  for (const region of wanted) expect(tracker.hasPendingIn(region)).toBe(true);
});

test('a part that keeps changing does not keep the rest from being refreshed', () => {
  const tracker = new UpdateTracker();
  tracker.change({ changed: rect(0, 0, 50, 50), moves: [] });
  tracker.send(tracker.pending);
  tracker.addLossy(rect(0, 0, 50, 50));
  for (let i = 0; i < 3; i++) {
    tracker.change({ changed: rect(0, 0, 50, 10), moves: [] });
    tracker.send(tracker.pending);
    tracker.addLossy(rect(0, 0, 50, 10));
    tracker.endPeriod();
  }
  expect(regionsEqual(tracker.rested(all), rect(0, 10, 50, 40))).toBe(true);
});

test('a refresh can be bounded, and is never nothing while something rests', () => {
  const tracker = new UpdateTracker();
  tracker.addLossy(rect(0, 0, 100, 100));
  expect(regionArea(tracker.rested(1500))).toBe(1500);
  expect(regionArea(tracker.rested(10))).toBe(100);
});

test('what is exact or not asked about is not refreshed', () => {
  const tracker = new UpdateTracker();
  tracker.addLossy(rect(0, 0, 10, 10));
  tracker.send(rect(0, 0, 10, 5));
  tracker.want(rect(0, 5, 10, 1));
  expect(regionsEqual(tracker.rested(all), rect(0, 6, 10, 4))).toBe(true);
});

describe('moves', () => {
  const up = { to: rect(0, 0, 100, 90), dx: 0, dy: -10 };
  const scrolled = { changed: rect(0, 0, 100, 100), moves: [up] };

  test('leave only what they do not explain to be sent', () => {
    const tracker = new UpdateTracker();
    tracker.change(scrolled);
    expect(regionsEqual(tracker.pending, rect(0, 90, 100, 10))).toBe(true);
    expect(tracker.takeMoves(rect(0, 0, 100, 100))).toEqual([up]);
    expect(tracker.takeMoves(rect(0, 0, 100, 100))).toEqual([]);
  });

  test('carry along what was pending and what was lossy in their source', () => {
    const tracker = new UpdateTracker();
    tracker.want(rect(20, 50, 5, 5));
    tracker.addLossy(rect(60, 10, 5, 5));
    tracker.change(scrolled);
    expect(regionsEqual(tracker.pendingIn(rect(0, 0, 100, 90)), rect(20, 40, 5, 5))).toBe(true);
    expect(regionsEqual(tracker.lossy, rect(60, 0, 5, 5))).toBe(true);
  });

  test('carry along what turns out to be lossy only later', () => {
    const tracker = new UpdateTracker();
    tracker.change(scrolled);
    tracker.addLossy(rect(60, 50, 5, 5));
    expect(regionsEqual(intersectRegions(tracker.lossy, rect(60, 40, 5, 5)), rect(60, 40, 5, 5))).toBe(true);
  });

  test('become pixels for a viewer that is not told about all of their places, or falls far behind', () => {
    const tracker = new UpdateTracker();
    tracker.change(scrolled);
    expect(tracker.takeMoves(rect(0, 0, 50, 50))).toEqual([]);
    expect(regionsEqual(tracker.pending, rect(0, 0, 100, 100))).toBe(true);
    const late = new UpdateTracker();
    for (let i = 0; i < 50; i++) late.change({ changed: rect(0, 0, 100, 100), moves: [{ ...up, dy: -1 }] });
    expect(late.takeMoves(rect(0, 0, 100, 100)).length).toBeLessThan(20);
  });
});
