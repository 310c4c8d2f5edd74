import type { DependencyKind } from './definition.ts';
import { isDown, isUp } from './state-time.ts';
import type { UnitLookup } from './transaction.ts';
import { activeState, type Unit } from './unit.ts';

/** What a unit's going up or down makes of others, beyond what was asked for. */
export interface Consequence {
  readonly unit: Unit;
  readonly type: 'start' | 'stop';
  readonly why: string;
}

const needs: readonly DependencyKind[] = ['Requires', 'Requisite', 'Wants', 'BindsTo', 'Upholds'];

/** systemd.unit(5), Upholds= and StopWhenUnneeded=, for a unit and those around it. */
export function consequencesOf(units: UnitLookup, unit: Unit): Consequence[] {
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
