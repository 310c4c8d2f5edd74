import { constants } from 'node:os';
import { FatalSyntaxError, parseCommandLines } from './command-line.ts';
import { conditionKind } from './condition.ts';
import { DEFAULT_OUTPUT } from './definition.ts';
import type {
  Condition,
  DependencyKind,
  DirectorySetting,
  ExecCommand,
  ExitStatusSet,
  InputTarget,
  ServiceSettings,
  StreamTarget,
  UnitDraft,
} from './definition.ts';
import {
  absolute,
  boolean,
  eachWord,
  integer,
  keyword,
  list,
  octal,
  oneOf,
  signal,
  timeout,
  timeoutOf,
  timeSpan,
  unsigned,
} from './directive-value.ts';
import { EXEC_DIRECTIVES } from './exec-directive-table.ts';
import { EXIT_STATUS_NAMES } from './exit-status-table.ts';
import { IGNORED_DIRECTIVES } from './ignored-directive-table.ts';
import { LIFECYCLE_DIRECTIVES } from './lifecycle-directive-table.ts';
import { RESOURCE_DIRECTIVES } from './resource-directive-table.ts';
import { SANDBOXING_DIRECTIVES } from './sandboxing-directive-table.ts';
import { expandSpecifiers } from './specifier.ts';
import { parseUnitName, type UnitName } from './unit-name.ts';

/** Changes a draft as one assignment says; a SyntaxError says why it cannot, and the line is then left out. An empty value resets a list. */
export type Directive = (draft: UnitDraft, value: string, unit: UnitName) => void;

/** Every directive that has an effect, by section. */
export const DIRECTIVES: Readonly<Record<string, Readonly<Record<string, Directive>>>> = {
  Unit: {
    Description: (draft, value, unit) => void (draft.description = expandSpecifiers(value, unit)),
    Documentation: (draft, value, unit) => void (draft.documentation = list(draft.documentation, value, unit)),
    DefaultDependencies: (draft, value) => void (draft.defaultDependencies = boolean(value)),
    Requires: dependency('Requires'),
    RequiresOverridable: dependency('Requires'),
    Requisite: dependency('Requisite'),
    Wants: dependency('Wants'),
    BindsTo: dependency('BindsTo'),
    BindTo: dependency('BindsTo'),
    PartOf: dependency('PartOf'),
    Upholds: dependency('Upholds'),
    Conflicts: dependency('Conflicts'),
    Before: dependency('Before'),
    After: dependency('After'),
    OnFailure: dependency('OnFailure'),
    OnSuccess: dependency('OnSuccess'),
    PropagatesReloadTo: dependency('PropagatesReloadTo'),
    PropagateReloadTo: dependency('PropagatesReloadTo'),
    ReloadPropagatedFrom: dependency('ReloadPropagatedFrom'),
    PropagateReloadFrom: dependency('ReloadPropagatedFrom'),
    PropagatesStopTo: dependency('PropagatesStopTo'),
    StopPropagatedFrom: dependency('StopPropagatedFrom'),
    ...LIFECYCLE_DIRECTIVES.Unit,
    StartLimitIntervalSec: (draft, value) => void (draft.startLimitIntervalMs = timeSpan(value)),
    StartLimitInterval: (draft, value) => void (draft.startLimitIntervalMs = timeSpan(value)),
    StartLimitBurst: (draft, value) => void (draft.startLimitBurst = unsigned(value)),
    RefuseManualStart: (draft, value) => void (draft.refuseManualStart = boolean(value)),
    RefuseManualStop: (draft, value) => void (draft.refuseManualStop = boolean(value)),
  },
  Service: {
    ...EXEC_DIRECTIVES,
    ...RESOURCE_DIRECTIVES,
    ...SANDBOXING_DIRECTIVES,
    RemainAfterExit: (draft, value) => void (draft.service.remainAfterExit = boolean(value)),
    GuessMainPID: (draft, value) => void (draft.service.guessMainPid = boolean(value)),
    PIDFile: (draft, value, unit) =>
      void (draft.service.pidFile = value === '' ? undefined : pidFilePath(expandSpecifiers(value, unit))),
    ExecCondition: commands('execCondition'),
    ExecStartPre: commands('execStartPre'),
    ExecStart: commands('execStart'),
    ExecStartPost: commands('execStartPost'),
    ExecReload: commands('execReload'),
    ExecStop: commands('execStop'),
    ExecStopPost: commands('execStopPost'),
    Restart: (draft, value) =>
      void (draft.service.restart = keyword(
        value,
        ['no', 'always', 'on-success', 'on-failure', 'on-abnormal', 'on-abort', 'on-watchdog'],
        'service restart specifier',
      )),
    RestartSec: (draft, value) => void (draft.service.restartMs = timeSpan(value)),
    TimeoutStartSec: (draft, value) => void (draft.service.timeoutStartMs = timeoutOf('TimeoutStartSec', value)),
    TimeoutStopSec: (draft, value) => void (draft.service.timeoutStopMs = timeout(value)),
    TimeoutSec(draft, value) {
      draft.service.timeoutStartMs = timeoutOf('TimeoutSec', value);
      draft.service.timeoutStopMs = timeout(value);
    },
    RuntimeMaxSec: (draft, value) => void (draft.service.runtimeMaxMs = timeSpan(value) || Infinity),
    WatchdogSec: (draft, value) => void (draft.service.watchdogMs = timeSpan(value)),
    NotifyAccess: (draft, value) =>
      void (draft.service.notifyAccess = keyword(value, ['none', 'main', 'exec', 'all'], 'notify access specifier')),
    SuccessExitStatus: exitStatuses('successExitStatus'),
    RestartPreventExitStatus: exitStatuses('restartPreventExitStatus'),
    RestartForceExitStatus: exitStatuses('restartForceExitStatus'),
    ...LIFECYCLE_DIRECTIVES.Service,
    // Files from before systemd 230 have them here.
    StartLimitInterval: (draft, value) => void (draft.startLimitIntervalMs = timeSpan(value)),
    StartLimitBurst: (draft, value) => void (draft.startLimitBurst = unsigned(value)),
    KillMode: (draft, value) =>
      void (draft.service.killMode = keyword(
        value,
        ['control-group', 'mixed', 'process', 'none'],
        'kill mode specification',
      )),
    KillSignal: (draft, value) => void (draft.service.killSignal = signal(value)),
    RestartKillSignal: (draft, value) => void (draft.service.restartKillSignal = signal(value)),
    FinalKillSignal: (draft, value) => void (draft.service.finalKillSignal = signal(value)),
    SendSIGKILL: (draft, value) => void (draft.service.sendSigkill = boolean(value)),
    SendSIGHUP: (draft, value) => void (draft.service.sendSighup = boolean(value)),
    User: (draft, value, unit) =>
      void (draft.service.user = value === '' ? undefined : accountName(expandSpecifiers(value, unit))),
    Group: (draft, value, unit) =>
      void (draft.service.group = value === '' ? undefined : accountName(expandSpecifiers(value, unit))),
    SupplementaryGroups: (draft, value, unit) =>
      void (draft.service.supplementaryGroups = list(draft.service.supplementaryGroups, value, unit).map(accountName)),
    WorkingDirectory: (draft, value, unit) =>
      void (draft.service.workingDirectory = workingDirectory(expandSpecifiers(value, unit))),
    UMask: (draft, value) => void (draft.service.umask = octal(value)),
    Nice: (draft, value) => void (draft.service.nice = niceLevel(value)),
    Environment: environment,
    EnvironmentFile(draft, value, unit) {
      if (value === '') return void (draft.service.environmentFiles = []);
      const isOptional = value.startsWith('-');
      const path = expandSpecifiers(isOptional ? value.slice(1) : value, unit);
      if (!path.startsWith('/')) throw new SyntaxError(`EnvironmentFile= path is not absolute, ignoring: ${path}`);
      draft.service.environmentFiles.push({ path, isOptional });
    },
    PassEnvironment: variableNames('passEnvironment'),
    UnsetEnvironment: variableNames('unsetEnvironment'),
    StandardInput: (draft, value, unit) =>
      void (draft.service.standardInput = inputTarget(expandSpecifiers(value, unit))),
    StandardOutput: (draft, value, unit) =>
      void (draft.service.standardOutput = streamTarget('StandardOutput', expandSpecifiers(value, unit))),
    StandardError: (draft, value, unit) =>
      void (draft.service.standardError = streamTarget('StandardError', expandSpecifiers(value, unit))),
    Sockets(draft, value, unit) {
      eachWord(value, unit, (name) => {
        if (parseUnitName(name)?.type !== 'socket')
          throw new SyntaxError(`Unit must be of type socket, ignoring: ${name}`);
        draft.service.sockets.push(name);
      });
    },
    NonBlocking: (draft, value) => void (draft.service.nonBlocking = boolean(value)),
    SyslogIdentifier: (draft, value, unit) =>
      void (draft.service.syslogIdentifier = value === '' ? undefined : expandSpecifiers(value, unit)),
    RuntimeDirectory: directories('runtimeDirectory'),
    RuntimeDirectoryMode: directoryMode('runtimeDirectory'),
    RuntimeDirectoryPreserve: (draft, value) =>
      void (draft.service.runtimeDirectoryPreserve = value === 'restart' ? 'restart' : boolean(value) ? 'yes' : 'no'),
    StateDirectory: directories('stateDirectory'),
    StateDirectoryMode: directoryMode('stateDirectory'),
    CacheDirectory: directories('cacheDirectory'),
    CacheDirectoryMode: directoryMode('cacheDirectory'),
    LogsDirectory: directories('logsDirectory'),
    LogsDirectoryMode: directoryMode('logsDirectory'),
    ConfigurationDirectory: directories('configurationDirectory'),
    ConfigurationDirectoryMode: directoryMode('configurationDirectory'),
  },
  Install: {
    WantedBy: (draft, value, unit) => void (draft.install.wantedBy = list(draft.install.wantedBy, value, unit)),
    RequiredBy: (draft, value, unit) => void (draft.install.requiredBy = list(draft.install.requiredBy, value, unit)),
    Also: (draft, value, unit) => void (draft.install.also = list(draft.install.also, value, unit)),
    Alias: (draft, value, unit) => void (draft.install.alias = list(draft.install.alias, value, unit)),
    DefaultInstance: (draft, value, unit) =>
      void (draft.install.defaultInstance = value === '' ? undefined : expandSpecifiers(value, unit)),
  },
};

/** Sections of other programs' or of types of units that do not run here: no warning. */
export const KNOWN_SECTIONS = new Set([
  'Unit',
  'Service',
  'Install',
  'Socket',
  'Timer',
  'Path',
  'Mount',
  'Automount',
  'Swap',
  'Slice',
  'Scope',
  'Target',
]);

export function isWithoutEffect(section: string, key: string): boolean {
  return IGNORED_DIRECTIVES[section]?.some(({ names }) => names.split(' ').includes(key)) === true;
}

/** `ConditionX=` and `AssertX=` of [Unit]. */
export function conditionDirective(key: string): Directive | undefined {
  const match = /^(Condition|Assert)([A-Z]\w+)$/.exec(key);
  const kind = match === null ? undefined : conditionKind(match[2] ?? '');
  if (match === null || kind === undefined) return undefined;
  const isAssert = match[1] === 'Assert';
  return (draft, value, unit) => {
    if (value === '') {
      draft.conditions = draft.conditions.filter((condition) => condition.isAssert !== isAssert);
      return;
    }
    const trigger = value.startsWith('|');
    const rest = value.slice(trigger ? 1 : 0).trimStart();
    const negate = rest.startsWith('!');
    const parameter = expandSpecifiers(rest.slice(negate ? 1 : 0).trimStart(), unit);
    if (kind === 'path' && !parameter.startsWith('/'))
      throw new SyntaxError(`${key}= path is not absolute, ignoring: ${parameter}`);
    const condition: Condition = { name: key, isAssert, parameter, negate, trigger };
    draft.conditions.push(condition);
  };
}

function dependency(kind: DependencyKind): Directive {
  return (draft, value, unit) => {
    // Unlike other lists, dependencies cannot be reset (systemd.unit(5)), and quotes are nothing special.
    const problems: string[] = [];
    for (const word of value.split(/\s+/).filter((text) => text !== '')) {
      const name = expandSpecifiers(word, unit);
      if (parseUnitName(name) !== undefined) draft.dependencies[kind].add(name);
      else problems.push(`Failed to add dependency on ${name}, ignoring: Invalid argument`);
    }
    if (problems.length > 0) throw new SyntaxError(problems.join('\n'));
  };
}

type CommandList = {
  [K in keyof ServiceSettings]: ServiceSettings[K] extends ExecCommand[] ? K : never;
}[keyof ServiceSettings];

function commands(key: CommandList): Directive {
  return (draft, value, unit) => {
    if (value === '') draft.service[key] = [];
    else draft.service[key].push(...parseCommandLines(value, unit));
  };
}

function exitStatuses(key: 'successExitStatus' | 'restartPreventExitStatus' | 'restartForceExitStatus'): Directive {
  return (draft, value, unit) => {
    const set: ExitStatusSet = draft.service[key];
    if (value === '') {
      set.codes.clear();
      set.signals.clear();
    }
    eachWord(value, unit, (word) => {
      const code = /^\d+$/.test(word) ? Number(word) : EXIT_STATUS_NAMES[word];
      const name = word.startsWith('SIG') ? word : `SIG${word}`;
      if (code !== undefined && code <= 255) set.codes.add(code);
      else if (code === undefined && Object.hasOwn(constants.signals, name)) set.signals.add(name);
      else throw new SyntaxError(`Failed to parse value, ignoring: ${word}`);
    });
  };
}

type DirectoryList = {
  [K in keyof ServiceSettings]: ServiceSettings[K] extends DirectorySetting ? K : never;
}[keyof ServiceSettings];

function directories(key: DirectoryList): Directive {
  return (draft, value, unit) => {
    const setting = draft.service[key];
    const directive = `${key.charAt(0).toUpperCase()}${key.slice(1)}`;
    if (value === '') {
      setting.names = [];
      return setting.links.clear();
    }
    eachWord(value, unit, (word) => {
      const [name, ...links] = word.split(':').map((path) => relativePath(path, directive));
      if (name === undefined) return;
      setting.names.push(name);
      // Configuration has no symbolic links (systemd.exec(5), ConfigurationDirectory=).
      if (key !== 'configurationDirectory') for (const link of links) setting.links.set(link, name);
    });
  };
}

function relativePath(text: string, directive: string): string {
  const path = text.replace(/\/+/g, '/').replace(/(.)\/$/, '$1');
  if (path.startsWith('/')) throw new SyntaxError(`${directive}= path is absolute, ignoring: ${text}`);
  if (path === '' || path.split('/').some((part) => part === '..' || part === '.'))
    throw new SyntaxError(`${directive}= path is not normalized, ignoring: ${text}`);
  if (path === 'private' || path.startsWith('private/'))
    throw new SyntaxError(`${directive}= path can't be 'private', ignoring assignment: ${text}`);
  return path;
}

function directoryMode(key: DirectoryList): Directive {
  return (draft, value) => void (draft.service[key].mode = octal(value));
}

function environment(draft: UnitDraft, value: string, unit: UnitName): void {
  if (value === '') return draft.service.environment.clear();
  eachWord(value, unit, (assignment) => {
    const name = /^([A-Za-z_][A-Za-z0-9_]*)=/.exec(assignment)?.[1];
    if (name === undefined) throw new SyntaxError(`Invalid environment assignment, ignoring: ${assignment}`);
    draft.service.environment.set(name, assignment.slice(name.length + 1));
  });
}

function variableNames(key: 'passEnvironment' | 'unsetEnvironment'): Directive {
  const isUnset = key === 'unsetEnvironment';
  const what = isUnset ? 'name or assignment UnsetEnvironment' : 'name for PassEnvironment';
  const allowed = isUnset ? /^[A-Za-z_][A-Za-z0-9_]*(=.*)?$/s : /^[A-Za-z_][A-Za-z0-9_]*$/;
  return (draft, value, unit) => {
    if (value === '') return void (draft.service[key] = []);
    eachWord(value, unit, (word) => {
      if (!allowed.test(word)) throw new SyntaxError(`Invalid environment ${what}, ignoring: ${word}`);
      draft.service[key].push(word);
    });
  };
}

/** Of a user or a group. What no system could have is no matter of looking for it. */
function accountName(name: string): string {
  // oxlint-disable-next-line no-control-regex -- WHY: they are what is looked for.
  if (!/[/:\x00-\x1f\x7f]/.test(name) && name !== '.' && name !== '..') return name;
  throw new FatalSyntaxError(`Invalid user/group name or numeric ID: ${name}`);
}

function niceLevel(value: string): number | undefined {
  if (value === '') return undefined;
  if (!/^[+-]?\d{1,9}$/.test(value))
    throw new SyntaxError(`Failed to parse nice priority '${value}', ignoring: Invalid argument`);
  const level = integer(value);
  if (level < -20 || level > 19) throw new SyntaxError(`Nice priority out of range, ignoring: ${value}`);
  return level;
}

function workingDirectory(value: string): ServiceSettings['workingDirectory'] {
  if (value === '') return undefined;
  const isOptional = value.startsWith('-');
  const path = isOptional ? value.slice(1) : value;
  if (path === '~' || path.startsWith('/')) return { path, isOptional };
  const message = `WorkingDirectory= path is not absolute${isOptional ? ', ignoring' : ''}: ${path}`;
  throw isOptional ? new SyntaxError(message) : new FatalSyntaxError(message);
}

function inputTarget(value: string): InputTarget {
  const file = /^file:(.*)$/.exec(value)?.[1];
  if (file !== undefined) return { kind: 'file', path: absolute(file) };
  if (value === '') return { kind: 'null' };
  const kind = keyword(value, ['null', 'tty', 'tty-force', 'tty-fail', 'data', 'socket'], 'input specifier');
  return { kind: kind === 'tty-force' || kind === 'tty-fail' ? 'tty' : kind };
}

function streamTarget(directive: 'StandardOutput' | 'StandardError', value: string): StreamTarget {
  const file = /^(file|append|truncate):(.*)$/.exec(value);
  if (file !== null) {
    const kind = oneOf(file[1] ?? '', ['file', 'append', 'truncate']);
    const path = file[2] ?? '';
    if (!path.startsWith('/')) throw new SyntaxError(`${directive}= path is not absolute: ${path}`);
    return { kind, path };
  }
  switch (value) {
    case 'null':
    case 'inherit':
    case 'tty':
    case 'socket':
      return { kind: value };
    case 'journal':
    case 'journal+console':
    case 'syslog':
    case 'syslog+console':
    case 'kmsg':
    case 'kmsg+console':
      return { kind: 'journal' };
    case '':
      return directive === 'StandardOutput' ? DEFAULT_OUTPUT : { kind: 'inherit' };
    default:
      throw new SyntaxError(`Failed to parse output specifier, ignoring: ${value}`);
  }
}

function pidFilePath(value: string): string {
  const path = value.startsWith('/') ? value : `/run/${value}`;
  // Not even its unit can be loaded then.
  if (path.split('/').includes('..'))
    throw new FatalSyntaxError(`PIDFile= path is not normalized, ignoring: ${path}`, 'Invalid argument');
  return path.startsWith('/var/run/') ? path.slice('/var'.length) : path;
}
