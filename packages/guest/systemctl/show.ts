import { readFileSync } from 'node:fs';
import { commandText, endedHow, formatExit } from '../unit/service-result.ts';
import { boottimeUs, realtimeUs } from '@bhatti/sys/clock.ts';
import { isSignalName, signalNumber } from '@bhatti/sys/process/spawn.ts';
import { DEPENDENCY_KINDS, type ExecCommand, type ExitStatusSet, type ServiceSettings } from '../unit/definition.ts';
import { isTransient } from '../unit/transient.ts';
import type { CommandKey, ProcessEnd } from '../unit/service-record.ts';
import type { Service } from '../unit/service.ts';
import { formatTimeSpan } from '../unit/time-span.ts';
import { activeState, stateTimes, subState, type Unit } from '../unit/unit.ts';
import { execProperties, ignoredDirectives } from './exec-properties.ts';
import { SERVICE_PROPERTIES, UNIT_PROPERTIES } from './show-table.ts';
import { commandName } from './status.ts';
import { quoteIfNeeded } from './quote.ts';
import { triggerProperties } from './show-triggers.ts';
import { formatTimestamp } from './text-time.ts';

/** What `show` needs beyond the unit itself. */
export interface ShowContext {
  readonly fileState: string;
  readonly preset: string;
  readonly needsReload: boolean;
  /** Reverse dependencies by name, e.g. RequiredBy. */
  readonly reverse: Readonly<Record<string, readonly string[]>>;
}

/** Properties of `systemctl show`, in the order in which it prints them. */
export function unitProperties(unit: Unit, context: ShowContext): Map<string, string> {
  const known = new Map<string, string>([
    ...(unit.body.kind === 'service' ? serviceProperties(unit.body.service) : []),
    ...commonProperties(unit, context),
  ]);
  const ordered = new Map<string, string>(
    unit.body.kind === 'trigger'
      ? triggerProperties(unit.body.trigger, unit.name, [...unit.definition.dependencies.Triggers])
      : [],
  );
  for (const line of propertyLines(unit)) {
    const equals = line.indexOf('=');
    const name = equals === -1 ? line : line.slice(0, equals);
    const value = known.get(name) ?? (equals === -1 ? undefined : line.slice(equals + 1));
    if (value !== undefined) ordered.set(name, value);
  }
  // What only this service manager has.
  for (const [name, value] of known) if (!ordered.has(name)) ordered.set(name, value);
  return ordered;
}

function propertyLines(unit: Unit): string[] {
  const own = unit.definition.type === 'service' || unit.body.kind === 'service' ? SERVICE_PROPERTIES : '';
  return `${own}${UNIT_PROPERTIES}`.split('\n').filter((line) => line !== '');
}

function commonProperties(unit: Unit, context: ShowContext): [string, string][] {
  const { definition } = unit;
  const isLoaded = definition.loadState === 'loaded';
  return [
    ['Id', unit.name],
    ['Names', [...definition.names].join(' ')],
    ...DEPENDENCY_KINDS.map((kind): [string, string] => [kind, [...definition.dependencies[kind]].join(' ')]),
    ...Object.entries(context.reverse).map(([kind, names]): [string, string] => [kind, names.join(' ')]),
    ['Documentation', definition.documentation.map(quoteIfNeeded).join(' ')],
    ['Description', definition.description],
    ['LoadState', definition.loadState],
    ['ActiveState', activeState(unit)],
    ['FreezerState', isFrozen(unit) ? 'frozen' : 'running'],
    ['SubState', subState(unit)],
    ['FragmentPath', definition.fragmentPath ?? ''],
    ['SourcePath', sourcePath(definition.fragmentPath)],
    ['DropInPaths', definition.dropInPaths.join(' ')],
    ['UnitFileState', context.fileState],
    ['UnitFilePreset', ['', 'transient'].includes(context.fileState) ? '' : context.preset],
    ...timeProperties(unit),
    ['CanStart', yesNo(isLoaded && !definition.refuseManualStart)],
    ['CanStop', yesNo(!definition.refuseManualStop)],
    ['CanReload', yesNo((definition.service?.execReload.length ?? 0) > 0)],
    ['CanIsolate', yesNo(definition.jobs.allowIsolate)],
    ['CanFreeze', yesNo(unit.definition.type === 'service' || unit.body.kind === 'service')],
    ['Job', unit.job === undefined ? '' : String(unit.job.id)],
    ['RefuseManualStart', yesNo(definition.refuseManualStart)],
    ['RefuseManualStop', yesNo(definition.refuseManualStop)],
    ['AllowIsolate', yesNo(definition.jobs.allowIsolate)],
    ['IgnoreOnIsolate', yesNo(definition.jobs.ignoreOnIsolate)],
    ['DefaultDependencies', yesNo(definition.defaultDependencies)],
    ['NeedDaemonReload', yesNo(context.needsReload)],
    ['ConditionResult', yesNo(unit.unmet === undefined && (stateTimes(unit)?.inactiveExitUs ?? 0) > 0)],
    ['AssertResult', yesNo((stateTimes(unit)?.inactiveExitUs ?? 0) > 0)],
    ['ConditionTimestamp', formatTimestamp(unit.unmet?.atUs ?? stateTimes(unit)?.inactiveExitUs ?? 0)],
    ...loadErrorProperty(unit),
    ['Transient', yesNo(isTransient(definition))],
    ['StartLimitIntervalUSec', span(definition.startLimitIntervalMs)],
    ['StartLimitBurst', String(definition.startLimitBurst)],
    ['CollectMode', definition.jobs.collectMode],
    [
      'IgnoredDirectives',
      ignoredDirectives(definition.ignored, unit.body.kind === 'service' ? unit.body.service : undefined).join(' '),
    ],
  ];
}

function timeProperties(unit: Unit): [string, string][] {
  const times = stateTimes(unit);
  const stamps: [string, number | undefined][] = [
    ['StateChange', times?.stateChangeUs],
    ['InactiveExit', times?.inactiveExitUs],
    ['ActiveEnter', times?.activeEnterUs],
    ['ActiveExit', times?.activeExitUs],
    ['InactiveEnter', times?.inactiveEnterUs],
  ];
  return stamps.flatMap(([name, timeUs = 0]) => timestamp(name, timeUs));
}

/** Both forms of a time: as it is read, and on the clock of the boot. */
function timestamp(name: string, timeUs: number): [string, string][] {
  const sinceUs = realtimeUs() - timeUs;
  const monotonicUs = timeUs === 0 ? 0 : Math.max(0, Math.round(boottimeUs() - sinceUs));
  return [
    [`${name}Timestamp`, formatTimestamp(timeUs)],
    [`${name}TimestampMonotonic`, String(monotonicUs)],
  ];
}

const errorNames: Readonly<Record<string, string>> = {
  'not-found': 'NoSuchUnit',
  masked: 'UnitMasked',
  'bad-setting': 'BadUnitSetting',
};

/** As D-Bus would name it. */
function loadErrorProperty({ definition }: Unit): [string, string][] {
  const { loadError, loadState } = definition;
  if (loadError === undefined) return [['LoadError', '']];
  return [['LoadError', `org.freedesktop.systemd1.${errorNames[loadState] ?? 'LoadFailed'} "${loadError}"`]];
}

function isFrozen(unit: Unit): boolean {
  return unit.body.kind === 'service' && unit.body.service.processes.group.isFrozen();
}

function serviceProperties(service: Service): [string, string][] {
  const { record, processes, definition } = service;
  const settings = definition.service;
  if (settings === undefined) return [];
  const usage = processes.group.usage();
  const { mainEnd } = record;
  const mainStartedUs = record.main?.startedAtUs ?? mainEnd?.startedAtUs ?? 0;
  return [
    ['Type', settings.type],
    ['Restart', settings.restart],
    ['PIDFile', settings.pidFile ?? ''],
    ['NotifyAccess', settings.notifyAccess ?? (settings.type === 'notify' ? 'main' : 'none')],
    ['RestartUSec', span(settings.restartMs)],
    ['TimeoutStartUSec', span(settings.timeoutStartMs ?? Infinity)],
    ['TimeoutStopUSec', span(settings.timeoutStopMs)],
    ['RuntimeMaxUSec', span(settings.runtimeMaxMs)],
    ['WatchdogUSec', span(settings.watchdogMs)],
    ['RemainAfterExit', yesNo(settings.remainAfterExit)],
    ['GuessMainPID', yesNo(settings.guessMainPid)],
    ['SuccessExitStatus', exitStatuses(settings.successExitStatus)],
    ['MainPID', String(record.main?.pid ?? 0)],
    ['ControlPID', String(record.control?.pid ?? 0)],
    ['StatusText', record.statusText],
    ['Result', record.result],
    ['NRestarts', String(record.restarts)],
    ['InvocationID', record.invocationId],
    ...timestamp('ExecMainStart', mainStartedUs),
    ...timestamp('ExecMainExit', record.main === undefined ? (mainEnd?.endedAtUs ?? 0) : 0),
    ['ExecMainPID', String(record.main?.pid ?? mainEnd?.pid ?? 0)],
    ['ExecMainCode', String(exitKind(record.main === undefined ? mainEnd : undefined))],
    ['ExecMainStatus', String(exitNumber(record.main === undefined ? mainEnd : undefined))],
    ...commandProperties(service, settings),
    ['Slice', 'system.slice'],
    ['ControlGroup', processes.group.pids().length > 0 ? processes.group.name : ''],
    ['MemoryCurrent', usage.memoryBytes === undefined ? '[not set]' : String(usage.memoryBytes)],
    ['CPUUsageNSec', usage.cpuUsec === undefined ? '[not set]' : String(usage.cpuUsec * 1_000)],
    ['TasksCurrent', usage.tasks === undefined ? '[not set]' : String(usage.tasks)],
    ['Environment', [...settings.environment].map(([name, value]) => quoteIfNeeded(`${name}=${value}`)).join(' ')],
    [
      'EnvironmentFiles',
      settings.environmentFiles
        .map(({ path, isOptional }) => `${path} (ignore_errors=${yesNo(isOptional)})`)
        .join('\n'),
    ],
    [
      'WorkingDirectory',
      settings.workingDirectory === undefined
        ? ''
        : `${settings.workingDirectory.isOptional ? '!' : ''}${settings.workingDirectory.path}`,
    ],
    ...execProperties(settings, service.host),
    ['NonBlocking', yesNo(settings.nonBlocking)],
    ['Sockets', settings.sockets.join(' ')],
    ['User', settings.user ?? ''],
    ['Group', settings.group ?? ''],
    ['SupplementaryGroups', settings.supplementaryGroups.join(' ')],
    ['KillMode', settings.killMode],
    ['KillSignal', isSignalName(settings.killSignal) ? String(signalNumber(settings.killSignal)) : settings.killSignal],
    ['SendSIGKILL', yesNo(settings.sendSigkill)],
    ['SendSIGHUP', yesNo(settings.sendSighup)],
  ];
}

const commandKeys: readonly CommandKey[] = [
  'execCondition',
  'execStartPre',
  'execStart',
  'execStartPost',
  'execReload',
  'execStop',
  'execStopPost',
];

function commandProperties(service: Service, settings: ServiceSettings): [string, string][] {
  return commandKeys
    .filter((key) => settings[key].length > 0)
    .flatMap((key): [string, string][] => [
      [commandName(key), settings[key].map((command) => commandProperty(service, key, command)).join('\n')],
      [
        `${commandName(key)}Ex`,
        settings[key].map((command) => commandProperty(service, key, command, 'flags')).join('\n'),
      ],
    ]);
}

function commandProperty(
  service: Service,
  key: CommandKey,
  command: ExecCommand,
  form: 'plain' | 'flags' = 'plain',
): string {
  const run = service.record.runs.findLast(
    (candidate) => candidate.key === key && candidate.line === commandText(command),
  );
  const main = key === 'execStart' ? service.record.main : undefined;
  const startedUs = main?.startedAtUs ?? run?.end.startedAtUs ?? 0;
  const end = main === undefined ? run?.end : undefined;
  const parts = [
    `path=${command.path}`,
    `argv[]=${command.argv.join(' ')}`,
    form === 'flags' ? `flags=${flagsOf(command)}` : `ignore_errors=${yesNo(command.ignoreFailure)}`,
    `start_time=[${formatTimestamp(startedUs) || 'n/a'}]`,
    `stop_time=[${formatTimestamp(end?.endedAtUs ?? 0) || 'n/a'}]`,
    `pid=${main?.pid ?? end?.pid ?? 0}`,
    end === undefined ? 'code=(null)' : (formatExit(end, 'status').split(', ', 1)[0] ?? ''),
    `status=${statusText(end)}`,
  ];
  return `{ ${parts.join(' ; ')} }`;
}

function flagsOf(command: ExecCommand): string {
  const flags = [
    command.ignoreFailure ? 'ignore-failure' : '',
    command.fullPrivileges ? 'privileged' : '',
    command.noExpansion ? 'no-env-expand' : '',
  ];
  return flags.filter((flag) => flag !== '').join(' ');
}

function exitStatuses({ codes, signals }: ExitStatusSet): string {
  return [...codes, ...[...signals].map((signal) => signal.replace(/^SIG/, ''))].join(' ');
}

/** si_code of waitid(2). */
function exitKind(end: ProcessEnd | undefined): number {
  if (end === undefined) return 0;
  return { exited: 1, killed: 2, dumped: 3 }[endedHow(end)];
}

function statusText(end: ProcessEnd | undefined): string {
  if (end === undefined) return '0/0';
  return end.signal === undefined ? String(end.exitCode ?? 0) : `${exitNumber(end)}/${end.signal.replace(/^SIG/, '')}`;
}

function exitNumber(end: ProcessEnd | undefined): number {
  if (end?.signal !== undefined && isSignalName(end.signal)) return signalNumber(end.signal);
  return end?.exitCode ?? 0;
}

/** The init script that a generated unit stands for: its `SourcePath=` line. */
function sourcePath(fragmentPath: string | undefined): string {
  if (fragmentPath === undefined) return '';
  try {
    return /^SourcePath=(.*)$/m.exec(readFileSync(fragmentPath, 'utf8'))?.[1]?.trim() ?? '';
  } catch {
    return ''; // expected: it is gone
  }
}

function span(ms: number): string {
  return formatTimeSpan(ms, 'us');
}

function yesNo(value: boolean): string {
  return value ? 'yes' : 'no';
}
