import type { UnitReply } from '@bhatti/wire/agent/unit.ts';
import { unitFileState, type UnitFileState } from '../unit/install.ts';
import { isUp } from '../unit/state-time.ts';
import { activeState, type Unit } from '../unit/unit.ts';
import { isTemplateName, noUnitName } from './look-verbs.ts';
import { exitNotActive, failure, type Verb, type VerbContext } from './reply.ts';
import { systemState } from './system-state.ts';

export function isActive(context: VerbContext, verb: Verb): UnitReply {
  return checkStates(context, verb, (unit) => isUp(activeState(unit)), exitNotActive);
}

export function isFailed(context: VerbContext, verb: Verb): UnitReply {
  return checkStates(context, verb, (unit) => activeState(unit) === 'failed', 1);
}

function checkStates(context: VerbContext, verb: Verb, holds: (unit: Unit) => boolean, exitCode: number): UnitReply {
  const template = verb.units.find(isTemplateName);
  if (template !== undefined) return failure(`Failed to retrieve unit state: ${noUnitName(template)}\n`);
  const states = verb.units.map((name) => context.manager.loadFresh(name));
  const lines = states.map((unit) => `${unit === undefined ? 'inactive' : activeState(unit)}\n`);
  return {
    stdout: 'quiet' in verb.options ? '' : lines.join(''),
    stderr: '',
    exitCode: states.some((unit) => unit !== undefined && holds(unit)) ? 0 : exitCode,
  };
}

const startingStates: ReadonlySet<UnitFileState> = new Set([
  'enabled',
  'enabled-runtime',
  'static',
  'alias',
  'indirect',
]);

/** The first unit without a file ends it, as there. */
export function isEnabled({ manager }: VerbContext, verb: Verb): UnitReply {
  let stdout = '';
  let isAny = false;
  for (const name of verb.units) {
    const unit = manager.loadFresh(name);
    const state = unit === undefined ? '' : unitFileState(unit.definition, name);
    if (state === '')
      return { stdout, stderr: `Failed to get unit file state for ${name}: No such file or directory\n`, exitCode: 1 };
    if (!('quiet' in verb.options)) stdout += `${state}\n`;
    if (startingStates.has(state)) isAny = true;
  }
  return { stdout, stderr: '', exitCode: isAny ? 0 : 1 };
}

export async function isSystemRunning({ manager }: VerbContext, verb: Verb): Promise<UnitReply> {
  if ('wait' in verb.options) await manager.until(() => systemState(manager) !== 'starting');
  const state = systemState(manager);
  return { stdout: 'quiet' in verb.options ? '' : `${state}\n`, stderr: '', exitCode: state === 'running' ? 0 : 1 };
}
