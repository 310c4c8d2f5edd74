import { expect, test } from 'bun:test';
import { parseTimestamp } from './timestamp.ts';

const now = new Date(2026, 10, 24, 12, 30, 15);
const nowUs = now.getTime() * 1_000;
const at = (...parts: [number, number, number, number?, number?, number?]) => new Date(...parts).getTime() * 1_000;
const utc = (text: string) => Date.parse(text) * 1_000;

test('times are read as systemd.time(7) has them', () => {
  const times: [string, number | undefined][] = [
    ['2026-11-23 10:00:05', at(2026, 10, 23, 10, 0, 5)],
    ['2012-10-30 18:17:16', at(2012, 9, 30, 18, 17, 16)],
    ['2026-11-23T10:00', at(2026, 10, 23, 10)],
    ['2026-11-23', at(2026, 10, 23)],
    ['26-11-23', at(2026, 10, 23)],
    ['98-11-23', at(1998, 10, 23)],
    ['Mon 2026-11-23 11:12:13', at(2026, 10, 23, 11, 12, 13)],
    ['monday 2026-11-23', at(2026, 10, 23)],
    ['2026-11-23 10:00:05 UTC', utc('2026-11-23T10:00:05Z')],
    ['Mon 2026-11-23 10:00:05 UTC', utc('2026-11-23T10:00:05Z')],
    ['2026-11-23 10:00:05.654563 UTC', utc('2026-11-23T10:00:05Z') + 654_563],
    ['2026-11-23 10:00:05 Asia/Shanghai', utc('2026-11-23T02:00:05Z')],
    ['2026-11-23T10:00:05Z', utc('2026-11-23T10:00:05Z')],
    ['today UTC', utc('2026-11-24T00:00:00Z')],
    ['09:15', at(2026, 10, 24, 9, 15)],
    ['09:15:07', at(2026, 10, 24, 9, 15, 7)],
    ['now', nowUs],
    ['today', at(2026, 10, 24)],
    ['yesterday', at(2026, 10, 23)],
    ['tomorrow', at(2026, 10, 25)],
    ['-1h', nowUs - 3_600_000_000],
    ['1h ago', nowUs - 3_600_000_000],
    ['5 min ago', nowUs - 300_000_000],
    ['2 months 5 days ago', nowUs - (2 * 2_629_800 + 5 * 86_400) * 1_000_000],
    ['+5min', nowUs + 300_000_000],
    ['5min left', nowUs + 300_000_000],
    ['+3h30min', nowUs + 12_600_000_000],
    ['@1700000000', 1_700_000_000_000_000],
    ['@1700000000.123456', 1_700_000_000_123_456],
  ];
  for (const [text, expected] of times) expect([text, parseTimestamp(text, now)]).toEqual([text, expected]);
});

test('what is no time is none', () => {
  for (const text of [
    'whenever',
    '',
    ' ',
    '2026-13-01',
    '2026-02-30',
    '25:00',
    '10:60',
    'Tue 2026-11-23',
    '2026-11-23 10:00:05 Nowhere/Land',
    '@',
    '-',
    '+infinity',
    'ago',
    '11-23',
  ])
    expect([text, parseTimestamp(text, now)]).toEqual([text, undefined]);
});
