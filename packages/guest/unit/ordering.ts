import type { UnitDefinition } from './definition.ts';

/** Whether `a` starts after `b`: by After= or Before=, or because a target waits for what it pulls in. */
export function isOrderedAfter(a: UnitDefinition, b: UnitDefinition): boolean {
  return isWrittenAfter(a, b) || isTargetAfterItsUnits(a, b);
}

/** systemd.target(5): a target with default dependencies is After= all it wants or requires, unless that is itself ordered after the target. */
function isTargetAfterItsUnits(target: UnitDefinition, unit: UnitDefinition): boolean {
  if (target.type !== 'target' || !target.defaultDependencies || !unit.defaultDependencies) return false;
  const { Wants, Requires, Requisite, BindsTo, Upholds } = target.dependencies;
  const isPulledIn = [Wants, Requires, Requisite, BindsTo, Upholds].some((names) => hasAny(names, unit));
  return isPulledIn && !isWrittenAfter(unit, target);
}

function isWrittenAfter(a: UnitDefinition, b: UnitDefinition): boolean {
  return hasAny(a.dependencies.After, b) || hasAny(b.dependencies.Before, a);
}

/** Dependencies may use any of a unit's names. */
export function hasAny(names: ReadonlySet<string>, unit: UnitDefinition): boolean {
  if (names.size === 0) return false;
  for (const name of unit.names) if (names.has(name)) return true;
  return false;
}
