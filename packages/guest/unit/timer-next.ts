import { nextElapse } from './calendar-next.ts';
import type { MonotonicBase, TimerValue } from './trigger-settings.ts';
import type { AlarmTimes } from './alarm.ts';

/** What a timer's next time depends on. Times of the boot clock where they say so, else since the epoch. */
export interface TimerFacts {
  readonly nowUs: number;
  readonly startupBootUs: number;
  readonly activatedUs: number;
  readonly activatedBootUs: number;
  /** When it last started its unit. One that a stamp file tells of was before this boot. */
  readonly lastTriggerUs: number | undefined;
  readonly lastTriggerBootUs: number | undefined;
  /** When its unit was last started and last went down. */
  readonly targetActiveBootUs: number | undefined;
  readonly targetInactiveBootUs: number | undefined;
  /** Keys of those that elapse once and have. */
  readonly spent: readonly string[];
}

/** The first of its times on each clock, without delays; undefined where there is none. */
export function nextTimes(values: readonly TimerValue[], facts: TimerFacts): AlarmTimes {
  const realtimes = values.map((value) =>
    value.kind === 'calendar' ? nextElapse(value.spec, calendarBaseUs(facts)) : undefined,
  );
  const boots = values.map((value) => monotonicTime(value, facts));
  return { realtimeUs: smallest(realtimes), bootUs: smallest(boots) };
}

/** The time of a monotonic value; undefined for one that is spent, or whose starting point has not been. */
export function monotonicTime(value: TimerValue, facts: TimerFacts): number | undefined {
  if (value.kind !== 'monotonic' || facts.spent.includes(spentKey(value))) return undefined;
  const base = baseUs(value.base, facts);
  return base === undefined ? undefined : base + value.spanUs;
}

/** Those that elapse once in the life of a timer, and now have. */
export function newlySpent(values: readonly TimerValue[], facts: TimerFacts, nowBootUs: number): string[] {
  return values.flatMap((value) => {
    if (value.kind !== 'monotonic' || value.base === 'OnUnitActive' || value.base === 'OnUnitInactive') return [];
    const time = monotonicTime(value, facts);
    return time !== undefined && time <= nowBootUs ? [spentKey(value)] : [];
  });
}

function spentKey(value: TimerValue & { kind: 'monotonic' }): string {
  return `${value.base}=${value.spanUs}`;
}

/** A clock that was set back must not make a timer wait until it has caught up. */
function calendarBaseUs({ lastTriggerUs, activatedUs, nowUs }: TimerFacts): number {
  return Math.min(lastTriggerUs ?? activatedUs, nowUs);
}

function baseUs(base: MonotonicBase, facts: TimerFacts): number | undefined {
  switch (base) {
    case 'OnActive':
      return facts.activatedBootUs;
    case 'OnBoot':
    case 'OnStartup':
      // The same in a container (systemd.timer(5)).
      return facts.startupBootUs;
    case 'OnUnitActive':
      return largest([facts.targetActiveBootUs, facts.lastTriggerBootUs]);
    case 'OnUnitInactive':
      return largest([facts.targetInactiveBootUs, facts.lastTriggerBootUs]);
  }
}

function smallest(times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

function largest(times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}
