import { boottimeUs } from '@bhatti/sys/clock.ts';
import type { DependencyKind } from './definition.ts';
import { isDown, isUp } from './state-time.ts';
import type { UnitLookup } from './transaction.ts';
import { activeState, type Unit } from './unit.ts';

// Units that are started or stopped by what others do: no more often than this, so that two that are at odds do not keep everything busy.
const followLimit = { times: 16, withinMs: 10_000 };

/** What a unit's going up or down makes of others, beyond what was asked for. */
interface Consequence {
  readonly unit: Unit;
  readonly type: 'start' | 'stop';
  readonly why: string;
}

export interface FollowingHost {
  /** Answers why it could not be done. */
  trySubmit(unit: Unit, type: 'start' | 'stop'): string | undefined;
  /** What a unit's going up or down makes of others has been seen to. */
  onFollowed(unit: Unit): void;
  say(unit: Unit, text: string, priority?: number): void;
}

/** Units that start or stop because others have. */
export class Following {
  readonly #units: UnitLookup;
  readonly #host: FollowingHost;
  readonly #followedBootUs = new Map<Unit, number[]>();
  readonly #toFollow = new Set<Unit>();

  constructor(units: UnitLookup, host: FollowingHost) {
    this.#units = units;
    this.#host = host;
  }

  /** Once the queue is through with what is going on. */
  followSoon(unit: Unit): void {
    if (this.#toFollow.size === 0) queueMicrotask(() => this.#followAll());
    this.#toFollow.add(unit);
  }

  forget(unit: Unit): void {
    this.#followedBootUs.delete(unit);
  }

  #followAll(): void {
    const settled = [...this.#toFollow];
    this.#toFollow.clear();
    for (const unit of settled) {
      for (const consequence of consequencesOf(this.#units, unit)) this.#follow(consequence);
      this.#host.onFollowed(unit);
    }
  }

  #follow({ unit, type, why }: Consequence): void {
    const now = boottimeUs();
    const recent = (this.#followedBootUs.get(unit) ?? []).filter((at) => now - at < followLimit.withinMs * 1_000);
    if (recent.length >= followLimit.times) {
      setTimeout(() => this.followSoon(unit), followLimit.withinMs).unref();
      return;
    }
    this.#followedBootUs.set(unit, [...recent, now]);
    this.#host.say(unit, why);
    const problem = this.#host.trySubmit(unit, type);
    if (problem !== undefined) this.#host.say(unit, `Failed to enqueue ${type} job, ignoring: ${problem}`, 4);
  }
}

const needs: readonly DependencyKind[] = ['Requires', 'Requisite', 'Wants', 'BindsTo', 'Upholds'];

/** systemd.unit(5), Upholds= and StopWhenUnneeded=, for a unit and those around it. */
function consequencesOf(units: UnitLookup, unit: Unit): Consequence[] {
  const around = needs.flatMap((kind) =>
    [...unit.definition.dependencies[kind]].flatMap((name) => units.known(name) ?? []),
  );
  const upheld = isUp(activeState(unit))
    ? [...unit.definition.dependencies.Upholds].flatMap((name) => units.load(name) ?? [])
    : [];
  return [...new Set([unit, ...around, ...upheld])].flatMap((other) => consequenceFor(units, other) ?? []);
}

function consequenceFor(units: UnitLookup, unit: Unit): Consequence | undefined {
  if (unit.job !== undefined || unit.definition.loadState !== 'loaded') return undefined;
  const state = activeState(unit);
  if (isDown(state)) {
    const upholder = units.dependents(unit, ['Upholds']).find((other) => isUp(activeState(other)));
    if (upholder === undefined) return undefined;
    return { unit, type: 'start', why: `Started because upheld by active unit ${upholder.name}.` };
  }
  if (!unit.definition.jobs.stopWhenUnneeded || !isUp(state)) return undefined;
  const isNeeded = units
    .dependents(unit, needs)
    .some((other) => !isDown(activeState(other)) || (other.job !== undefined && other.job.type !== 'stop'));
  return isNeeded ? undefined : { unit, type: 'stop', why: 'Unit not needed anymore. Stopping.' };
}
