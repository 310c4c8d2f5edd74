import { expect, test } from 'bun:test';
import { backOffMs } from './back-off.ts';

test('waits double and stay within their limits, however long it goes on', () => {
  const middle = Array.from({ length: 8 }, (_, failures) => backOffMs(failures, 0.5));
  expect(middle).toEqual([250, 500, 1000, 2000, 4000, 5000, 5000, 5000]);
  for (const failures of [0, 1, 20, 5000]) {
    for (const random of [0, 0.5, 1]) {
      expect(backOffMs(failures, random)).toBeGreaterThanOrEqual(150);
      expect(backOffMs(failures, random)).toBeLessThanOrEqual(6250);
    }
  }
});
