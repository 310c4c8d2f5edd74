import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nextElapse } from './calendar-next.ts';
import { formatCalendar, parseCalendar } from './calendar.ts';
import { isTimeZone, zoneOffsetUs } from './time-zone.ts';

const answers = readFileSync(join(import.meta.dir, 'calendar.answers.txt'), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => line.split('|'));

function timeOf(text: string): number {
  return Date.parse(`${text.replace(' ', 'T')}Z`) * 1_000;
}

function textOf(us: number): string {
  return new Date(Math.floor(us / 1_000_000) * 1_000).toISOString().slice(0, 19).replace('T', ' ');
}

/** An expression without a zone of its own is read as one of UTC, whatever this machine's is. */
function parse(text: string) {
  const spec = parseCalendar(text, isTimeZone);
  return spec === undefined ? undefined : { ...spec, zone: spec.zone ?? 'UTC' };
}

describe('calendar events', () => {
  test('are normalized and elapse as systemd says', () => {
    expect(answers.length).toBeGreaterThan(200);
    for (const [expression = '', moment = '', normalized = '', times = ''] of answers) {
      const spec = parseCalendar(expression, isTimeZone);
      const found: string[] = [];
      const utc = parse(expression);
      for (let at: number | undefined = timeOf(moment); at !== undefined && utc !== undefined && found.length < 5;) {
        at = nextElapse(utc, at);
        if (at !== undefined) found.push(textOf(at));
      }
      expect([expression, spec === undefined ? 'invalid' : formatCalendar(spec), found.join(',')]).toEqual([
        expression,
        normalized,
        times,
      ]);
    }
  });

  test('mean the same in their normalized form', () => {
    fc.assert(
      fc.property(expression(), moment(), (text, at) => {
        const spec = parse(text);
        if (spec === undefined) return;
        const again = parse(formatCalendar(spec));
        expect(again === undefined ? undefined : nextElapse(again, at)).toBe(nextElapse(spec, at));
      }),
    );
  });

  test('elapse in the future, at a time that matches, and never pass one over', () => {
    fc.assert(
      // Where clocks are never set back: in an hour that they show twice it matters which of the two it is.
      fc.property(expression(['', ' UTC', ' Asia/Kolkata']), moment(), (text, at) => {
        const spec = parse(text);
        const next = spec === undefined ? undefined : nextElapse(spec, at);
        if (spec === undefined || next === undefined) return;
        expect(next).toBeGreaterThan(at);
        // From any moment in between it is the same one.
        expect(nextElapse(spec, Math.floor((at + next) / 2))).toBe(next);
        expect(nextElapse(spec, next - 1)).toBe(next);
      }),
    );
  });

  test('of arbitrary text are invalid or well-formed, and cost little', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'0123456789*-~:/,. MonTueUTC@'.split('')) }), (text) => {
        const spec = parse(text);
        if (spec !== undefined) expect(parse(formatCalendar(spec))).toEqual(spec);
      }),
    );
    expect(parse(`*-*-* *:*:${Array.from({ length: 10_000 }, () => '1').join(',')}`)).toBeUndefined();
    expect(nextElapse(parse('*-02-30') ?? never(), timeOf('2026-01-01 00:00:00'))).toBeUndefined();
  });

  test('skip the hour that the clocks skip, and come once in the hour that they show twice', () => {
    const spec = parse('02:30 Europe/Berlin') ?? never();
    expect(textOf(nextElapse(spec, timeOf('2026-03-28 12:00:00')) ?? 0)).toBe('2026-03-30 00:30:00');
    const first = nextElapse(spec, timeOf('2026-10-24 12:00:00')) ?? 0;
    expect(textOf(first)).toBe('2026-10-25 00:30:00');
    expect(textOf(nextElapse(spec, first) ?? 0)).toBe('2026-10-26 01:30:00');
  });
});

test('offsets of zones are those of the moment', () => {
  const hours = (zone: string, at: string) => zoneOffsetUs(zone, timeOf(at)) / 3_600_000_000;
  expect(hours('Europe/Berlin', '2026-01-01 00:00:00')).toBe(1);
  expect(hours('Europe/Berlin', '2026-07-01 00:00:00')).toBe(2);
  expect(hours('Asia/Kolkata', '2026-07-01 00:00:00')).toBe(5.5);
  expect([isTimeZone('Europe/Berlin'), isTimeZone('Nowhere/City')]).toEqual([true, false]);
});

function never(): never {
  throw new Error('not a calendar event');
}

function moment(): fc.Arbitrary<number> {
  return fc.integer({ min: timeOf('2025-01-01 00:00:00'), max: timeOf('2040-01-01 00:00:00') });
}

function expression(zones = ['', ' UTC', ' Europe/Berlin', ' Australia/Lord_Howe']): fc.Arbitrary<string> {
  const zone = fc.constantFrom(...zones);
  const weekdays = fc.option(fc.constantFrom('Mon', 'Tue..Thu', 'Sat,Sun', 'Fri,Mon..Tue'));
  const date = fc
    .tuple(component(12, 1), fc.constantFrom('-', '~'), component(28, 1))
    .map(([month, separator, day]) => `*-${month}${separator}${day}`);
  const time = fc
    .tuple(component(23, 0), component(59, 0), component(59, 0))
    .map(([hour, minute, second]) => `${hour}:${minute}:${second}`);
  return fc
    .tuple(weekdays, date, time, zone)
    .map(([days, day, clock, where]) => `${days === null ? '' : `${days} `}${day} ${clock}${where}`);
}

function component(max: number, min: number): fc.Arbitrary<string> {
  const value = fc.integer({ min, max });
  const item = fc.oneof(
    value.map(String),
    fc.tuple(value, value).map(([a, b]) => `${Math.min(a, b)}..${Math.max(a, b)}`),
    fc.tuple(value, fc.integer({ min: 1, max: 9 })).map(([a, repeat]) => `${a}/${repeat}`),
  );
  return fc.oneof(
    fc.constant('*'),
    fc.array(item, { minLength: 1, maxLength: 3 }).map((items) => items.join(',')),
  );
}
