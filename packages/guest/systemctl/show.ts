import { readFileSync } from 'node:fs';
import { commandText, formatExit } from '../unit/service-result.ts';
import { isSignalName, signalNumber } from '@bhatti/sys/process/spawn.ts';
import { DEPENDENCY_KINDS, type ExecCommand, type ServiceSettings } from '../unit/definition.ts';
import type { CommandKey, ProcessEnd } from '../unit/service-record.ts';
import type { Service } from '../unit/service.ts';
import { formatTimeSpan } from '../unit/time-span.ts';
import { activeState, stateTimes, subState, type Unit } from '../unit/unit.ts';
import { commandName } from './status.ts';
import { triggerProperties } from './show-triggers.ts';
import { formatTimestamp } from './text-time.ts';

/** What `show` needs beyond the unit itself. */
export interface ShowContext {
  readonly fileState: string;
  readonly needsReload: boolean;
  /** Reverse dependencies by name, e.g. RequiredBy. */
  readonly reverse: Readonly<Record<string, readonly string[]>>;
}

/** Properties of `systemctl show`, in the order in which it prints them. */
export function unitProperties(unit: Unit, context: ShowContext): Map<string, string> {
  const { definition } = unit;
  const times = stateTimes(unit);
  const properties = new Map<string, string>([
    ...(unit.body.kind === 'service' ? serviceProperties(unit.body.service) : []),
    ...(unit.body.kind === 'trigger'
      ? triggerProperties(unit.body.trigger, unit.name, [...definition.dependencies.Triggers])
      : []),
    ['Id', unit.name],
    ['Names', [...definition.names].join(' ')],
    ...DEPENDENCY_KINDS.map((kind) => [kind, [...definition.dependencies[kind]].join(' ')] as const),
    ...Object.entries(context.reverse).map(([kind, names]) => [kind, names.join(' ')] as const),
    ['Documentation', definition.documentation.join(' ')],
    ['Description', definition.description],
    ['LoadState', definition.loadState],
    ['ActiveState', activeState(unit)],
    ['SubState', subState(unit)],
    ['FragmentPath', definition.fragmentPath ?? ''],
    ['SourcePath', sourcePath(definition.fragmentPath)],
    ['DropInPaths', definition.dropInPaths.join(' ')],
    ['UnitFileState', context.fileState],
    ['UnitFilePreset', context.fileState === '' ? '' : 'enabled'],
    ['StateChangeTimestamp', formatTimestamp(times?.stateChangeUs ?? 0)],
    ['InactiveExitTimestamp', formatTimestamp(times?.inactiveExitUs ?? 0)],
    ['ActiveEnterTimestamp', formatTimestamp(times?.activeEnterUs ?? 0)],
    ['ActiveExitTimestamp', formatTimestamp(times?.activeExitUs ?? 0)],
    ['InactiveEnterTimestamp', formatTimestamp(times?.inactiveEnterUs ?? 0)],
    ['CanStart', yesNo(definition.loadState === 'loaded' && !definition.refuseManualStart)],
    ['CanStop', yesNo(definition.loadState === 'loaded' && !definition.refuseManualStop)],
    ['CanReload', yesNo((definition.service?.execReload.length ?? 0) > 0)],
    ['Job', unit.job === undefined ? '' : String(unit.job.id)],
    ['DefaultDependencies', yesNo(definition.defaultDependencies)],
    ['ConditionResult', yesNo(unit.unmet === undefined)],
    ['ConditionTimestamp', formatTimestamp(unit.unmet?.atUs ?? 0)],
    ['NeedDaemonReload', yesNo(context.needsReload)],
    ['StartLimitIntervalUSec', span(definition.startLimitIntervalMs)],
    ['StartLimitBurst', String(definition.startLimitBurst)],
    ['IgnoredDirectives', definition.ignored.join(' ')],
  ]);
  if (definition.loadError !== undefined) properties.set('LoadError', definition.loadError);
  return properties;
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
    ['SuccessExitStatus', [...settings.successExitStatus.codes, ...settings.successExitStatus.signals].join(' ')],
    ['MainPID', String(record.main?.pid ?? 0)],
    ['ControlPID', String(record.control?.pid ?? 0)],
    ['StatusText', record.statusText],
    ['Result', record.result],
    ['NRestarts', String(record.restarts)],
    ['InvocationID', record.invocationId],
    ['ExecMainStartTimestamp', formatTimestamp(mainStartedUs)],
    ['ExecMainExitTimestamp', formatTimestamp(record.main === undefined ? (mainEnd?.endedAtUs ?? 0) : 0)],
    ['ExecMainPID', String(record.main?.pid ?? mainEnd?.pid ?? 0)],
    ['ExecMainCode', String(exitKind(record.main === undefined ? mainEnd : undefined))],
    ['ExecMainStatus', String(exitNumber(record.main === undefined ? mainEnd : undefined))],
    ...commandProperties(service, settings),
    ['ControlGroup', processes.group.pids().length > 0 ? processes.group.name : ''],
    ['MemoryCurrent', usage.memoryBytes === undefined ? '[not set]' : String(usage.memoryBytes)],
    ['CPUUsageNSec', usage.cpuUsec === undefined ? '[not set]' : String(usage.cpuUsec * 1_000)],
    ['TasksCurrent', usage.tasks === undefined ? '[not set]' : String(usage.tasks)],
    ['Environment', [...settings.environment].map(([name, value]) => quoteIfNeeded(`${name}=${value}`)).join(' ')],
    [
      'EnvironmentFiles',
      settings.environmentFiles.map(({ path, isOptional }) => `${path} (ignore_errors=${yesNo(isOptional)})`).join(' '),
    ],
    ['UMask', settings.umask.toString(8).padStart(4, '0')],
    [
      'WorkingDirectory',
      settings.workingDirectory === undefined
        ? ''
        : `${settings.workingDirectory.isOptional ? '!' : ''}${settings.workingDirectory.path}`,
    ],
    ['StandardInput', settings.standardInput.kind],
    ['StandardOutput', settings.standardOutput.kind],
    ['StandardError', settings.standardError.kind],
    ['NonBlocking', yesNo(settings.nonBlocking)],
    ['Sockets', settings.sockets.join(' ')],
    ['User', settings.user ?? ''],
    ['Group', settings.group ?? ''],
    ['SupplementaryGroups', settings.supplementaryGroups.join(' ')],
    ['RuntimeDirectory', settings.runtimeDirectory.names.join(' ')],
    ['StateDirectory', settings.stateDirectory.names.join(' ')],
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
    .map((key) => [
      commandName(key),
      settings[key].map((command) => commandProperty(service, key, command)).join('\n'),
    ]);
}

function commandProperty(service: Service, key: CommandKey, command: ExecCommand): string {
  const run = service.record.runs.findLast(
    (candidate) => candidate.key === key && candidate.line === commandText(command),
  );
  const main = key === 'execStart' ? service.record.main : undefined;
  const startedUs = main?.startedAtUs ?? run?.end.startedAtUs ?? 0;
  const end = main === undefined ? run?.end : undefined;
  const parts = [
    `path=${command.path}`,
    `argv[]=${command.argv.map(quoteIfNeeded).join(' ')}`,
    `ignore_errors=${yesNo(command.ignoreFailure)}`,
    `start_time=[${formatTimestamp(startedUs) || 'n/a'}]`,
    `stop_time=[${formatTimestamp(end?.endedAtUs ?? 0) || 'n/a'}]`,
    `pid=${main?.pid ?? end?.pid ?? 0}`,
    end === undefined ? 'code=(null)' : (formatExit(end, 'status').split(', ', 1)[0] ?? ''),
    `status=${exitNumber(end)}/${end?.signal?.replace(/^SIG/, '') ?? 0}`,
  ];
  return `{ ${parts.join(' ; ')} }`;
}

/** si_code of waitid(2): 1 exited, 2 killed. */
function exitKind(end: ProcessEnd | undefined): number {
  if (end === undefined) return 0;
  return end.signal === undefined ? 1 : 2;
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
  return formatTimeSpan(ms);
}

function yesNo(value: boolean): string {
  return value ? 'yes' : 'no';
}

function quoteIfNeeded(text: string): string {
  return /[\s"'\\]/.test(text) ? `"${text.replace(/["\\]/g, (character) => `\\${character}`)}"` : text;
}
