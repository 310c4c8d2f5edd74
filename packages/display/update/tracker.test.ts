import { emptyRegion, regionArea, regionOf, regionsEqual } from '@bhatti/rfb/region.ts';
import { expect, test } from 'bun:test';
import { UpdateTracker } from './tracker.ts';

const rect = (x: number, y: number, width: number, height: number) => regionOf({ x, y, width, height });
const all = Number.MAX_SAFE_INTEGER;

test('what changed while it was on its way is pending again', () => {
  const tracker = new UpdateTracker();
  tracker.reset(rect(0, 0, 100, 100));
  tracker.send(tracker.pending);
  expect(tracker.pending).toEqual(emptyRegion);
  tracker.change(rect(10, 10, 5, 5));
  expect(regionsEqual(tracker.pending, rect(10, 10, 5, 5))).toBe(true);
});

test('a lossy area is refreshed after one whole period without change', () => {
  const tracker = new UpdateTracker();
  tracker.change(rect(0, 0, 50, 50));
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

test('a part that keeps changing does not keep the rest from being refreshed', () => {
  const tracker = new UpdateTracker();
  tracker.change(rect(0, 0, 50, 50));
  tracker.send(tracker.pending);
  tracker.addLossy(rect(0, 0, 50, 50));
  for (let i = 0; i < 3; i++) {
    tracker.change(rect(0, 0, 50, 10));
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
