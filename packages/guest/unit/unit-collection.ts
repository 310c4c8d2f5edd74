import { DEPENDENCY_KINDS } from './definition.ts';
import type { UnitLookup } from './transaction.ts';
import { activeState, type Unit } from './unit.ts';

/**
 * Units that systemd would have unloaded: they rest, and no unit in use names them. One that failed is in use until somebody has looked at it; a unit that is in use keeps all that it names, and what these
 * name.
 */
export function unusedUnits(units: UnitLookup): Unit[] {
  const used = new Set([...units.loaded()].filter(isInUse));
  // A set that grows while it is walked is walked to its end.
  for (const { definition } of used)
    for (const kind of DEPENDENCY_KINDS)
      for (const name of definition.dependencies[kind]) {
        const named = units.known(name);
        if (named !== undefined) used.add(named);
      }
  return [...units.loaded()].filter((unit) => !used.has(unit));
}

function isInUse(unit: Unit): boolean {
  if (unit.job !== undefined || activeState(unit) !== 'inactive') return true;
  // `KillMode=process` may have left somebody.
  return unit.body.kind === 'service' && unit.body.service.processes.group.isPopulated();
}
