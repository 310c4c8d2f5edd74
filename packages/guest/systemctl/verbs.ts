import type { UnitReply, UnitRequest } from '@bhatti/wire/agent/unit.ts';
import { boottimeUs, realtimeUs } from '@bhatti/sys/clock.ts';
import { isSignalName, signalProcess } from '@bhatti/sys/process/spawn.ts';
import { readFileSync } from 'node:fs';
import type { JournalReader } from '../journal/read.ts';
import { formatEntries } from '../journal/format.ts';
import { unitFileState } from '../unit/install.ts';
import { isDown, isUp } from '../unit/state-time.ts';
import { dependents } from '../unit/transaction.ts';
import { activeState, subState, type Unit } from '../unit/unit.ts';
import type { UnitManager } from '../unit/unit-manager.ts';
import { completeUnitName } from '../unit/unit-name.ts';
import { listUnitFiles } from '../unit/unit-path.ts';
import { changeVerb } from './change-verbs.ts';
import { formatDependencies } from './dependency-list.ts';
import { installVerb } from './install-verbs.ts';
import { formatFileList, formatTable, formatUnitList } from './list.ts';
import { formatSocketList, formatTimerList, type TriggerListing } from './list-triggers.ts';
import { unitProperties } from './show.ts';
import { formatStatus } from './status.ts';
import { VERBS } from './verb-table.ts';

export interface VerbContext {
  readonly manager: UnitManager;
  readonly journal: JournalReader;
}

export interface Verb {
  readonly verb: string;
  /** Complete names, patterns resolved. */
  readonly units: readonly string[];
  readonly options: Readonly<Record<string, string>>;
}

// systemctl(1), "Exit status", after LSB.
export const exitNotActive = 3;
export const exitNoSuchUnit = 4;
const statusLogLines = 10;

/** The funnel of systemctl's verbs: every one ends in the text that it prints and its exit code. */
export async function runVerb(
  context: VerbContext,
  request: UnitRequest,
  rights: 'read' | 'change',
): Promise<UnitReply> {
  const needed = VERBS[request.verb];
  if (needed === undefined) return failure(`Unknown command verb ${request.verb}.\n`);
  if (needed === 'change' && rights === 'read') return failure(`Failed to ${request.verb}: Access denied\n`);
  const options = request.options ?? {};
  const verb: Verb = { verb: request.verb, units: resolveNames(context.manager, request.units), options };
  const reply = await answer(context, verb);
  return 'quiet' in options ? { ...reply, stdout: '' } : reply;
}

function answer(context: VerbContext, verb: Verb): UnitReply | Promise<UnitReply> {
  switch (verb.verb) {
    case 'status':
      return status(context, verb);
    case 'show':
      return show(context, verb);
    case 'cat':
      return cat(context, verb);
    case 'is-active':
      return checkStates(context, verb, (unit) => isUp(activeState(unit)), exitNotActive);
    case 'is-failed':
      return checkStates(context, verb, (unit) => activeState(unit) === 'failed', 1);
    case 'is-enabled':
      return isEnabled(context, verb);
    case 'is-system-running':
      return isSystemRunning(context);
    case 'list-units':
      return success(formatUnitList(listedUnits(context, verb), !('no-legend' in verb.options)));
    case 'list-timers':
      return success(formatTimerList(triggerListing(context, verb)));
    case 'list-sockets':
      return success(formatSocketList(triggerListing(context, verb)));
    case 'list-unit-files':
      return listFiles(context, verb);
    case 'list-dependencies':
      return success(formatDependencies(context.manager, verb.units[0] ?? 'default.target', 'reverse' in verb.options));
    case 'list-jobs':
      return listJobs(context);
    case 'get-default':
      return success(`${context.manager.load('default.target')?.name ?? 'multi-user.target'}\n`);
    case 'kill':
      return kill(context, verb);
    case 'reset-failed':
      return resetFailed(context, verb);
    case 'daemon-reload':
    case 'daemon-reexec':
      context.manager.reloadAll();
      return success('');
    case 'enable':
    case 'disable':
    case 'reenable':
    case 'preset':
    case 'mask':
    case 'unmask':
      return installVerb(context, verb);
    default:
      return changeVerb(context, verb);
  }
}

/** Names as typed, completed; a pattern stands for what is in memory and matches. */
function resolveNames(manager: UnitManager, names: readonly string[]): string[] {
  return names.flatMap((name) => {
    if (!/[*?[]/.test(name)) return [completeUnitName(name)];
    const pattern = new RegExp(
      `^${completeUnitName(name)
        .replace(/[.+^${}()|\\]/g, '\\$&')
        .replaceAll('*', '.*')
        .replaceAll('?', '.')}$`,
    );
    return [...manager.loaded()].map((unit) => unit.name).filter((known) => pattern.test(known));
  });
}

async function status(context: VerbContext, verb: Verb): Promise<UnitReply> {
  if (verb.units.length === 0) return success(systemText(context));
  const parts: string[] = [];
  let stderr = '';
  let exitCode = 0;
  for (const name of verb.units) {
    const unit = context.manager.loadFresh(name);
    if (unit === undefined || unit.definition.loadState === 'not-found') {
      stderr += `Unit ${name} could not be found.\n`;
      exitCode ||= exitNoSuchUnit;
      continue;
    }
    if (context.manager.isChangedOnDisk(unit)) stderr += changedWarning(unit);
    const triggeredBy = dependents(context.manager, unit, ['Triggers']);
    const text = formatStatus(unit, unitFileState(unit.definition, name), triggeredBy);
    const lines = Number(verb.options['lines'] ?? statusLogLines);
    const entries =
      lines === 0 ? [] : await context.journal.last([unit.name], Number.isFinite(lines) ? lines : statusLogLines);
    const log = formatEntries(entries, 'short');
    parts.push(log === '' ? text : `${text}\n${log}`);
    if (!isUp(activeState(unit)) && activeState(unit) !== 'activating') exitCode ||= exitNotActive;
  }
  return { stdout: parts.join('\n'), stderr, exitCode };
}

export function changedWarning(unit: Unit): string {
  return `Warning: The unit file, source configuration file or drop-ins of ${unit.name} changed on disk. Run 'systemctl daemon-reload' to reload units.\n`;
}

function systemText({ manager }: VerbContext): string {
  const units = [...manager.loaded()];
  const count = (matches: (unit: Unit) => boolean) => units.filter(matches).length;
  return `● ${systemState(manager)}
    State: ${systemState(manager)}
    Units: ${units.length} loaded (incl. loaded aliases)
     Jobs: ${count((unit) => unit.job !== undefined)} queued
   Failed: ${count((unit) => activeState(unit) === 'failed')} units
`;
}

function systemState(manager: UnitManager): string {
  const units = [...manager.loaded()];
  if (units.some((unit) => unit.name === manager.load('default.target')?.name && unit.job !== undefined))
    return 'starting';
  return units.some((unit) => activeState(unit) === 'failed') ? 'degraded' : 'running';
}

function isSystemRunning({ manager }: VerbContext): UnitReply {
  const state = systemState(manager);
  return { stdout: `${state}\n`, stderr: '', exitCode: state === 'running' ? 0 : 1 };
}

function show(context: VerbContext, verb: Verb): UnitReply {
  const wanted = verb.options['property-value'] ?? verb.options['property'];
  const filter = wanted === undefined ? undefined : new Set(wanted.split(','));
  const isValueOnly = 'value' in verb.options || 'property-value' in verb.options;
  const texts = verb.units.map((name) => {
    const unit = context.manager.loadFresh(name);
    if (unit === undefined) return '';
    const properties = unitProperties(unit, {
      fileState: unitFileState(unit.definition, name),
      needsReload: context.manager.isChangedOnDisk(unit),
      reverse: reverseDependencies(context, unit),
    });
    return [...properties]
      .filter(([key, value]) => (filter === undefined ? value !== '' || 'all' in verb.options : filter.has(key)))
      .flatMap(([key, value]) => (isValueOnly ? [value] : value.split('\n').map((line) => `${key}=${line}`)))
      .map((line) => `${line}\n`)
      .join('');
  });
  return success(texts.join('\n'));
}

function reverseDependencies({ manager }: VerbContext, unit: Unit): Record<string, string[]> {
  const names = (kinds: Parameters<typeof dependents>[2]) =>
    dependents(manager, unit, kinds).map((other) => other.name);
  return {
    RequiredBy: names(['Requires']),
    WantedBy: names(['Wants']),
    BoundBy: names(['BindsTo']),
    ConsistsOf: names(['PartOf']),
    ConflictedBy: names(['Conflicts']),
    TriggeredBy: names(['Triggers']),
  };
}

function cat(context: VerbContext, verb: Verb): UnitReply {
  const parts: string[] = [];
  for (const name of verb.units) {
    const unit = context.manager.loadFresh(name);
    const { fragmentPath, dropInPaths = [] } = unit?.definition ?? {};
    if (fragmentPath === undefined) return { ...failure(`No files found for ${name}.\n`), stdout: parts.join('\n') };
    const files = [fragmentPath, ...dropInPaths].map((path) => `# ${path}\n${readFileSync(path, 'utf8')}`);
    parts.push(files.map((text) => (text.endsWith('\n') ? text : `${text}\n`)).join('\n'));
  }
  return success(parts.join('\n'));
}

function checkStates(context: VerbContext, verb: Verb, holds: (unit: Unit) => boolean, exitCode: number): UnitReply {
  const states = verb.units.map((name) => context.manager.loadFresh(name));
  return {
    stdout: states.map((unit) => `${unit === undefined ? 'inactive' : activeState(unit)}\n`).join(''),
    stderr: '',
    exitCode: states.some((unit) => unit !== undefined && holds(unit)) ? 0 : exitCode,
  };
}

function isEnabled(context: VerbContext, verb: Verb): UnitReply {
  let stdout = '';
  let stderr = '';
  let isAny = false;
  for (const name of verb.units) {
    const unit = context.manager.loadFresh(name);
    const state = unit === undefined ? '' : unitFileState(unit.definition, name);
    if (state === '') {
      stderr += `Failed to get unit file state for ${name}: No such file or directory\n`;
      continue;
    }
    stdout += `${state}\n`;
    if (['enabled', 'enabled-runtime', 'static', 'alias', 'indirect'].includes(state)) isAny = true;
  }
  return { stdout, stderr, exitCode: isAny ? 0 : 1 };
}

function listedUnits({ manager }: VerbContext, verb: Verb): Unit[] {
  const states = verb.options['state']?.split(',');
  const types = verb.options['type']?.split(',');
  return [...manager.loaded()].filter((unit) => {
    if (verb.units.length > 0 && !verb.units.includes(unit.name)) return false;
    if (types !== undefined && !types.includes(unit.definition.type)) return false;
    if (states !== undefined) return matchesState(unit, states);
    return 'all' in verb.options || activeState(unit) !== 'inactive' || unit.job !== undefined;
  });
}

function triggerListing({ manager }: VerbContext, verb: Verb): TriggerListing {
  const states = verb.options['state']?.split(',');
  const isWanted = (unit: Unit) =>
    (verb.units.length === 0 || verb.units.includes(unit.name)) && (states === undefined || matchesState(unit, states));
  return {
    units: [...manager.loaded()].filter(isWanted),
    isAll: 'all' in verb.options || states !== undefined,
    hasLegend: !('no-legend' in verb.options),
    nowUs: realtimeUs(),
    nowBootUs: boottimeUs(),
  };
}

function matchesState(unit: Unit, states: readonly string[]): boolean {
  const own = [activeState(unit), unit.definition.loadState, subState(unit)];
  return own.some((state) => states.includes(state));
}

function listFiles({ manager }: VerbContext, verb: Verb): UnitReply {
  const types = verb.options['type']?.split(',');
  const states = verb.options['state']?.split(',');
  const files = [...listUnitFiles().keys()].toSorted().flatMap((name) => {
    const unit = manager.load(name);
    if (unit === undefined || (types !== undefined && !types.includes(unit.definition.type))) return [];
    if (verb.units.length > 0 && !verb.units.includes(name)) return [];
    const state = unitFileState(unit.definition, name);
    return states === undefined || states.includes(state) ? [{ name, state }] : [];
  });
  return success(formatFileList(files, !('no-legend' in verb.options)));
}

function listJobs({ manager }: VerbContext): UnitReply {
  const jobs = [...manager.loaded()].flatMap((unit) => (unit.job === undefined ? [] : [unit.job]));
  if (jobs.length === 0) return success('No jobs running.\n');
  const rows = jobs.map((job) => [String(job.id), job.unit.name, job.type, job.state]);
  return success(`${formatTable([['JOB', 'UNIT', 'TYPE', 'STATE'], ...rows])}\n${jobs.length} jobs listed.\n`);
}

function kill(context: VerbContext, verb: Verb): UnitReply {
  const asked = verb.options['signal'] ?? 'SIGTERM';
  const signal = asked.startsWith('SIG') ? asked : `SIG${asked}`;
  if (!isSignalName(signal)) return failure(`Failed to parse signal string ${asked}.\n`);
  const whom = verb.options['kill-whom'] ?? verb.options['kill-who'] ?? 'all';
  let stderr = '';
  for (const name of verb.units) {
    const unit = context.manager.load(name);
    if (unit?.body.kind !== 'service' || isDown(activeState(unit))) {
      stderr += `Failed to kill unit ${name}: Unit ${name} not loaded.\n`;
      continue;
    }
    const { processes } = unit.body.service;
    if (whom !== 'all') processes.signal(whom === 'control' ? 'control' : 'main', signal);
    else for (const pid of processes.group.pids()) signalProcess(pid, signal);
  }
  return { stdout: '', stderr, exitCode: stderr === '' ? 0 : 1 };
}

function resetFailed({ manager }: VerbContext, verb: Verb): UnitReply {
  let stderr = '';
  const units = verb.units.length === 0 ? [...manager.loaded()] : verb.units.map((name) => manager.load(name) ?? name);
  for (const unit of units) {
    if (typeof unit === 'string' || unit.definition.loadState === 'not-found')
      stderr += `Failed to reset failed state of unit ${typeof unit === 'string' ? unit : unit.name}: Unit not loaded.\n`;
    else manager.resetFailed(unit);
  }
  return { stdout: '', stderr, exitCode: stderr === '' ? 0 : 1 };
}

export function success(stdout: string): UnitReply {
  return { stdout, stderr: '', exitCode: 0 };
}

export function failure(stderr: string, exitCode = 1): UnitReply {
  return { stdout: '', stderr, exitCode };
}
