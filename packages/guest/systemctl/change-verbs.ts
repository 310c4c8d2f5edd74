import type { UnitReply } from '@bhatti/wire/agent/unit.ts';
import type { JobResult, JobType } from '../unit/job.ts';
import { isDown, isUp } from '../unit/state-time.ts';
import { dependents, TransactionError } from '../unit/transaction.ts';
import { activeState, type Unit } from '../unit/unit.ts';
import { changedWarning, failure, type Verb, type VerbContext } from './verbs.ts';

const exitNotLoaded = 5; // LSB: the program is not installed

/** start, stop, restart and their variants, for one or more units at once; waits for the ends unless `--no-block`. */
export async function changeVerb(context: VerbContext, verb: Verb): Promise<UnitReply> {
  if (verb.units.length === 0) return failure('Too few arguments.\n');
  const outcomes = await Promise.all(verb.units.map((name) => changeUnit(context, verb, name)));
  return {
    stdout: '',
    stderr: outcomes.map((outcome) => outcome.stderr).join(''),
    exitCode: outcomes.find((outcome) => outcome.exitCode !== 0)?.exitCode ?? 0,
  };
}

interface Outcome {
  readonly stderr: string;
  readonly exitCode: number;
}

async function changeUnit({ manager }: VerbContext, verb: Verb, name: string): Promise<Outcome> {
  const unit = manager.loadFresh(name);
  if (unit === undefined)
    return { stderr: `Failed to ${verb.verb} ${name}: Unit name ${name} is not valid.\n`, exitCode: 1 };
  if (/@\.\w+$/.test(name))
    return { stderr: `Failed to ${verb.verb} ${name}: Unit name ${name} is missing the instance name.\n`, exitCode: 1 };
  const type = jobTypeFor(verb.verb, unit);
  if (type === undefined) return { stderr: '', exitCode: 0 };
  const refusal = refusalOf(unit, type);
  if (refusal !== undefined)
    return {
      stderr: `Failed to ${verb.verb} ${name}: ${refusal}\n`,
      exitCode: refusal.endsWith('not found.') || refusal.endsWith('not loaded.') ? exitNotLoaded : 1,
    };
  const warning = manager.isChangedOnDisk(unit) ? changedWarning(unit) : '';
  try {
    const { finished } = manager.submit(unit, type);
    if ('no-block' in verb.options) return { stderr: warning, exitCode: 0 };
    const stderr = failureText(unit, await finished);
    const note = verb.verb === 'stop' ? triggerWarning(manager, unit) : '';
    return { stderr: warning + stderr + note, exitCode: stderr === '' ? 0 : 1 };
  } catch (error) {
    if (!(error instanceof TransactionError)) throw error;
    return { stderr: `Failed to ${verb.verb} ${name}: ${error.message}\n`, exitCode: 1 };
  }
}

function refusalOf(unit: Unit, type: JobType): string | undefined {
  const { loadState } = unit.definition;
  if (loadState === 'not-found' && type === 'stop' && isDown(activeState(unit))) return `Unit ${unit.name} not loaded.`;
  if (loadState === 'not-found' && type !== 'stop') return `Unit ${unit.name} not found.`;
  if (type === 'stop' && unit.definition.refuseManualStop)
    return `Operation refused, unit ${unit.name} may be requested by dependency only (it is configured to refuse manual start/stop).`;
  if (type === 'start' && unit.definition.refuseManualStart)
    return `Operation refused, unit ${unit.name} may be requested by dependency only (it is configured to refuse manual start/stop).`;
  if (type === 'reload' && (unit.definition.service?.execReload.length ?? 0) === 0 && loadState === 'loaded')
    return `Job type reload is not applicable for unit ${unit.name}.`;
  return undefined;
}

/** Undefined when nothing is to be done. */
function jobTypeFor(verb: string, unit: Unit): JobType | undefined {
  const state = activeState(unit);
  const canReload = (unit.definition.service?.execReload.length ?? 0) > 0;
  switch (verb) {
    case 'start':
    case 'stop':
    case 'restart':
    case 'reload':
      return verb;
    case 'try-restart':
    case 'condrestart':
      return isDown(state) ? undefined : 'restart';
    case 'reload-or-restart':
      return canReload && isUp(state) ? 'reload' : 'restart';
    case 'try-reload-or-restart':
    case 'force-reload':
      if (isDown(state)) return undefined;
      return canReload && isUp(state) ? 'reload' : 'restart';
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

/** What systemctl says of a job that did not end well; empty when it did. */
function failureText(unit: Unit, result: JobResult): string {
  const look = `See "systemctl status ${unit.name}" and "journalctl -xeu ${unit.name}" for details.\n`;
  switch (result) {
    case 'done':
    case 'skipped':
      return '';
    case 'canceled':
      return `Job for ${unit.name} canceled.\n`;
    case 'timeout':
      return `Job for ${unit.name} timed out.\n`;
    case 'dependency':
      return `A dependency job for ${unit.name} failed. See 'journalctl -xe' for details.\n`;
    case 'invalid':
      return `${unit.name} is not active, cannot reload.\n`;
    case 'assert':
      return `Assertion failed on job for ${unit.name}.\n`;
    case 'unsupported':
      return `Operation on or unit type of ${unit.name} not supported on this system.\n`;
    case 'failed':
      if (unit.body.kind !== 'service') return 'Job failed. See "journalctl -xe" for details.\n';
      return `Job for ${unit.name} failed${reasonOf(unit)}.\n${look}${startLimitHint(unit)}`;
  }
}

function reasonOf(unit: Unit): string {
  const result = unit.body.kind === 'service' ? unit.body.service.record.result : 'success';
  switch (result) {
    case 'resources':
      return ' because of unavailable resources or another system error';
    case 'protocol':
      return ' because the service did not take the steps required by its unit configuration';
    case 'timeout':
      return ' because a timeout was exceeded';
    case 'exit-code':
      return ' because the control process exited with error code';
    case 'signal':
      return ' because a fatal signal was delivered to the control process';
    case 'core-dump':
      return ' because a fatal signal was delivered causing the control process to dump core';
    case 'watchdog':
      return ' because the service failed to send watchdog ping';
    case 'start-limit-hit':
      return ' because start of the service was attempted too often';
    case 'success':
    case 'exec-condition':
      return '';
  }
}

function startLimitHint(unit: Unit): string {
  if (unit.body.kind !== 'service' || unit.body.service.record.result !== 'start-limit-hit') return '';
  return `To force a start use "systemctl reset-failed ${unit.name}"\nfollowed by "systemctl start ${unit.name}" again.\n`;
}
