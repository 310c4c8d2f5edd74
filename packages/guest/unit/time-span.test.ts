import { expect, test } from 'bun:test';
import { formatTimeSpan, parseTimeSpan } from './time-span.ts';

test('time spans are read as systemd.time(7) has them', () => {
  const spans: [string, number | undefined][] = [
    ['90', 90_000],
    ['2s', 2_000],
    ['1min 30s', 90_000],
    ['1h20min', 4_800_000],
    ['300ms', 300],
    ['1.5 s', 1_500],
    ['5 minutes', 300_000],
    ['250us', 0.25],
    ['infinity', Infinity],
    ['0', 0],
    ['', undefined],
    ['soon', undefined],
    ['5 parsecs', undefined],
    ['-1s', undefined],
  ];
  for (const [text, ms] of spans) expect([text, parseTimeSpan(text)]).toEqual([text, ms]);
});

test('time spans are printed as systemctl prints them', () => {
  const texts: [number, string][] = [
    [90_000, '1min 30s'],
    [100, '100ms'],
    [2_345, '2.345s'],
    [3_600_000, '1h'],
    [86_400_000 + 60_000, '1d 1min'],
    [Infinity, 'infinity'],
    [0, '0'],
  ];
  for (const [ms, text] of texts) expect(formatTimeSpan(ms)).toBe(text);
});
