import type { UnitReply } from '@bhatti/wire/agent/unit.ts';
import { JOB_MODES } from '../unit/definition.ts';
import type { JobType } from '../unit/job.ts';
import { isDown, isUp } from '../unit/state-time.ts';
import { dependents, TransactionError } from '../unit/transaction.ts';
import { activeState, type Unit } from '../unit/unit.ts';
import { failureText } from './job-result.ts';
import { changedWarning } from './look-verbs.ts';
import {
  exitNoPermission,
  exitNotImplemented,
  exitNotLoaded,
  failure,
  joinReplies,
  success,
  type Verb,
  type VerbContext,
} from './reply.ts';

/** start, stop, restart and their variants, for one or more units at once; waits for the ends unless `--no-block`. */
export async function changeVerb(context: VerbContext, verb: Verb): Promise<UnitReply> {
  return joinReplies(await Promise.all(verb.units.map((name) => changeUnit(context, verb, name))));
}

/** Why a unit is left as it is: the words, and the exit code that LSB has for it. */
interface Refusal {
  readonly why: string;
  readonly exitCode: number;
  /** Whether the log has more about it. */
  readonly isPlain?: boolean;
}

async function changeUnit({ manager }: VerbContext, verb: Verb, name: string): Promise<UnitReply> {
  const refuse = ({ why, exitCode, isPlain }: Refusal) =>
    failure(
      `Failed to ${verb.verb} ${name}: ${why}\n${isPlain === true ? '' : `See system logs and 'systemctl status ${name}' for details.\n`}`,
      exitCode,
    );
  const unit = manager.loadFresh(name);
  if (unit === undefined) return refuse({ why: `Unit name ${name} is not valid.`, exitCode: 1 });
  if (/@\.\w+$/.test(name)) return refuse({ why: `Unit name ${name} is missing the instance name.`, exitCode: 1 });
  const asked = verb.options['job-mode'] ?? 'replace';
  const mode = JOB_MODES.find((known) => known === asked);
  if (mode === undefined) return refuse({ why: `Job mode ${asked} invalid`, exitCode: 1 });
  if (unit.definition.loadState === 'not-found' && !verb.verb.includes('stop'))
    return refuse(notFound(`Unit ${unit.name} not found.`));
  const type = jobTypeFor(verb.verb, unit);
  if (type === undefined) return success('');
  const refusal = refusalOf(unit, type);
  if (refusal !== undefined) return refuse(refusal);
  const warning = manager.isChangedOnDisk(unit) ? changedWarning(unit) : '';
  try {
    const { job, finished } = manager.submit(unit, type, mode);
    const anchor =
      'show-transaction' in verb.options && job !== undefined
        ? `Enqueued anchor job ${job.id} ${unit.name}/${type}.\n`
        : '';
    if ('no-block' in verb.options || 'dry-run' in verb.options) return success('', warning + anchor);
    const stderr = failureText(unit, await finished);
    if ('wait' in verb.options && stderr === '') await manager.until(() => isDown(activeState(unit)));
    const isFailed = stderr !== '' || ('wait' in verb.options && activeState(unit) === 'failed');
    const note = verb.verb === 'stop' ? triggerWarning(manager, unit) : '';
    return { stdout: '', stderr: warning + anchor + stderr + note, exitCode: isFailed ? 1 : 0 };
  } catch (error) {
    if (!(error instanceof TransactionError)) throw error;
    if (error.reason === 'not-found') return refuse(notFound(error.message));
    return refuse({ why: error.message, exitCode: 1, isPlain: error.reason === 'masked' });
  }
}

function notFound(why: string): Refusal {
  return { why, exitCode: exitNotLoaded, isPlain: true };
}

function refusalOf(unit: Unit, type: JobType): Refusal | undefined {
  const { loadState, refuseManualStart, refuseManualStop } = unit.definition;
  if (loadState === 'not-found' && type === 'stop' && isDown(activeState(unit)))
    return notFound(`Unit ${unit.name} not loaded.`);
  const isStopRefused = (type === 'stop' || type === 'restart') && refuseManualStop;
  if (isStopRefused || ((type === 'start' || type === 'restart') && refuseManualStart))
    return {
      why: `Operation refused, unit ${unit.name} may be requested by dependency only (it is configured to refuse manual start/stop).`,
      exitCode: exitNoPermission,
    };
  if (type === 'reload' && !canReload(unit) && loadState === 'loaded')
    return {
      why: `Job type reload is not applicable for unit ${unit.name}.`,
      exitCode: exitNotImplemented,
      isPlain: true,
    };
  return undefined;
}

function canReload(unit: Unit): boolean {
  return (unit.definition.service?.execReload.length ?? 0) > 0;
}

/** Undefined when nothing is to be done. */
function jobTypeFor(verb: string, unit: Unit): JobType | undefined {
  const state = activeState(unit);
  switch (verb) {
    case 'start':
    case 'stop':
    case 'restart':
    case 'reload':
      return verb;
    case 'condstop':
      return 'stop';
    case 'condreload':
      return 'reload';
    case 'try-restart':
    case 'condrestart':
      return isDown(state) ? undefined : 'restart';
    case 'reload-or-restart':
      return canReload(unit) && isUp(state) ? 'reload' : 'restart';
    case 'try-reload-or-restart':
    case 'reload-or-try-restart':
    case 'force-reload':
      if (isDown(state)) return undefined;
      return canReload(unit) && isUp(state) ? 'reload' : 'restart';
    default:
      return undefined;
  }
}

/** What has been stopped may not stay so. */
function triggerWarning(manager: VerbContext['manager'], unit: Unit): string {
  const active = dependents(manager, unit, ['Triggers']).filter((trigger) => isUp(activeState(trigger)));
  if (active.length === 0) return '';
  const names = active.map(({ name }) => `  ${name}\n`).join('');
  return `Warning: Stopping ${unit.name}, but it can still be activated by:\n${names}`;
}
