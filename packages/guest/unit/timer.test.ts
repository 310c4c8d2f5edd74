import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newJob } from './job.ts';
import { loadUnit } from './load.ts';
import { newTimerRecord, TimerUnit } from './timer.ts';
import type { TriggerHost } from './trigger.ts';
import type { Unit } from './unit.ts';
import type { ClockChange, WallClock } from './wall-clock.ts';

const second = 1_000_000;
const hour = 3_600 * second;
const noon = Date.parse('2026-11-27T12:00:00Z') * 1_000;

/** A clock that goes when it is told to. */
class FakeClock implements WallClock {
  readonly startupBootUs = 0;
  realtime = noon;
  boottime = 1_000 * second;
  listener: ((change: ClockChange) => void) | undefined;

  realtimeUs = () => this.realtime;
  boottimeUs = () => this.boottime;

  onChanged(listener: (change: ClockChange) => void): Disposable {
    this.listener = listener;
    return { [Symbol.dispose]: () => (this.listener = undefined) };
  }

  pass(us: number): void {
    this.realtime += us;
    this.boottime += us;
  }
}

describe('a timer', () => {
  let clock = new FakeClock();
  let started: Record<string, string>[] = [];
  let target: Unit;
  let directory = '';
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'bhatti-timer-'));
    clock = new FakeClock();
    started = [];
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  function newTimer(lines: string): TimerUnit {
    writeFileSync(join(directory, 'a.timer'), `[Timer]\n${lines}\n`);
    writeFileSync(join(directory, 'a.service'), '[Service]\nType=oneshot\nExecStart=/bin/true\n');
    target = newUnit('a.service');
    const host = {
      context: { journal: { message: () => {} } },
      wallClock: clock,
      unit: newUnit('a.timer'),
      load: () => target,
      loadFresh: () => target,
      start: (unit: Unit, env: Record<string, string>) => {
        started.push(env);
        unit.job = newJob(unit, 'start', clock.boottimeUs());
      },
      onRecorded: () => {},
      onStateChanged: () => {},
    };
    // SAFETY: the rest of the host is for sockets and paths.
    return new TimerUnit(host as unknown as TriggerHost, newTimerRecord());
  }

  function newUnit(name: string): Unit {
    const definition = loadUnit(name, [directory]);
    if (definition === undefined) throw new Error(`no unit can be called ${name}`);
    return { name, definition, body: { kind: 'none' }, job: undefined, unmet: undefined };
  }

  /** The job of its unit ends, the unit being down again. */
  function rest(timer: TimerUnit): void {
    target.job = undefined;
    timer.targetChanged();
  }

  test('does nothing before it is started and after it was stopped', () => {
    const timer = newTimer('OnActiveSec=5\nOnCalendar=daily UTC');
    for (const event of ['stop', 'rang', 'targetChanged', 'clockChanged', 'reloaded'] as const) timer.happen(event);
    expect([timer.record.state, started]).toEqual(['dead', []]);
    timer.start();
    timer.stop();
    for (const event of ['stop', 'rang', 'targetChanged', 'clockChanged', 'reloaded'] as const) timer.happen(event);
    expect([timer.record.state, started]).toEqual(['dead', []]);
    expect([timer.record.nextUs, timer.record.nextBootUs, clock.listener]).toEqual([undefined, undefined, undefined]);
  });

  test('waits while what it has started runs, and then for its next time', () => {
    const timer = newTimer('OnCalendar=*-*-* *:00 UTC');
    timer.start();
    expect([timer.record.state, timer.record.nextUs]).toEqual(['waiting', noon + hour]);
    clock.pass(hour + 5 * second);
    timer.happen('rang');
    expect(timer.record.state).toBe('running');
    expect(started.map((env) => env['TRIGGER_UNIT'])).toEqual(['a.timer']);
    timer.targetChanged();
    timer.happen('rang');
    expect([timer.record.state, started.length]).toEqual(['running', 1]);
    clock.pass(2 * hour);
    rest(timer);
    // What fell into the time while it ran is made up for once.
    expect([timer.record.state, timer.record.nextUs]).toEqual(['waiting', noon + 2 * hour]);
    timer.stop();
  });

  test('follows a clock that is set, forwards and back', () => {
    const timer = newTimer('OnCalendar=*-*-* 18:00 UTC');
    timer.start();
    clock.realtime += 24 * hour;
    clock.listener?.('time');
    expect(timer.record.nextUs).toBe(noon + 6 * hour); // it has passed: due at once
    timer.happen('rang');
    rest(timer);
    expect(timer.record.nextUs).toBe(noon + 30 * hour);
    clock.realtime -= 48 * hour;
    clock.listener?.('time');
    expect(timer.record.nextUs).toBe(noon - 18 * hour);
    timer.stop();
  });

  test('is there for changes of the clock or of the zone when it says so', () => {
    const timer = newTimer('OnTimezoneChange=yes');
    timer.start();
    expect(timer.record.state).toBe('waiting');
    clock.listener?.('time');
    expect(started.length).toBe(0);
    clock.listener?.('zone');
    expect([timer.record.state, started.length]).toEqual(['running', 1]);
    timer.stop();
  });

  test('draws a delay for each time, and the same one for as long as the time is the same', () => {
    const timer = newTimer('OnCalendar=*-*-* *:00 UTC\nRandomizedDelaySec=30min');
    timer.start();
    const drawn = timer.record.nextUs ?? 0;
    expect(drawn).toBeGreaterThanOrEqual(noon + hour);
    expect(drawn).toBeLessThanOrEqual(noon + hour + hour / 2);
    timer.targetChanged();
    timer.reloaded();
    expect(timer.record.nextUs).toBe(drawn);
    timer.stop();
    const fixed = [0, 1].map(() => {
      const other = newTimer('OnCalendar=*-*-* *:00 UTC\nRandomizedDelaySec=30min\nFixedRandomDelay=yes');
      other.start();
      other.stop();
      other.start();
      const { nextUs } = other.record;
      other.stop();
      return nextUs;
    });
    expect(fixed[0]).toBe(fixed[1]);
  });

  test('has one-time times once, and goes when none is left and it shall not remain', () => {
    const timer = newTimer('OnBootSec=1\nOnActiveSec=10\nRemainAfterElapse=no');
    timer.start();
    expect(timer.record.nextBootUs).toBe(second); // it was when the sandbox began: due at once
    timer.happen('rang');
    rest(timer);
    expect(timer.record.nextBootUs).toBe(1_010 * second);
    clock.pass(11 * second);
    timer.happen('rang');
    rest(timer);
    expect([timer.record.state, started.length]).toEqual(['dead', 2]);
  });
});
