import { expect, test } from 'bun:test';
import { parseTime } from './since.ts';

test('times are read as systemd.time(7) has them', () => {
  const now = new Date(2026, 10, 24, 12, 30, 15);
  const at = (...parts: [number, number, number, number?, number?, number?]) => new Date(...parts).getTime() * 1_000;
  const times: [string, number | undefined][] = [
    ['2026-11-23 10:00:05', at(2026, 10, 23, 10, 0, 5)],
    ['2026-11-23T10:00', at(2026, 10, 23, 10)],
    ['2026-11-23', at(2026, 10, 23)],
    ['09:15', at(2026, 10, 24, 9, 15)],
    ['now', now.getTime() * 1_000],
    ['today', at(2026, 10, 24)],
    ['yesterday', at(2026, 10, 23)],
    ['-1h', now.getTime() * 1_000 - 3_600_000_000],
    ['1h ago', now.getTime() * 1_000 - 3_600_000_000],
    ['+5min', now.getTime() * 1_000 + 300_000_000],
    ['@1700000000', 1_700_000_000_000_000],
    ['whenever', undefined],
    ['', undefined],
  ];
  for (const [text, expected] of times) expect([text, parseTime(text, now)]).toEqual([text, expected]);
});
