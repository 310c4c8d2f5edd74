import type { UnitDefinition } from './definition.ts';
import type { PathUnit } from './path.ts';
import type { ServiceContext } from './service-processes.ts';
import type { ActiveState } from './service-table.ts';
import type { SocketUnit } from './socket.ts';
import { takeStart, takeWithin } from './start-limit.ts';
import { isDown, recordStateTime, type StateTimes } from './state-time.ts';
import type { TimerUnit } from './timer.ts';
import { TransactionError } from './transaction.ts';
import { activeState, type Unit } from './unit.ts';
import type { WallClock } from './wall-clock.ts';

/*
 * Timers, sockets and paths are one idea: a unit that waits for something and then starts another. Each has its own states and table; what they have in common is here.
 */

/** What must outlive lohar of any of them. Plain data. */
export interface TriggerRecord<State extends string = string> extends StateTimes {
  state: State;
  result: string;
  /** Starts of the unit itself within its rate limit, µs of the boot clock. */
  startsBootUs: number[];
  /** Starts of the other unit within `TriggerLimitBurst=`. */
  triggersBootUs: number[];
}

export function newTriggerRecord(): TriggerRecord<'dead'> {
  return {
    state: 'dead',
    result: 'success',
    startsBootUs: [],
    triggersBootUs: [],
    stateChangeUs: 0,
    inactiveExitUs: 0,
    activeEnterUs: 0,
    activeExitUs: 0,
    inactiveEnterUs: 0,
  };
}

/** What a trigger can do in the world. */
export interface TriggerHost {
  readonly context: ServiceContext;
  readonly wallClock: WallClock;
  /** Its own unit. */
  readonly unit: Unit;
  load(name: string): Unit | undefined;
  /** The same, read again where its files have changed. */
  loadFresh(name: string): Unit | undefined;
  /** Starts a unit, telling it by whom (systemd.exec(5), $TRIGGER_UNIT). Throws a TransactionError when it cannot be. */
  start(unit: Unit, env: Readonly<Record<string, string>>): void;
  /** Takes a unit out of memory that is not needed any more. */
  forget(unit: Unit): void;
  /** The unit's dependencies have changed. */
  relate(): void;
  onRecorded(): void;
  /** What has been recorded must be on disk before anything else happens. */
  commit(): void;
  onStateChanged(from: ActiveState, to: ActiveState): void;
}

/** What the rest of the service manager can ask of one. */
export interface Trigger {
  readonly record: TriggerRecord;
  activeState(): ActiveState;
  /** False when it refuses; the journal has the reason. */
  start(): boolean;
  stop(): void;
  /** A unit that it starts has changed, or a job of that has ended. */
  targetChanged(target: Unit): void;
  /** Its files were read again. */
  reloaded(): void;
  /** Takes up what an earlier lohar left. */
  adopt(): void;
  forgetFailure(): void;
}

export type AnyTrigger = TimerUnit | SocketUnit | PathUnit;

/** Where each of them begins, and where it ends when it failed. */
type WithEnds<State extends string> = State | 'dead' | 'failed';

/** The part that is the same for all: state, words, limits. */
export class TriggerCore<State extends string> {
  readonly host: TriggerHost;
  readonly record: TriggerRecord<WithEnds<State>>;
  readonly #activeStates: Readonly<Record<WithEnds<State>, ActiveState>>;

  constructor(
    host: TriggerHost,
    record: TriggerRecord<WithEnds<State>>,
    activeStates: Readonly<Record<WithEnds<State>, ActiveState>>,
  ) {
    this.host = host;
    this.record = record;
    this.#activeStates = activeStates;
  }

  definition(): UnitDefinition {
    return this.host.unit.definition;
  }

  activeState(): ActiveState {
    return this.#activeStates[this.record.state];
  }

  /** The unit that it starts; undefined when each time is another. */
  target(): Unit | undefined {
    const name = this.targetName();
    return name === undefined ? undefined : this.host.load(name);
  }

  targetName(): string | undefined {
    const [name] = this.definition().dependencies.Triggers;
    return name;
  }

  /** The same unit when it is about to be relied on; undefined when it cannot be. */
  loadedTarget(): Unit | undefined {
    const name = this.targetName();
    const target = name === undefined ? undefined : this.host.loadFresh(name);
    return target?.definition.loadState === 'loaded' ? target : undefined;
  }

  /** Whether there is something to start; the journal has the reason when there is not. */
  hasLoadedTarget(): boolean {
    if (this.loadedTarget() !== undefined) return true;
    this.say(`${this.name()}: Refusing to start, unit ${this.targetName()} to trigger not loaded.`, 3);
    return false;
  }

  change(to: WithEnds<State>): void {
    const from = this.record.state;
    this.record.state = to;
    recordStateTime(this.record, this.#activeStates[from], this.#activeStates[to]);
    this.host.onRecorded();
    this.host.onStateChanged(this.#activeStates[from], this.#activeStates[to]);
  }

  /** Where it ends, with the words for it. */
  end(result: string): void {
    const { record } = this;
    if (record.result === 'success') record.result = result;
    const isFailure = record.result !== 'success';
    if (isFailure) this.say(`${this.name()}: Failed with result '${record.result}'.`, 4);
    else this.say(`${this.name()}: Deactivated successfully.`);
    this.change(isFailure ? 'failed' : 'dead');
  }

  /** Counts a start of the unit itself. */
  takeStart(): boolean {
    if (takeStart(this.record, this.definition())) return true;
    this.say(`${this.name()}: Start request repeated too quickly.`, 4);
    return false;
  }

  /** Counts a start of the other unit. */
  takeTrigger(limit: { readonly burst: number; readonly intervalMs: number }): boolean {
    const times = takeWithin(this.record.triggersBootUs, limit);
    if (times !== undefined) this.record.triggersBootUs = times;
    else this.say(`${this.name()}: Trigger limit hit, refusing further activation.`, 4);
    return times !== undefined;
  }

  /** Undefined when the job is queued, and otherwise why it is not. */
  tryStart(target: Unit | undefined, env: Readonly<Record<string, string>> = {}): string | undefined {
    if (target === undefined) return 'there is no unit to start';
    try {
      this.host.start(target, { TRIGGER_UNIT: this.name(), ...env });
      return undefined;
    } catch (error) {
      if (error instanceof TransactionError) return error.message;
      throw error;
    }
  }

  /** What is to go down starts nothing any more. */
  isToStop(): boolean {
    const type = this.host.unit.job?.type;
    return type === 'stop' || type === 'restart';
  }

  forgetFailure(): void {
    this.record.startsBootUs = [];
    this.record.triggersBootUs = [];
    if (this.activeState() !== 'failed') return;
    this.record.result = 'success';
    this.change('dead');
  }

  say(text: string, priority = 6): void {
    this.host.context.journal.message(this.name(), text, priority);
  }

  name(): string {
    return this.host.unit.name;
  }
}

/** It is down, and nothing is about to change that. */
export function isAtRest(unit: Unit | undefined): boolean {
  return unit === undefined || (isDown(activeState(unit)) && unit.job === undefined);
}

/** It failed because it was started too often: whoever starts it must not go on. */
export function isStartLimited(unit: Unit | undefined): boolean {
  return unit?.body.kind === 'service' && unit.body.service.record.isStartLimited && activeState(unit) === 'failed';
}
