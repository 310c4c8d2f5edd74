import type { UnitReply, UnitRequest } from '@bhatti/wire/agent/unit.ts';
import { changeVerb } from './change-verbs.ts';
import { editFiles, editSave } from './edit-verbs.ts';
import { installVerb } from './install-verbs.ts';
import { isolate } from './isolate.ts';
import { listSockets, listTimers } from './list-trigger-verbs.ts';
import { listDependencies, listFiles, listJobs, listUnits } from './list-verbs.ts';
import { cat, show, status } from './look-verbs.ts';
import { managerVerb } from './manager-verbs.ts';
import { clean, freeze, kill, resetFailed } from './process-verbs.ts';
import { revert, setProperty } from './property-verbs.ts';
import { failure, type Verb, type VerbContext } from './reply.ts';
import { isActive, isEnabled, isFailed, isSystemRunning } from './state-verbs.ts';
import { resolveUnits } from './unit-arguments.ts';
import { VERBS } from './verb-table.ts';

type Answer = (context: VerbContext, verb: Verb) => UnitReply | Promise<UnitReply>;

/** Verbs that are no start, stop or restart. Two of them only programs of ours ask for: what `edit` does before and after the editor. */
const answers: Readonly<Record<string, Answer>> = {
  status,
  show,
  cat,
  'is-active': isActive,
  'is-failed': isFailed,
  'is-enabled': isEnabled,
  'is-system-running': isSystemRunning,
  'list-units': listUnits,
  'list-unit-files': listFiles,
  'list-timers': listTimers,
  'list-sockets': listSockets,
  'list-dependencies': listDependencies,
  'list-jobs': listJobs,
  kill,
  clean,
  freeze,
  thaw: freeze,
  'reset-failed': resetFailed,
  'set-property': setProperty,
  revert,
  isolate,
  default: (context, verb) => isolate(context, { ...verb, units: ['default.target'] }),
  rescue: (context, verb) => isolate(context, { ...verb, units: ['rescue.target'] }),
  emergency: (context, verb) => isolate(context, { ...verb, units: ['emergency.target'] }),
  'edit-files': editFiles,
  'edit-save': editSave,
  ...Object.fromEntries(
    (
      'daemon-reload daemon-reexec show-environment set-environment unset-environment import-environment log-level log-target ' +
      'get-default cancel poweroff halt reboot suspend hibernate hybrid-sleep suspend-then-hibernate'
    )
      .split(' ')
      .map((verb) => [verb, managerVerb]),
  ),
  ...Object.fromEntries(
    'enable disable reenable preset preset-all mask unmask link add-wants add-requires set-default'
      .split(' ')
      .map((verb) => [verb, installVerb]),
  ),
};

const internalVerbs: Readonly<Record<string, 'read' | 'change'>> = { 'edit-files': 'read', 'edit-save': 'change' };

/** The funnel of systemctl's verbs: every one ends in the text that it prints and its exit code. */
export async function runVerb(
  context: VerbContext,
  request: UnitRequest,
  rights: 'read' | 'change',
): Promise<UnitReply> {
  const needed = VERBS[request.verb] ?? internalVerbs[request.verb];
  if (needed === undefined) return failure(`Unknown command verb ${request.verb}.\n`);
  if (needed === 'change' && rights === 'read') return failure(`Failed to ${request.verb}: Access denied\n`);
  const options = request.options ?? {};
  // Whoever asks for names that mean nothing must not fill the memory with them.
  context.manager.collect();
  const { units, stderr, failure: why } = resolveUnits(context.manager, request.verb, request.units);
  if (why !== undefined) return failure(why);
  const answer = answers[request.verb] ?? changeVerb;
  const reply = await answer(context, { verb: request.verb, units, isNamed: request.units.length > 0, options });
  return stderr === '' ? reply : { ...reply, stderr: stderr + reply.stderr };
}
