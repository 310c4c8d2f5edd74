import { expect, test } from 'bun:test';
import { formatAge } from './text-time.ts';

test('ages are told as systemd tells them', () => {
  const ages: [number, string][] = [
    [0, 'now'],
    [0.4, '400ms ago'],
    [5, '5s ago'],
    [65, '1min 5s ago'],
    [600, '10min ago'],
    [3_700, '1h 1min ago'],
    [6 * 3_600, '6h ago'],
    [26 * 3_600, '1 day 2h ago'],
    [3 * 86_400, '3 days ago'],
    [8 * 86_400, '1 week 1 day ago'],
    [40 * 86_400, '1 month 9 days ago'],
    [800 * 86_400, '2 years 2 months ago'],
  ];
  for (const [seconds, text] of ages) expect([seconds, formatAge(0, seconds * 1_000_000)]).toEqual([seconds, text]);
});
