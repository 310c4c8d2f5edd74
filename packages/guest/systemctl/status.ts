import { readArguments, readProcess } from '@bhatti/sys/process/identity.ts';
import type { TrackedGroup } from '@bhatti/sys/cgroup/tracked-group.ts';
import { realtimeUs } from '@bhatti/sys/clock.ts';
import { basename, dirname } from 'node:path';
import { formatCondition } from '../unit/condition.ts';
import type { UnitFileState } from '../unit/install.ts';
import type { CommandKey, CommandRun, ServiceRecord } from '../unit/service-record.ts';
import { formatExit } from '../unit/service-result.ts';
import { isDown, isUp } from '../unit/state-time.ts';
import { formatTimeSpan } from '../unit/time-span.ts';
import { activeState, stateTimes, subState, titleOf, type Unit } from '../unit/unit.ts';
import { listenLines, triggeredByLines, triggerLines } from './status-triggers.ts';
import { isTransient } from '../unit/transient.ts';
import { quoteIfNeeded } from './quote.ts';
import { formatAge, formatTimestamp } from './text-time.ts';

const labelWidth = 11;

/** What `status` needs beyond the unit itself. */
export interface StatusContext {
  readonly fileState: UnitFileState;
  readonly preset: string;
  /** Units that may start it. */
  readonly triggeredBy: readonly Unit[];
}

/** `systemctl status` of one unit without its log lines, as systemd 252 prints it. */
export function formatStatus(unit: Unit, { fileState, preset, triggeredBy }: StatusContext): string {
  const lines = [
    `${dotOf(unit)} ${titleOf(unit)}`,
    field('Loaded', loadedText(unit, fileState, preset)),
    ...(isTransient(unit.definition) ? [field('Transient', 'yes')] : []),
    ...dropInLines(unit),
    field('Active', activeText(unit)),
    ...durationLines(unit),
    ...conditionLines(unit),
    ...triggeredByLines(triggeredBy, dotOf).map(labelled),
    ...triggerLines(unit).map(labelled),
    ...unit.definition.documentation.map((page, at) => (at === 0 ? field('Docs', page) : continued(page))),
    ...listenLines(unit).map(labelled),
    ...serviceLines(unit),
  ];
  return `${lines.join('\n')}\n`;
}

/** The mark before a unit's name. */
export function dotOf(unit: Unit): string {
  switch (activeState(unit)) {
    case 'failed':
      return '×';
    case 'inactive':
      return '○';
    case 'reloading':
      return '↻';
    case 'active':
    case 'activating':
    case 'deactivating':
      return '●';
  }
}

function loadedText(unit: Unit, fileState: UnitFileState, preset: string): string {
  const { loadState, fragmentPath, loadError } = unit.definition;
  if (loadState === 'masked') return `masked (Reason: Unit ${unit.name} is masked.)`;
  if (loadState !== 'loaded') return `${loadState} (Reason: ${loadError ?? 'unknown'})`;
  if (fragmentPath === undefined) return 'loaded';
  const hasPreset = fileState !== 'static' && fileState !== 'alias' && fileState !== 'transient';
  return `loaded (${fragmentPath}; ${fileState}${hasPreset ? `; preset: ${preset}` : ''})`;
}

function dropInLines(unit: Unit): string[] {
  const byDirectory = Map.groupBy(unit.definition.dropInPaths, (path) => dirname(path));
  const lines = [...byDirectory].flatMap(([directory, paths]) => [
    directory,
    `└─${paths.map((path) => basename(path)).join(', ')}`,
  ]);
  return lines.map((line, at) => (at === 0 ? field('Drop-In', line) : continued(line)));
}

function activeText(unit: Unit): string {
  const state = activeState(unit);
  const sub = subState(unit);
  const result = resultOf(unit);
  const times = stateTimes(unit);
  const sinceUs = isUp(state)
    ? times?.activeEnterUs
    : isDown(state)
      ? times?.inactiveEnterUs
      : state === 'activating'
        ? times?.inactiveExitUs
        : times?.activeExitUs;
  // systemd leaves the sub state out where it says the same.
  const detail = state === sub ? '' : ` (${sub})`;
  const why = result === 'success' ? '' : ` (Result: ${result})`;
  const frozen = isFrozen(unit) ? ' (frozen)' : '';
  return `${state}${detail}${frozen}${why}${sinceText(sinceUs ?? 0)}`;
}

function isFrozen(unit: Unit): boolean {
  return unit.body.kind === 'service' && !isDown(activeState(unit)) && unit.body.service.processes.group.isFrozen();
}

function resultOf(unit: Unit): string {
  if (unit.body.kind === 'trigger') return unit.body.trigger.record.result;
  return unit.body.kind === 'service' ? unit.body.service.record.result : 'success';
}

function sinceText(timeUs: number): string {
  return timeUs === 0 ? '' : ` since ${formatTimestamp(timeUs)}; ${formatAge(timeUs, realtimeUs())}`;
}

function conditionLines(unit: Unit): string[] {
  if (unit.unmet === undefined) return [];
  const { condition, atUs } = unit.unmet;
  const when = `${formatTimestamp(atUs)}; ${formatAge(atUs, realtimeUs())}`;
  return [
    field('Condition', `start condition failed at ${when}`),
    continued(`└─ ${formatCondition(condition)} was not met`),
  ];
}

/** How long it was active the last time. */
function durationLines(unit: Unit): string[] {
  const times = stateTimes(unit);
  if (!isDown(activeState(unit)) || times === undefined || unit.body.kind === 'target') return [];
  if (times.activeEnterUs === 0 || times.activeExitUs <= times.activeEnterUs) return [];
  return [field('Duration', formatTimeSpan((times.activeExitUs - times.activeEnterUs) / 1_000))];
}

function labelled([label, text]: readonly [string, string]): string {
  return label === '' ? continued(text) : field(label, text);
}

/** Commands that have ended. */
function runLines(runs: readonly CommandRun[], nameOfKey: (key: CommandKey) => string): string[] {
  return runs
    .filter((run) => run.end.pid !== 0)
    .map((run) =>
      field('Process', `${run.end.pid} ${nameOfKey(run.key)}=${run.line} (${formatExit(run.end, 'status')})`),
    );
}

/** What a service calls ExecStop= is a socket's ExecStopPre=. */
function socketCommandName(key: CommandKey): string {
  return key === 'execStop' ? 'ExecStopPre' : commandName(key);
}

function serviceLines(unit: Unit): string[] {
  if (unit.body.kind === 'trigger' && unit.body.trigger.kind === 'socket')
    return runLines(unit.body.trigger.record.commands.runs, socketCommandName);
  if (unit.body.kind !== 'service') return [];
  const { record, processes } = unit.body.service;
  return [
    ...runLines(record.runs, commandName),
    ...mainLines(record),
    ...(record.statusText === '' ? [] : [field('Status', `"${record.statusText}"`)]),
    ...groupLines(processes.group),
  ];
}

/** `execStartPre` → `ExecStartPre`. */
export function commandName(key: CommandKey): string {
  return `E${key.slice(1)}`;
}

function mainLines(record: ServiceRecord): string[] {
  const { main, mainEnd, control } = record;
  const controlText = control === undefined ? undefined : `${control.pid} (${nameOf(control.pid)})`;
  const mainText =
    main !== undefined
      ? `${main.pid} (${nameOf(main.pid)})`
      : mainEnd !== undefined && mainEnd.pid !== 0
        ? `${mainEnd.pid} (${formatExit(mainEnd, 'status')})`
        : undefined;
  if (mainText === undefined) return controlText === undefined ? [] : [field('Cntrl PID', controlText)];
  return [field('Main PID', controlText === undefined ? mainText : `${mainText}; Control PID: ${controlText}`)];
}

function groupLines(group: TrackedGroup): string[] {
  const pids = group.pids();
  if (pids.length === 0) return [];
  const { tasks, tasksMax, memoryBytes, cpuUsec } = group.usage();
  const tree = pids
    .toSorted((a, b) => a - b)
    .map((pid, at) => continued(`${at === pids.length - 1 ? '└─' : '├─'}${pid} ${commandLineOf(pid)}`));
  return [
    ...(tasks === undefined
      ? []
      : [field('Tasks', `${tasks}${tasksMax === undefined ? '' : ` (limit: ${tasksMax})`}`)]),
    ...(memoryBytes === undefined ? [] : [field('Memory', formatBytes(memoryBytes))]),
    ...(cpuUsec === undefined ? [] : [field('CPU', formatTimeSpan(Math.round(cpuUsec / 1_000)))]),
    field('CGroup', group.name),
    ...tree,
  ];
}

/** As people read it; the name in brackets for a process without one. */
function commandLineOf(pid: number): string {
  const words = readArguments(pid);
  return words.length > 0 ? words.map(quoteIfNeeded).join(' ') : `[${nameOf(pid)}]`;
}

function nameOf(pid: number): string {
  return readProcess(pid)?.command ?? '';
}

/** `24.5M`: powers of 1024, one decimal. */
function formatBytes(bytes: number): string {
  const units = ['B', 'K', 'M', 'G', 'T'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)}${units[unit]}`;
}

function field(label: string, text: string): string {
  return `${label.padStart(labelWidth)}: ${text}`;
}

function continued(text: string): string {
  return `${' '.repeat(labelWidth + 2)}${text}`;
}
