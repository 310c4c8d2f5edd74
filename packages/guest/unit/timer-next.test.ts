import { describe, expect, test } from 'bun:test';
import { parseCalendar } from './calendar.ts';
import { newlySpent, nextTimes, type TimerFacts } from './timer-next.ts';
import type { MonotonicBase, TimerValue } from './trigger-settings.ts';

const second = 1_000_000;
const noon = Date.parse('2026-11-27T12:00:00Z') * 1_000;

const facts: TimerFacts = {
  nowUs: noon,
  startupBootUs: 100 * second,
  activatedUs: noon,
  activatedBootUs: 500 * second,
  lastTriggerUs: undefined,
  lastTriggerBootUs: undefined,
  targetActiveBootUs: undefined,
  targetInactiveBootUs: undefined,
  spent: [],
};

function after(base: MonotonicBase, seconds: number): TimerValue {
  return { kind: 'monotonic', base, spanUs: seconds * second };
}

function at(text: string): TimerValue {
  const spec = parseCalendar(text, () => false);
  if (spec === undefined) throw new Error(`not a calendar event: ${text}`);
  return { kind: 'calendar', spec };
}

function bootSeconds(values: TimerValue[], more: Partial<TimerFacts> = {}): number | undefined {
  const { bootUs } = nextTimes(values, { ...facts, ...more });
  return bootUs === undefined ? undefined : bootUs / second;
}

describe('the next time of a timer', () => {
  test('counts from what it is said to count from', () => {
    expect(bootSeconds([after('OnActive', 5)])).toBe(505);
    expect(bootSeconds([after('OnBoot', 5)])).toBe(105);
    expect(bootSeconds([after('OnStartup', 7)])).toBe(107);
    expect(bootSeconds([after('OnUnitActive', 5)])).toBeUndefined();
    expect(bootSeconds([after('OnUnitActive', 5)], { targetActiveBootUs: 600 * second })).toBe(605);
    expect(bootSeconds([after('OnUnitInactive', 5)], { targetInactiveBootUs: 700 * second })).toBe(705);
    // Its own last start counts when the unit has not been started since.
    expect(
      bootSeconds([after('OnUnitActive', 5)], { targetActiveBootUs: 600 * second, lastTriggerBootUs: 650 * second }),
    ).toBe(655);
  });

  test('is the first of all, and once is once', () => {
    const values = [after('OnActive', 30), after('OnActive', 10), after('OnUnitActive', 60)];
    expect(bootSeconds(values)).toBe(510);
    const spent = newlySpent(values, facts, 511 * second);
    expect(bootSeconds(values, { spent, lastTriggerBootUs: 511 * second })).toBe(530);
    const all = [...spent, ...newlySpent(values, { ...facts, spent }, 531 * second)];
    expect(bootSeconds(values, { spent: all, lastTriggerBootUs: 531 * second })).toBe(591);
  });

  test('by the calendar follows the last one, whenever that was', () => {
    const values = [at('*-*-* 06:00 UTC'), at('Sat 18:00 UTC')];
    const time = (more: Partial<TimerFacts>) => {
      const { realtimeUs } = nextTimes(values, { ...facts, ...more });
      return realtimeUs === undefined ? undefined : new Date(realtimeUs / 1_000).toISOString();
    };
    expect(time({})).toBe('2026-11-28T06:00:00.000Z');
    expect(time({ lastTriggerUs: noon + 20 * 3_600 * second, nowUs: noon + 24 * 3_600 * second })).toBe(
      '2026-11-28T18:00:00.000Z',
    );
    // Missed: it is in the past, and so due now.
    expect(time({ lastTriggerUs: noon - 48 * 3_600 * second })).toBe('2026-11-26T06:00:00.000Z');
    // The clock was set back by a year since: nobody waits for it to catch up.
    expect(time({ lastTriggerUs: noon, nowUs: noon - 365 * 86_400 * second })).toBe('2025-11-28T06:00:00.000Z');
  });
});
