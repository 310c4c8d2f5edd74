import { createHash } from 'node:crypto';
import { Alarm } from './alarm.ts';
import type { ActiveState } from './service-table.ts';
import { TIMER_ACTIVE_STATES, TIMER_TABLE, type TimerAction, type TimerEvent, type TimerState } from './timer-table.ts';
import { newlySpent, nextTimes, type TimerFacts } from './timer-next.ts';
import { readStamp, writeStamp } from './timer-stamp.ts';
import {
  isAtRest,
  newTriggerRecord,
  TriggerCore,
  type Trigger,
  type TriggerHost,
  type TriggerRecord,
} from './trigger.ts';
import type { TimerSettings } from './trigger-settings.ts';
import { stateTimes } from './unit.ts';
import type { ClockChange } from './wall-clock.ts';
import { machineId } from './machine-id.ts';

/** Everything about a timer that must outlive lohar. */
export interface TimerRecord extends TriggerRecord<TimerState> {
  readonly kind: 'timer';
  activatedUs: number;
  activatedBootUs: number;
  lastTriggerUs: number | undefined;
  lastTriggerBootUs: number | undefined;
  spent: string[];
  /** Its next times: as computed, and with the delays that it has drawn for them. */
  plainUs: number | undefined;
  plainBootUs: number | undefined;
  nextUs: number | undefined;
  nextBootUs: number | undefined;
  /** When its unit went up and down, as that unit says it (on the wall) and as it was noticed (since boot). */
  targetActiveUs: number;
  targetActiveBootUs: number | undefined;
  targetInactiveUs: number;
  targetInactiveBootUs: number | undefined;
}

export function newTimerRecord(): TimerRecord {
  return {
    kind: 'timer',
    ...newTriggerRecord(),
    activatedUs: 0,
    activatedBootUs: 0,
    lastTriggerUs: undefined,
    lastTriggerBootUs: undefined,
    spent: [],
    plainUs: undefined,
    plainBootUs: undefined,
    nextUs: undefined,
    nextBootUs: undefined,
    targetActiveUs: 0,
    targetActiveBootUs: undefined,
    targetInactiveUs: 0,
    targetInactiveBootUs: undefined,
  };
}

/** One timer (systemd.timer(5)): the actions of its table. */
export class TimerUnit implements Trigger, Readonly<Record<TimerAction, () => void>> {
  readonly kind = 'timer';
  readonly record: TimerRecord;
  readonly #core: TriggerCore<TimerState>;
  readonly #host: TriggerHost;
  readonly #alarm: Alarm;
  #clockWatch: Disposable | undefined;

  constructor(host: TriggerHost, record: TimerRecord) {
    this.#host = host;
    this.record = record;
    this.#core = new TriggerCore(host, record, TIMER_ACTIVE_STATES);
    this.#alarm = new Alarm(host.wallClock, () => this.happen('rang'));
  }

  activeState(): ActiveState {
    return this.#core.activeState();
  }

  settings(): TimerSettings {
    const { trigger } = this.#core.definition();
    if (trigger?.kind !== 'timer') throw new Error(`${this.#core.name()} is no timer`);
    return trigger;
  }

  /** The one door: everything that happens to a timer goes through the table. */
  happen(event: TimerEvent): void {
    this[TIMER_TABLE[this.record.state][event]]();
  }

  start(): boolean {
    if (!this.#core.hasLoadedTarget()) return false;
    this.happen('start');
    return true;
  }

  stop(): void {
    this.happen('stop');
  }

  targetChanged(): void {
    this.#noteTarget();
    this.happen('targetChanged');
  }

  reloaded(): void {
    this.happen('reloaded');
  }

  adopt(): void {
    this.#noteTarget();
    if (this.activeState() !== 'active') return;
    this.#watchClock();
    if (this.record.state === 'running') this.awaitRest();
    else this.computeAgain();
  }

  forgetFailure(): void {
    this.#core.forgetFailure();
  }

  // --- actions of the table ---

  ignore(): void {}

  begin(): void {
    const { record } = this;
    record.result = 'success';
    if (!this.#core.takeStart()) return this.#end('start-limit-hit');
    record.activatedUs = this.#host.wallClock.realtimeUs();
    record.activatedBootUs = this.#host.wallClock.boottimeUs();
    record.lastTriggerUs = undefined;
    record.lastTriggerBootUs = undefined;
    record.spent = [];
    record.plainUs = undefined;
    record.plainBootUs = undefined;
    this.#noteTarget();
    if (this.settings().persistent) this.#readStamp();
    this.#watchClock();
    this.computeAgain();
  }

  end(): void {
    this.#end('success');
  }

  fire(): void {
    if (this.#core.isToStop()) return;
    const { record } = this;
    const { wallClock } = this.#host;
    this.#alarm.cancel();
    const [nowUs, nowBootUs] = [wallClock.realtimeUs(), wallClock.boottimeUs()];
    record.spent = [...record.spent, ...newlySpent(this.settings().values, this.facts(), nowBootUs)];
    const problem = this.#core.tryStart(this.#core.target(), {
      TRIGGER_TIMER_REALTIME_USEC: String(nowUs),
      TRIGGER_TIMER_MONOTONIC_USEC: String(nowBootUs),
    });
    if (problem !== undefined) {
      this.#core.say(`${this.#core.name()}: Failed to queue unit startup job: ${problem}`, 4);
      return this.#end('resources');
    }
    record.lastTriggerUs = nowUs;
    record.lastTriggerBootUs = nowBootUs;
    if (this.settings().persistent) this.#writeStamp(nowUs);
    this.#core.change('running');
  }

  awaitRest(): void {
    if (isAtRest(this.#core.target())) this.computeAgain();
  }

  /** The clock on the wall was set, or the zone: what was computed by it does not hold. */
  rewind(): void {
    this.record.plainUs = undefined;
    this.computeAgain();
  }

  computeAgain(): void {
    const { record } = this;
    const { values, remainAfterElapse } = this.settings();
    const facts = this.facts();
    const { realtimeUs, bootUs } = nextTimes(values, facts);
    // As long as the time is the same, so is its delay.
    if (realtimeUs !== record.plainUs)
      record.nextUs = realtimeUs === undefined ? undefined : this.#sinceStartup(realtimeUs, facts) + this.#delayUs();
    if (bootUs !== record.plainBootUs) record.nextBootUs = bootUs === undefined ? undefined : bootUs + this.#delayUs();
    record.plainUs = realtimeUs;
    record.plainBootUs = bootUs;
    const isOver = realtimeUs === undefined && bootUs === undefined && !this.#waitsForChanges();
    if (isOver && !remainAfterElapse && !values.some(isRepeating)) return this.#end('success');
    const state = isOver ? 'elapsed' : 'waiting';
    if (record.state === state) this.#host.onRecorded();
    else this.#core.change(state);
    this.#alarm.set({ realtimeUs: record.nextUs, bootUs: record.nextBootUs });
  }

  // --- helpers ---

  #end(result: string): void {
    this.#alarm.cancel();
    this.#clockWatch?.[Symbol.dispose]();
    this.#clockWatch = undefined;
    this.record.nextUs = undefined;
    this.record.nextBootUs = undefined;
    this.#core.end(result);
  }

  #waitsForChanges(): boolean {
    const { onClockChange, onTimezoneChange } = this.settings();
    return onClockChange || onTimezoneChange;
  }

  #watchClock(): void {
    const { values } = this.settings();
    if (!this.#waitsForChanges() && !values.some(({ kind }) => kind === 'calendar')) return;
    this.#clockWatch ??= this.#host.wallClock.onChanged((change) => this.#clockChanged(change));
  }

  #clockChanged(change: ClockChange): void {
    const { onClockChange, onTimezoneChange } = this.settings();
    this.happen(
      (change === 'time' && onClockChange) || (change === 'zone' && onTimezoneChange) ? 'wanted' : 'clockChanged',
    );
  }

  /** What its next time depends on, now. */
  facts(): TimerFacts {
    const { wallClock } = this.#host;
    return { ...this.record, nowUs: wallClock.realtimeUs(), startupBootUs: wallClock.startupBootUs };
  }

  /** What was missed before this boot is due now, and its delay begins now: not all that was missed starts in the same moment. */
  #sinceStartup(timeUs: number, { nowUs, startupBootUs, lastTriggerUs }: TimerFacts): number {
    const startupUs = nowUs - (this.#host.wallClock.boottimeUs() - startupBootUs);
    return lastTriggerUs !== undefined && lastTriggerUs < startupUs ? Math.max(timeUs, startupUs) : timeUs;
  }

  #delayUs(): number {
    const { randomizedDelayMs, fixedRandomDelay } = this.settings();
    if (randomizedDelayMs === 0 || randomizedDelayMs === Infinity) return 0;
    const share = fixedRandomDelay ? fixedShare(this.#core.name()) : Math.random();
    return Math.floor(share * randomizedDelayMs * 1_000);
  }

  /** When its unit last went up and down. It says so by the clock on the wall, which may be set meanwhile: what matters is when it was first seen. */
  #noteTarget(): void {
    const target = this.#core.target();
    const times = target === undefined ? undefined : stateTimes(target);
    if (times === undefined) return;
    const { record } = this;
    if (times.inactiveExitUs !== record.targetActiveUs) {
      record.targetActiveUs = times.inactiveExitUs;
      record.targetActiveBootUs = this.#bootTimeOf(times.inactiveExitUs);
    }
    if (times.inactiveEnterUs !== record.targetInactiveUs) {
      record.targetInactiveUs = times.inactiveEnterUs;
      record.targetInactiveBootUs = this.#bootTimeOf(times.inactiveEnterUs);
    }
  }

  #bootTimeOf(timeUs: number): number | undefined {
    const { wallClock } = this.#host;
    return timeUs === 0 ? undefined : wallClock.boottimeUs() - (wallClock.realtimeUs() - timeUs);
  }

  #readStamp(): void {
    const { record } = this;
    const stamp = readStamp(this.#core.name());
    // One from the future was written by a clock that went wrong.
    if (stamp !== undefined) record.lastTriggerUs = Math.min(stamp, record.activatedUs);
    // The first time: from now on there is something to compare with.
    else this.#writeStamp(record.activatedUs);
  }

  #writeStamp(atUs: number): void {
    try {
      writeStamp(this.#core.name(), atUs);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#core.say(`${this.#core.name()}: Failed to update stamp file: ${why}`, 4);
    }
  }
}

/** The unit that a timer of this kind starts may run again at any time, and then the timer goes on. */
function isRepeating(value: TimerSettings['values'][number]): boolean {
  return value.kind === 'monotonic' && (value.base === 'OnUnitActive' || value.base === 'OnUnitInactive');
}

/** systemd.timer(5), FixedRandomDelay=: the same for this machine and timer at all times. From 0 to 1. */
function fixedShare(unit: string): number {
  const digest = createHash('sha256').update(`${machineId()} 0 ${unit}`).digest();
  return digest.readUIntBE(0, 6) / 2 ** 48;
}
