import { expect, test } from 'bun:test';
import { mergeJobTypes, waitsFor } from './job.ts';

test('jobs of one unit become one, unless one stops', () => {
  expect(mergeJobTypes('start', 'restart')).toBe('restart');
  expect(mergeJobTypes('verify-active', 'start')).toBe('start');
  expect(mergeJobTypes('reload', 'start')).toBe('reload');
  expect(mergeJobTypes('stop', 'stop')).toBe('stop');
  expect(mergeJobTypes('stop', 'start')).toBeUndefined();
  expect(mergeJobTypes('restart', 'stop')).toBeUndefined();
});

test('who stops goes first, later ones before earlier ones; who starts waits for those before', () => {
  // [job of the later unit, job of the earlier unit, later waits, earlier waits]
  const cases = [
    ['start', 'start', true, false],
    ['stop', 'stop', false, true],
    ['restart', 'restart', false, true],
    ['stop', 'start', false, true],
    ['start', 'stop', true, false],
    ['start', 'restart', true, false],
  ] as const;
  for (const [later, earlier, laterWaits, earlierWaits] of cases) {
    expect([later, earlier, waitsFor({ type: later }, { type: earlier }, true)]).toEqual([later, earlier, laterWaits]);
    expect([later, earlier, waitsFor({ type: earlier }, { type: later }, false)]).toEqual([
      later,
      earlier,
      earlierWaits,
    ]);
  }
});
