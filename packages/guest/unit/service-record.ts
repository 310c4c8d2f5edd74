import { randomHex } from '@bhatti/base/ids.ts';
import type { ProcessIdentity } from '@bhatti/sys/process/proc.ts';
import type { ServiceState } from './service-table.ts';

export type ServiceResult =
  | 'success'
  | 'resources'
  | 'protocol'
  | 'timeout'
  | 'exit-code'
  | 'signal'
  | 'core-dump'
  | 'watchdog'
  | 'oom-kill'
  | 'exec-condition'
  | 'start-limit-hit';

/** The lists of commands a service may have. */
export type CommandKey =
  | 'execCondition'
  | 'execStartPre'
  | 'execStart'
  | 'execStartPost'
  | 'execReload'
  | 'execStop'
  | 'execStopPost';

/** How a process ended, for `status` and `show`. */
export interface ProcessEnd {
  readonly pid: number;
  readonly startedAtUs: number;
  readonly endedAtUs: number;
  /** Undefined when nobody can tell: it ended while lohar was away, on a kernel that does not keep it. */
  readonly exitCode: number | undefined;
  readonly signal: string | undefined;
  /** Whether the signal left a core; undefined when nobody can tell. */
  readonly hasCore?: boolean;
}

export interface CommandRun {
  readonly key: CommandKey;
  readonly line: string;
  readonly ignoreFailure: boolean;
  readonly end: ProcessEnd;
}

export interface RunningProcess extends ProcessIdentity {
  readonly startedAtUs: number;
}

/** Everything about a service that must outlive lohar: it is written to /run at each change. Plain data. */
export interface ServiceRecord {
  state: ServiceState;
  result: ServiceResult;
  main: RunningProcess | undefined;
  control: RunningProcess | undefined;
  /** Which command runs; before `isStarted` it has not done anything, and an heir starts it. */
  command: { readonly key: CommandKey; readonly index: number; readonly isStarted: boolean } | undefined;
  /** The signals that the state stands for have been sent. */
  isSignalled: boolean;
  /** It has ended, and is to be started again. */
  willRestart: boolean;
  invocationId: string;
  restarts: number;
  /** The next start forgets `restarts`; until then they can be looked at. */
  isRestartCountOver: boolean;
  /** A stop was asked for: it is not started again by itself. */
  isRestartForbidden: boolean;
  /** The last start was refused because there were too many. */
  isStartLimited: boolean;
  mainEnd: ProcessEnd | undefined;
  runs: CommandRun[];
  statusText: string;
  /** ERRNO= and BUSERROR= of sd_notify(3); 0 and empty for none. */
  statusErrno: number;
  statusBusError: string;
  /** WATCHDOG_USEC= of the program, in place of `WatchdogSec=`. */
  watchdogMs: number | undefined;
  /** It has said that it reloads, and not yet that it is ready. */
  isReloadingByItself: boolean;
  /** The last command of its last reload failed, or took too long. */
  hasReloadFailed: boolean;
  /** The unit whose end made it start (`OnFailure=`, `OnSuccess=`), as its commands are told. */
  monitored: Readonly<Record<string, string>> | undefined;
  /** Names of the descriptors that it gave us to keep, in the order in which it gets them back. */
  storedFds: { readonly id: string; readonly name: string }[];
  /** Processes of the group that the kernel has killed for want of memory, as far as it has been dealt with. */
  oomKills: number;
  /** When the current state times out, in µs of the boot clock. */
  deadlineBootUs: number | undefined;
  /** The same without what the program asked for beyond it. */
  plainDeadlineBootUs: number | undefined;
  /** Starts within the rate limit's interval, µs of the boot clock. */
  startsBootUs: number[];
  stateChangeUs: number;
  inactiveExitUs: number;
  activeEnterUs: number;
  activeExitUs: number;
  inactiveEnterUs: number;
}

export function newServiceRecord(): ServiceRecord {
  return {
    state: 'dead',
    result: 'success',
    main: undefined,
    control: undefined,
    command: undefined,
    invocationId: '',
    restarts: 0,
    isRestartCountOver: false,
    isRestartForbidden: false,
    isStartLimited: false,
    isSignalled: false,
    willRestart: false,
    mainEnd: undefined,
    runs: [],
    statusText: '',
    statusErrno: 0,
    statusBusError: '',
    watchdogMs: undefined,
    isReloadingByItself: false,
    hasReloadFailed: false,
    monitored: undefined,
    storedFds: [],
    oomKills: 0,
    deadlineBootUs: undefined,
    plainDeadlineBootUs: undefined,
    startsBootUs: [],
    stateChangeUs: 0,
    inactiveExitUs: 0,
    activeEnterUs: 0,
    activeExitUs: 0,
    inactiveEnterUs: 0,
  };
}

/** Forgets the last run. */
export function beginRun(record: ServiceRecord): void {
  record.isRestartForbidden = false;
  record.result = 'success';
  record.willRestart = false;
  record.mainEnd = undefined;
  record.runs = [];
  record.command = undefined;
  record.statusText = '';
  record.statusErrno = 0;
  record.statusBusError = '';
  record.watchdogMs = undefined;
  record.isReloadingByItself = false;
  record.invocationId = randomHex(16);
}
