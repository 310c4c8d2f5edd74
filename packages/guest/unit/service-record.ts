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
  /** Which command runs, or is about to: a process without a record is found by it. */
  command: { readonly key: CommandKey; readonly index: number } | undefined;
  invocationId: string;
  restarts: number;
  /** The next start forgets `restarts`; until then they can be looked at. */
  isRestartCountOver: boolean;
  /** A stop was asked for: it is not started again by itself. */
  isRestartForbidden: boolean;
  isStartByRestart: boolean;
  /** The last start was refused because there were too many. */
  isStartLimited: boolean;
  mainEnd: ProcessEnd | undefined;
  runs: CommandRun[];
  statusText: string;
  /** When the current state times out, in µs of the boot clock. */
  deadlineBootUs: number | undefined;
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
    isStartByRestart: false,
    isStartLimited: false,
    mainEnd: undefined,
    runs: [],
    statusText: '',
    deadlineBootUs: undefined,
    startsBootUs: [],
    stateChangeUs: 0,
    inactiveExitUs: 0,
    activeEnterUs: 0,
    activeExitUs: 0,
    inactiveEnterUs: 0,
  };
}
