import { newExecSettings, type ExecSettings } from './exec-settings.ts';
import { newResourceSettings, type ResourceSettings } from './resource-settings.ts';
import {
  newPathSettings,
  newSocketSettings,
  newTimerSettings,
  type PathSettings,
  type SocketSettings,
  type TimerSettings,
  type TriggerSettings,
} from './trigger-settings.ts';
import type { UnitType } from './unit-name.ts';

/** Names of dependencies as `systemctl show` prints them, each pointing from a unit to others. */
export const DEPENDENCY_KINDS = [
  'Requires',
  'Requisite',
  'Wants',
  'BindsTo',
  'PartOf',
  'Upholds',
  'Conflicts',
  'Before',
  'After',
  'OnFailure',
  'OnSuccess',
  'PropagatesReloadTo',
  'ReloadPropagatedFrom',
  'PropagatesStopTo',
  'StopPropagatedFrom',
  'Triggers',
] as const;
export type DependencyKind = (typeof DEPENDENCY_KINDS)[number];
export type Dependencies = Record<DependencyKind, Set<string>>;

/** systemctl(1), --job-mode=: what becomes of jobs that are queued when others are asked for. */
export const JOB_MODES = [
  'fail',
  'replace',
  'replace-irreversibly',
  'isolate',
  'flush',
  'ignore-dependencies',
  'ignore-requirements',
] as const;
export type JobMode = (typeof JOB_MODES)[number];

export const COLLECT_MODES = ['inactive', 'inactive-or-failed'] as const;

/** What [Unit] says of the unit's jobs. */
export interface JobSettings {
  stopWhenUnneeded: boolean;
  allowIsolate: boolean;
  ignoreOnIsolate: boolean;
  onFailureJobMode: JobMode;
  onSuccessJobMode: JobMode;
  timeoutMs: number;
  runningTimeoutMs: number;
  collectMode: (typeof COLLECT_MODES)[number];
}

export type LoadState = 'loaded' | 'not-found' | 'bad-setting' | 'masked' | 'error';

/** One command line of a service. Specifiers are resolved, variables are not: they are known when it runs. */
export interface ExecCommand {
  readonly path: string;
  /** argv[0] first: the path, or with `@` what follows it. */
  readonly argv: readonly string[];
  /** `-`: a failure is noted and not counted. */
  readonly ignoreFailure: boolean;
  /** `:`: `$` stands for itself. */
  readonly noExpansion: boolean;
  /** `+`, and `!`: as root although `User=` says otherwise. */
  readonly fullPrivileges: boolean;
}

export interface Condition {
  /** `ConditionPathExists`, `AssertPathExists`, … */
  readonly name: string;
  readonly isAssert: boolean;
  readonly parameter: string;
  readonly negate: boolean;
  /** `|`: one of these is enough. */
  readonly trigger: boolean;
}

/** Of systemd 252: a later one is refused there, too. */
export const SERVICE_TYPES = ['simple', 'exec', 'forking', 'oneshot', 'notify', 'dbus', 'idle'] as const;
export type ServiceType = (typeof SERVICE_TYPES)[number];
export type RestartPolicy = 'no' | 'always' | 'on-success' | 'on-failure' | 'on-abnormal' | 'on-abort' | 'on-watchdog';
/** What a step that takes too long is met with. */
export type TimeoutFailureMode = 'terminate' | 'abort' | 'kill';
export type KillMode = 'control-group' | 'mixed' | 'process' | 'none';

/** Exit codes and signal names of `SuccessExitStatus=` and its kin. */
export interface ExitStatusSet {
  readonly codes: Set<number>;
  readonly signals: Set<string>;
}

export interface DirectorySetting {
  names: string[];
  /** Symbolic links beside them, each with the name it leads to. */
  readonly links: Map<string, string>;
  mode: number;
}

/** Where a stream of a service goes. `journal` is the default of output. */
export type StreamTarget =
  | { readonly kind: 'null' | 'journal' | 'inherit' | 'tty' | 'socket' }
  | { readonly kind: 'file' | 'append' | 'truncate'; readonly path: string };

/** Where its input comes from. */
export type InputTarget =
  | { readonly kind: 'null' | 'tty' | 'data' | 'socket' }
  | { readonly kind: 'file'; readonly path: string };

/** Told from the same written down by being this very object. */
export const DEFAULT_OUTPUT: StreamTarget = { kind: 'journal' };

export interface ServiceSettings {
  type: ServiceType;
  busName: string | undefined;
  remainAfterExit: boolean;
  guessMainPid: boolean;
  pidFile: string | undefined;
  execCondition: ExecCommand[];
  execStartPre: ExecCommand[];
  execStart: ExecCommand[];
  execStartPost: ExecCommand[];
  execReload: ExecCommand[];
  execStop: ExecCommand[];
  execStopPost: ExecCommand[];
  restart: RestartPolicy;
  restartMs: number;
  timeoutStartMs: number | undefined;
  timeoutStopMs: number;
  runtimeMaxMs: number;
  watchdogMs: number;
  watchdogSignal: string;
  /** Undefined: `TimeoutStopSec=`. */
  timeoutAbortMs: number | undefined;
  timeoutStartFailureMode: TimeoutFailureMode;
  timeoutStopFailureMode: TimeoutFailureMode;
  runtimeRandomizedExtraMs: number;
  exitType: 'main' | 'cgroup';
  fileDescriptorStoreMax: number;
  /** `User=` is for ExecStart= alone. */
  permissionsStartOnly: boolean;
  notifyAccess: 'none' | 'main' | 'exec' | 'all' | undefined;
  successExitStatus: ExitStatusSet;
  restartPreventExitStatus: ExitStatusSet;
  restartForceExitStatus: ExitStatusSet;
  killMode: KillMode;
  killSignal: string;
  restartKillSignal: string | undefined;
  finalKillSignal: string;
  sendSigkill: boolean;
  sendSighup: boolean;
  user: string | undefined;
  group: string | undefined;
  supplementaryGroups: string[];
  workingDirectory: { readonly path: string; readonly isOptional: boolean } | undefined;
  umask: number;
  nice: number | undefined;
  /** `Environment=` in order; later wins. */
  environment: Map<string, string>;
  environmentFiles: { readonly path: string; readonly isOptional: boolean }[];
  passEnvironment: string[];
  unsetEnvironment: string[];
  /** Undefined: data where the unit has some, else nothing. */
  standardInput: InputTarget | undefined;
  standardOutput: StreamTarget;
  standardError: StreamTarget;
  /** Sockets beside those that would start it (`Sockets=`). */
  sockets: string[];
  /** Whether what is passed to it blocks. */
  nonBlocking: boolean;
  syslogIdentifier: string | undefined;
  runtimeDirectory: DirectorySetting;
  stateDirectory: DirectorySetting;
  cacheDirectory: DirectorySetting;
  logsDirectory: DirectorySetting;
  configurationDirectory: DirectorySetting;
  runtimeDirectoryPreserve: 'no' | 'yes' | 'restart';
  exec: ExecSettings;
  resources: ResourceSettings;
}

/** When a unit that a program made is forgotten. */
export type CollectMode = 'inactive' | 'inactive-or-failed';

export interface InstallSettings {
  wantedBy: string[];
  requiredBy: string[];
  also: string[];
  alias: string[];
  defaultInstance: string | undefined;
}

/** A unit as its files describe it. */
export interface UnitDefinition {
  readonly name: string;
  readonly type: UnitType;
  /** Every name that leads to it, its own included. */
  readonly names: ReadonlySet<string>;
  readonly loadState: LoadState;
  /** Why it is not `loaded`, for people. */
  readonly loadError: string | undefined;
  readonly fragmentPath: string | undefined;
  readonly dropInPaths: readonly string[];
  readonly warnings: readonly string[];
  /** Directives that are known and have no effect here, as `Section.Key`. */
  readonly ignored: readonly string[];
  readonly description: string;
  readonly documentation: readonly string[];
  readonly defaultDependencies: boolean;
  readonly dependencies: Dependencies;
  readonly conditions: readonly Condition[];
  readonly startLimitIntervalMs: number;
  readonly startLimitBurst: number;
  readonly refuseManualStart: boolean;
  readonly refuseManualStop: boolean;
  readonly jobs: JobSettings;
  readonly service: ServiceSettings | undefined;
  /** Of a unit that is there to start another: timer, socket, path. */
  readonly trigger: TriggerSettings | undefined;
  readonly install: InstallSettings;
}

/** The same while it is read: one draft per unit, which the fragment and then each drop-in change. */
export interface UnitDraft {
  description: string | undefined;
  documentation: string[];
  defaultDependencies: boolean;
  dependencies: Dependencies;
  conditions: Condition[];
  startLimitIntervalMs: number;
  startLimitBurst: number;
  refuseManualStart: boolean;
  refuseManualStop: boolean;
  jobs: JobSettings;
  service: ServiceSettings;
  timer: TimerSettings;
  socket: SocketSettings;
  path: PathSettings;
  install: InstallSettings;
  ignored: Set<string>;
  /** `Type=` is written somewhere. */
  isTypeGiven: boolean;
  /** A line without which the unit cannot be is wrong. */
  isBroken: boolean;
  /** Why its file cannot be read as a whole. */
  failure: string | undefined;
  /** What is to be said about the line that is being read, although it holds. */
  readonly notes: string[];
}

export function newDependencies(): Dependencies {
  // SAFETY: the entries are exactly the kinds.
  return Object.fromEntries(DEPENDENCY_KINDS.map((kind) => [kind, new Set<string>()])) as Dependencies;
}

/** systemd's defaults (systemd-system.conf(5), systemd.service(5)). */
export function newUnitDraft(): UnitDraft {
  return {
    description: undefined,
    documentation: [],
    defaultDependencies: true,
    dependencies: newDependencies(),
    conditions: [],
    startLimitIntervalMs: 10_000,
    startLimitBurst: 5,
    refuseManualStart: false,
    refuseManualStop: false,
    jobs: {
      stopWhenUnneeded: false,
      allowIsolate: false,
      ignoreOnIsolate: false,
      onFailureJobMode: 'replace',
      onSuccessJobMode: 'fail',
      timeoutMs: Infinity,
      runningTimeoutMs: Infinity,
      collectMode: 'inactive',
    },
    service: newServiceSettings(),
    timer: newTimerSettings(),
    socket: newSocketSettings(),
    path: newPathSettings(),
    install: { wantedBy: [], requiredBy: [], also: [], alias: [], defaultInstance: undefined },
    ignored: new Set(),
    isTypeGiven: false,
    isBroken: false,
    failure: undefined,
    notes: [],
  };
}

function newServiceSettings(): ServiceSettings {
  return {
    type: 'simple',
    busName: undefined,
    remainAfterExit: false,
    guessMainPid: true,
    pidFile: undefined,
    execCondition: [],
    execStartPre: [],
    execStart: [],
    execStartPost: [],
    execReload: [],
    execStop: [],
    execStopPost: [],
    restart: 'no',
    restartMs: 100,
    timeoutStartMs: undefined,
    timeoutStopMs: 90_000,
    runtimeMaxMs: Infinity,
    watchdogMs: 0,
    watchdogSignal: 'SIGABRT',
    timeoutAbortMs: undefined,
    timeoutStartFailureMode: 'terminate',
    timeoutStopFailureMode: 'terminate',
    runtimeRandomizedExtraMs: 0,
    exitType: 'main',
    fileDescriptorStoreMax: 0,
    permissionsStartOnly: false,
    notifyAccess: undefined,
    successExitStatus: newExitStatusSet(),
    restartPreventExitStatus: newExitStatusSet(),
    restartForceExitStatus: newExitStatusSet(),
    killMode: 'control-group',
    killSignal: 'SIGTERM',
    restartKillSignal: undefined,
    finalKillSignal: 'SIGKILL',
    sendSigkill: true,
    sendSighup: false,
    user: undefined,
    group: undefined,
    supplementaryGroups: [],
    workingDirectory: undefined,
    umask: 0o022,
    nice: undefined,
    environment: new Map(),
    environmentFiles: [],
    passEnvironment: [],
    unsetEnvironment: [],
    standardInput: undefined,
    standardOutput: DEFAULT_OUTPUT,
    standardError: { kind: 'inherit' },
    sockets: [],
    nonBlocking: false,
    syslogIdentifier: undefined,
    runtimeDirectory: newDirectorySetting(),
    stateDirectory: newDirectorySetting(),
    cacheDirectory: newDirectorySetting(),
    logsDirectory: newDirectorySetting(),
    configurationDirectory: newDirectorySetting(),
    runtimeDirectoryPreserve: 'no',
    exec: newExecSettings(),
    resources: newResourceSettings(),
  };
}

function newExitStatusSet(): ExitStatusSet {
  return { codes: new Set(), signals: new Set() };
}

function newDirectorySetting(): DirectorySetting {
  return { names: [], links: new Map(), mode: 0o755 };
}
