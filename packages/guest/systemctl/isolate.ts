import type { UnitReply } from '@bhatti/wire/agent/unit.ts';
import { TransactionError } from '../unit/transaction.ts';
import { isDown } from '../unit/state-time.ts';
import { activeState, type Unit } from '../unit/unit.ts';
import { mangleUnitName } from '../unit/unit-name-escape.ts';
import type { UnitManager } from '../unit/unit-manager.ts';
import { changeVerb } from './change-verbs.ts';
import { exitNoPermission, failure, type Verb, type VerbContext } from './reply.ts';

const pulling = ['Requires', 'Requisite', 'Wants', 'BindsTo', 'Upholds'] as const;

/** systemctl(1), isolate: starts a target and what it pulls in, and stops everything else. */
export async function isolate(context: VerbContext, verb: Verb): Promise<UnitReply> {
  const { manager } = context;
  const [word = ''] = verb.units;
  const { name } = mangleUnitName(word, 'target');
  const target = manager.loadFresh(name);
  // systemd looks at this first: a target that does not exist may not be isolated either.
  if (target === undefined || !target.definition.jobs.allowIsolate)
    return failure(
      `Failed to start ${name}: Operation refused, unit may not be isolated.\nSee system logs and 'systemctl status ${name}' for details.\n`,
      exitNoPermission,
    );
  const kept = pulledIn(manager, target);
  const stopping = [...manager.loaded()].filter((unit) => !kept.has(unit) && isStoppable(unit));
  const stopped = stopping.map(async (unit) => {
    try {
      await manager.submit(unit, 'stop').finished;
    } catch (error) {
      if (!(error instanceof TransactionError)) throw error; // it stays, as what it is bound to says
    }
  });
  const reply = await changeVerb(context, { ...verb, verb: 'start', units: [name] });
  if (!('no-block' in verb.options)) await Promise.all(stopped);
  return reply;
}

function isStoppable(unit: Unit): boolean {
  return !isDown(activeState(unit)) && !unit.definition.jobs.ignoreOnIsolate && unit.definition.type !== 'scope';
}

function pulledIn(manager: UnitManager, root: Unit): Set<Unit> {
  const found = new Set<Unit>([root]);
  for (const unit of found) {
    for (const kind of pulling) {
      for (const name of unit.definition.dependencies[kind]) {
        const other = manager.load(name);
        if (other !== undefined) found.add(other);
      }
    }
  }
  return found;
}
