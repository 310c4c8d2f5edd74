import { parseCommandLines } from './command-line.ts';
import type {
  Condition,
  DependencyKind,
  DirectorySetting,
  ExecCommand,
  ExitStatusSet,
  ServiceSettings,
  StreamTarget,
  UnitDraft,
} from './definition.ts';
import { absolute, boolean, integer, list, octal, oneOf, signal, timeout, timeSpan } from './directive-value.ts';
import { expandSpecifiers } from './specifier.ts';
import { parseUnitName, type UnitName } from './unit-name.ts';
import { splitWords } from './words.ts';

/** Changes a draft as one assignment says; a SyntaxError says why it cannot, and the line is then left out. An empty value resets a list. */
export type Directive = (draft: UnitDraft, value: string, unit: UnitName) => void;

/** Every directive that has an effect, by section. */
export const DIRECTIVES: Readonly<Record<string, Readonly<Record<string, Directive>>>> = {
  Unit: {
    Description: (draft, value, unit) => void (draft.description = expandSpecifiers(value, unit)),
    Documentation: (draft, value) =>
      void (draft.documentation = value === '' ? [] : [...draft.documentation, ...value.split(/\s+/)]),
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
    StartLimitIntervalSec: (draft, value) => void (draft.startLimitIntervalMs = timeSpan(value)),
    StartLimitInterval: (draft, value) => void (draft.startLimitIntervalMs = timeSpan(value)),
    StartLimitBurst: (draft, value) => void (draft.startLimitBurst = integer(value)),
    RefuseManualStart: (draft, value) => void (draft.refuseManualStart = boolean(value)),
    RefuseManualStop: (draft, value) => void (draft.refuseManualStop = boolean(value)),
  },
  Service: {
    Type: (draft, value) =>
      void (draft.service.type = oneOf(value, ['simple', 'exec', 'forking', 'oneshot', 'notify', 'dbus', 'idle'])),
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
      void (draft.service.restart = oneOf(value, [
        'no',
        'always',
        'on-success',
        'on-failure',
        'on-abnormal',
        'on-abort',
        'on-watchdog',
      ])),
    RestartSec: (draft, value) => void (draft.service.restartMs = timeSpan(value)),
    TimeoutStartSec: (draft, value) => void (draft.service.timeoutStartMs = timeout(value)),
    TimeoutStopSec: (draft, value) => void (draft.service.timeoutStopMs = timeout(value)),
    TimeoutSec(draft, value) {
      draft.service.timeoutStartMs = timeout(value);
      draft.service.timeoutStopMs = timeout(value);
    },
    RuntimeMaxSec: (draft, value) => void (draft.service.runtimeMaxMs = timeout(value)),
    WatchdogSec: (draft, value) => void (draft.service.watchdogMs = timeSpan(value)),
    NotifyAccess: (draft, value) => void (draft.service.notifyAccess = oneOf(value, ['none', 'main', 'exec', 'all'])),
    SuccessExitStatus: exitStatuses('successExitStatus'),
    RestartPreventExitStatus: exitStatuses('restartPreventExitStatus'),
    RestartForceExitStatus: exitStatuses('restartForceExitStatus'),
    // Files from before systemd 230 have them here.
    StartLimitInterval: (draft, value) => void (draft.startLimitIntervalMs = timeSpan(value)),
    StartLimitBurst: (draft, value) => void (draft.startLimitBurst = integer(value)),
    KillMode: (draft, value) =>
      void (draft.service.killMode = oneOf(value, ['control-group', 'mixed', 'process', 'none'])),
    KillSignal: (draft, value) => void (draft.service.killSignal = signal(value)),
    RestartKillSignal: (draft, value) => void (draft.service.restartKillSignal = signal(value)),
    FinalKillSignal: (draft, value) => void (draft.service.finalKillSignal = signal(value)),
    SendSIGKILL: (draft, value) => void (draft.service.sendSigkill = boolean(value)),
    SendSIGHUP: (draft, value) => void (draft.service.sendSighup = boolean(value)),
    User: (draft, value, unit) => void (draft.service.user = value === '' ? undefined : expandSpecifiers(value, unit)),
    Group: (draft, value, unit) =>
      void (draft.service.group = value === '' ? undefined : expandSpecifiers(value, unit)),
    SupplementaryGroups: (draft, value, unit) =>
      void (draft.service.supplementaryGroups = list(draft.service.supplementaryGroups, value, unit)),
    WorkingDirectory: (draft, value, unit) =>
      void (draft.service.workingDirectory = workingDirectory(expandSpecifiers(value, unit))),
    UMask: (draft, value) => void (draft.service.umask = octal(value)),
    Nice: (draft, value) => void (draft.service.nice = integer(value)),
    Environment: environment,
    EnvironmentFile(draft, value, unit) {
      if (value === '') return void (draft.service.environmentFiles = []);
      const isOptional = value.startsWith('-');
      const path = expandSpecifiers(isOptional ? value.slice(1) : value, unit);
      draft.service.environmentFiles.push({ path: absolute(path), isOptional });
    },
    PassEnvironment: (draft, value, unit) =>
      void (draft.service.passEnvironment = list(draft.service.passEnvironment, value, unit)),
    UnsetEnvironment: (draft, value, unit) =>
      void (draft.service.unsetEnvironment = list(draft.service.unsetEnvironment, value, unit)),
    StandardInput: (draft, value, unit) =>
      void (draft.service.standardInput = streamTarget(expandSpecifiers(value, unit), 'null')),
    StandardOutput: (draft, value, unit) =>
      void (draft.service.standardOutput = streamTarget(expandSpecifiers(value, unit), 'journal')),
    StandardError: (draft, value, unit) =>
      void (draft.service.standardError = streamTarget(expandSpecifiers(value, unit), 'inherit')),
    Sockets(draft, value, unit) {
      for (const name of list([], value, unit)) {
        if (parseUnitName(name)?.type !== 'socket')
          throw new SyntaxError(`Unit must be of type socket, ignoring: ${name}`);
        draft.service.sockets.push(name);
      }
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

/**
 * Directives of systemd that this service manager accepts without effect; `systemctl show` lists them. Everything that is neither here nor above is an unknown key.
 */
const withoutEffect: Readonly<Record<string, RegExp>> = {
  Unit: /^(OnFailureJobMode|OnSuccessJobMode|IgnoreOnIsolate|StopWhenUnneeded|AllowIsolate|JobTimeout\w*|JobRunningTimeout\w*|FailureAction\w*|SuccessAction\w*|StartLimitAction|RebootArgument|SourcePath|CollectMode|StopPropagatedFrom|PropagatesStopTo|ReloadPropagatedFrom|JoinsNamespaceOf|RequiresMountsFor|SurviveFinalKillSignal)$/,
  Service:
    /^(BusName|ReloadSignal|RestartMode|RestartSteps|RestartMaxDelaySec|TimeoutAbortSec|TimeoutStartFailureMode|TimeoutStopFailureMode|RootDirectoryStartOnly|FileDescriptorStoreMax|USB\w+|OOM\w+|OpenFile|ExitType|PermissionsStartOnly|WatchdogSignal|Root\w+|Mount\w+|MountFlags|Bind\w+|PAMName|Capabilit\w+|AmbientCapabilities|NoNewPrivileges|SecureBits|SELinux\w+|AppArmor\w+|Smack\w+|Limit[A-Z]+|CoredumpFilter|KeyringMode|CPU\w+|IO\w+|BlockIO\w+|NUMA\w+|Startup\w+|AllowedCPUs|AllowedMemoryNodes|Personality|IgnoreSIGPIPE|Protect\w+|Read\w+Paths|Inaccessible\w+|Exec(Paths|SearchPath)|NoExecPaths|TemporaryFileSystem|Private\w+|NetworkNamespacePath|IPC\w*|Dynamic\w+|Remove\w+|SystemCall\w+|Restrict\w+|Lock\w+|Memory\w+|DefaultMemory\w+|Tasks\w+|DefaultTasksMax|Device\w+|Slice|Delegate\w*|DisableControllers|IPAddress\w+|IP(Ingress|Egress)\w+|SocketBind\w+|ManagedOOM\w+|TTY\w+|Syslog\w+|Log\w+|Utmp\w+|Set(Login|Credential)\w*|LoadCredential\w*|ImportCredential|StandardInput(Text|Data)|TimerSlackNSec|RuntimeRandomizedExtraSec|RuntimeDirectoryPreserve|StartLimitAction|FailureAction|RebootArgument|OnFailureJobMode|GuessMainPID|SysVStartPriority|FsckPassNo|MemoryDenyWriteExecute|X-\w+)$/,
  Install: /^X-/,
};

export function isWithoutEffect(section: string, key: string): boolean {
  return key.startsWith('X-') || withoutEffect[section]?.test(key) === true;
}

/** `ConditionX=` and `AssertX=` of [Unit]. */
export function conditionDirective(key: string): Directive | undefined {
  const match = /^(Condition|Assert)[A-Z]\w+$/.exec(key);
  if (match === null) return undefined;
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
    const condition: Condition = { name: key, isAssert, parameter, negate, trigger };
    draft.conditions.push(condition);
  };
}

function dependency(kind: DependencyKind): Directive {
  return (draft, value, unit) => {
    // Unlike other lists, dependencies cannot be reset (systemd.unit(5)).
    for (const { text } of splitWords(value)) {
      const name = expandSpecifiers(text, unit);
      if (parseUnitName(name) === undefined)
        throw new SyntaxError(`Failed to add dependency on ${name}, ignoring: Invalid argument`);
      draft.dependencies[kind].add(name);
    }
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
  return (draft, value) => {
    const set: ExitStatusSet = draft.service[key];
    if (value === '') {
      set.codes.clear();
      set.signals.clear();
    }
    for (const { text } of splitWords(value)) {
      const code = /^\d{1,3}$/.test(text) ? Number(text) : EXIT_STATUS_NAMES[text];
      if (code !== undefined && code <= 255) set.codes.add(code);
      else set.signals.add(signal(text));
    }
  };
}

type DirectoryList = {
  [K in keyof ServiceSettings]: ServiceSettings[K] extends DirectorySetting ? K : never;
}[keyof ServiceSettings];

function directories(key: DirectoryList): Directive {
  return (draft, value, unit) => {
    const setting = draft.service[key];
    if (value === '') return void (setting.names = []);
    for (const { text } of splitWords(value)) {
      const name = (expandSpecifiers(text, unit).split(':', 1)[0] ?? '').replace(/\/+$/, '');
      if (name === '' || name.startsWith('/') || name.split('/').includes('..'))
        throw new SyntaxError(`${name}= path is not normalized`);
      setting.names.push(name);
    }
  };
}

function directoryMode(key: DirectoryList): Directive {
  return (draft, value) => void (draft.service[key].mode = octal(value));
}

function environment(draft: UnitDraft, value: string, unit: UnitName): void {
  if (value === '') return draft.service.environment.clear();
  for (const { text } of splitWords(value)) {
    const assignment = expandSpecifiers(text, unit);
    const name = /^([A-Za-z_][A-Za-z0-9_]*)=/.exec(assignment)?.[1];
    if (name === undefined) throw new SyntaxError(`Invalid environment assignment, ignoring: ${assignment}`);
    draft.service.environment.set(name, assignment.slice(name.length + 1));
  }
}

function workingDirectory(value: string): ServiceSettings['workingDirectory'] {
  if (value === '') return undefined;
  const isOptional = value.startsWith('-');
  const path = isOptional ? value.slice(1) : value;
  return { path: path === '~' ? path : absolute(path), isOptional };
}

function streamTarget(value: string, fallback: 'null' | 'journal' | 'inherit'): StreamTarget {
  const file = /^(file|append|truncate):(.*)$/.exec(value);
  if (file !== null) {
    const kind = oneOf(file[1] ?? '', ['file', 'append', 'truncate']);
    return { kind, path: absolute(file[2] ?? '') };
  }
  switch (value) {
    case 'null':
    case 'inherit':
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
      return { kind: fallback };
    default:
      throw new SyntaxError(`Failed to parse output specifier, ignoring: ${value}`);
  }
}

function pidFilePath(value: string): string {
  const path = value.startsWith('/') ? value : `/run/${value}`;
  return path.startsWith('/var/run/') ? path.slice('/var'.length) : path;
}

/** systemd.exec(5), "Process Exit Codes": libc's, LSB's, then systemd's own. */
export const EXIT_STATUS_NAMES: Readonly<Record<string, number>> = {
  SUCCESS: 0,
  FAILURE: 1,
  INVALIDARGUMENT: 2,
  NOTIMPLEMENTED: 3,
  NOPERMISSION: 4,
  NOTINSTALLED: 5,
  NOTCONFIGURED: 6,
  NOTRUNNING: 7,
  USAGE: 64,
  DATAERR: 65,
  NOINPUT: 66,
  NOUSER: 67,
  NOHOST: 68,
  UNAVAILABLE: 69,
  SOFTWARE: 70,
  OSERR: 71,
  OSFILE: 72,
  CANTCREAT: 73,
  IOERR: 74,
  TEMPFAIL: 75,
  PROTOCOL: 76,
  NOPERM: 77,
  CONFIG: 78,
  CHDIR: 200,
  NICE: 201,
  FDS: 202,
  EXEC: 203,
  MEMORY: 204,
  LIMITS: 205,
  OOM_ADJUST: 206,
  SIGNAL_MASK: 207,
  STDIN: 208,
  STDOUT: 209,
  CHROOT: 210,
  IOPRIO: 211,
  TIMERSLACK: 212,
  SECUREBITS: 213,
  SETSCHEDULER: 214,
  CPUAFFINITY: 215,
  GROUP: 216,
  USER: 217,
  CAPABILITIES: 218,
  CGROUP: 219,
  SETSID: 220,
  CONFIRM: 221,
  STDERR: 222,
  PAM: 224,
  NETWORK: 225,
  NAMESPACE: 226,
  NO_NEW_PRIVILEGES: 227,
  SECCOMP: 228,
  SELINUX_CONTEXT: 229,
  PERSONALITY: 230,
  APPARMOR: 231,
  ADDRESS_FAMILIES: 232,
  RUNTIME_DIRECTORY: 233,
  CHOWN: 235,
  SMACK_PROCESS_LABEL: 236,
  KEYRING: 237,
  STATE_DIRECTORY: 238,
  CACHE_DIRECTORY: 239,
  LOGS_DIRECTORY: 240,
  CONFIGURATION_DIRECTORY: 241,
  NUMA_POLICY: 242,
  CREDENTIALS: 243,
  BPF: 245,
};
