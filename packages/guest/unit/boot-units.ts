import { TransactionError } from './transaction.ts';
import { activeState } from './unit.ts';
import type { UnitManager } from './unit-manager.ts';

const bootTarget = 'default.target';

/** Starts what is enabled: everything the default target pulls in; once a boot, so that a lohar that came back starts nothing that was stopped since. Resolves with the names of units that failed. */
export async function startBootUnits(manager: UnitManager): Promise<string[]> {
  const target = manager.load(bootTarget);
  if (target === undefined) return [];
  try {
    await (manager.wasStored(target.name) ? target.job : manager.submit(target, 'start'))?.finished;
  } catch (error) {
    if (!(error instanceof TransactionError)) throw error;
    console.error(`cannot start ${bootTarget}: ${error.message}`);
    return [target.name];
  }
  return [...manager.loaded()].filter((unit) => activeState(unit) === 'failed').map((unit) => unit.name);
}
