import type { DependencyKind } from './definition.ts';
import type { UnitLookup } from './transaction.ts';
import type { Unit } from './unit.ts';

const pulls: readonly DependencyKind[] = ['Wants', 'Requires', 'Requisite', 'BindsTo', 'Upholds'];

/** The units in memory that `unit` is ordered after: by After= or Before=, or because a target waits for what it pulls in. */
export function unitsBefore(units: UnitLookup, unit: Unit): Set<Unit> {
  const before = new Set([...named(units, unit, ['After']), ...units.dependents(unit, ['Before'])]);
  if (unit.definition.type === 'target' && unit.definition.defaultDependencies)
    for (const other of named(units, unit, pulls)) if (waitsForPulled(units, unit, other)) before.add(other);
  before.delete(unit);
  return before;
}

/** The units in memory that are ordered after `unit`. */
export function unitsAfter(units: UnitLookup, unit: Unit): Set<Unit> {
  const after = new Set([...named(units, unit, ['Before']), ...units.dependents(unit, ['After'])]);
  for (const target of units.dependents(unit, pulls))
    if (
      target.definition.type === 'target' &&
      target.definition.defaultDependencies &&
      waitsForPulled(units, target, unit)
    )
      after.add(target);
  after.delete(unit);
  return after;
}

/** systemd.target(5): a target with default dependencies is After= all it wants or requires, unless that is itself ordered after the target. */
function waitsForPulled(units: UnitLookup, target: Unit, unit: Unit): boolean {
  if (!unit.definition.defaultDependencies) return false;
  return !named(units, unit, ['After']).includes(target) && !units.dependents(unit, ['Before']).includes(target);
}

function named(units: UnitLookup, unit: Unit, kinds: readonly DependencyKind[]): Unit[] {
  return kinds.flatMap((kind) => [...unit.definition.dependencies[kind]].flatMap((name) => units.known(name) ?? []));
}
