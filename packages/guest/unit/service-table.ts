/** systemd's states of a service: `SubState` of `systemctl show`. */
export const SERVICE_STATES = [
  'dead',
  'condition',
  'start-pre',
  'start',
  'start-post',
  'running',
  'exited',
  'reload',
  'stop',
  'stop-watchdog',
  'stop-sigterm',
  'stop-sigkill',
  'stop-post',
  'final-sigterm',
  'final-sigkill',
  'failed',
  'auto-restart',
] as const;
export type ServiceState = (typeof SERVICE_STATES)[number];

export type ActiveState = 'active' | 'reloading' | 'inactive' | 'failed' | 'activating' | 'deactivating';

export const ACTIVE_STATES: Readonly<Record<ServiceState, ActiveState>> = {
  dead: 'inactive',
  condition: 'activating',
  'start-pre': 'activating',
  start: 'activating',
  'start-post': 'activating',
  running: 'active',
  exited: 'active',
  reload: 'reloading',
  stop: 'deactivating',
  'stop-watchdog': 'deactivating',
  'stop-sigterm': 'deactivating',
  'stop-sigkill': 'deactivating',
  'stop-post': 'deactivating',
  'final-sigterm': 'deactivating',
  'final-sigkill': 'deactivating',
  failed: 'failed',
  'auto-restart': 'activating',
};

/** What can happen to a service. */
export type ServiceEvent =
  | 'start'
  | 'stop'
  | 'reload'
  /** The main process, or the control process (a command beside it), ended. */
  | 'mainExited'
  | 'controlExited'
  /** The last process of the group is gone. */
  | 'groupEmptied'
  /** The kernel killed one of its processes for want of memory. */
  | 'oomKilled'
  | 'timedOut'
  /** READY=1, RELOADING=1, STOPPING=1 of sd_notify(3). */
  | 'ready'
  | 'reloading'
  | 'stopping'
  /** The main process has become the program that it is for. */
  | 'executed'
  /** The daemon of a forking service may have shown itself. */
  | 'daemonDue'
  | 'watchdogExpired'
  | 'restartDue';

/** What a service does about it; each is a method of `Service`. */
export type ServiceAction =
  | 'ignore'
  | 'begin'
  | 'cancelRestart'
  | 'requestRestart'
  | 'conditionExited'
  | 'startPreExited'
  | 'startMainExited'
  | 'forkingParentExited'
  | 'becomeReady'
  | 'becomeExecuted'
  | 'lookForDaemon'
  | 'startGroupEmptied'
  | 'abortStart'
  | 'startTimedOut'
  | 'startPostExited'
  | 'startPostTimedOut'
  | 'runningMainExited'
  | 'runningGroupEmptied'
  | 'runningTimedOut'
  | 'stopInOrder'
  | 'stopByItself'
  | 'beginReload'
  | 'reloadByItself'
  | 'endOwnReload'
  | 'reloadMainExited'
  | 'reloadExited'
  | 'reloadTimedOut'
  | 'stopCommandExited'
  | 'stopCommandTimedOut'
  | 'watchdogKill'
  | 'afterOomKill'
  | 'afterStopSignal'
  | 'stopSignalTimedOut'
  | 'stopPostExited'
  | 'stopPostTimedOut'
  | 'afterFinalSignal'
  | 'finalSignalTimedOut';

type Row = Readonly<Record<ServiceEvent, ServiceAction>>;

/** A row in which nothing matters but what is named. */
function row(cells: Partial<Row>): Row {
  return {
    start: 'ignore',
    stop: 'ignore',
    reload: 'ignore',
    mainExited: 'ignore',
    controlExited: 'ignore',
    groupEmptied: 'ignore',
    oomKilled: 'ignore',
    timedOut: 'ignore',
    ready: 'ignore',
    reloading: 'ignore',
    stopping: 'ignore',
    executed: 'ignore',
    daemonDue: 'ignore',
    watchdogExpired: 'ignore',
    restartDue: 'ignore',
    ...cells,
  };
}

const signalled = row({
  mainExited: 'afterStopSignal',
  controlExited: 'afterStopSignal',
  groupEmptied: 'afterStopSignal',
  timedOut: 'stopSignalTimedOut',
});

const finallySignalled = row({
  mainExited: 'afterFinalSignal',
  controlExited: 'afterFinalSignal',
  groupEmptied: 'afterFinalSignal',
  timedOut: 'finalSignalTimedOut',
});

/**
 * The supervisor, whole: what a service in a state does when something happens. That a process ended is written down before any action; `ignore` for an exit means that and no more. Requests that a
 * state cannot take yet (a start while it stops) stay in the job queue and come again with the next change of state.
 */
export const SERVICE_TABLE: Readonly<Record<ServiceState, Row>> = {
  dead: row({ start: 'begin' }),
  failed: row({ start: 'begin' }),
  'auto-restart': row({ stop: 'cancelRestart', restartDue: 'requestRestart' }),
  condition: row({
    stop: 'abortStart',
    controlExited: 'conditionExited',
    oomKilled: 'afterOomKill',
    timedOut: 'startTimedOut',
  }),
  'start-pre': row({
    stop: 'abortStart',
    controlExited: 'startPreExited',
    oomKilled: 'afterOomKill',
    timedOut: 'startTimedOut',
  }),
  start: row({
    stop: 'abortStart',
    mainExited: 'startMainExited',
    controlExited: 'forkingParentExited',
    groupEmptied: 'startGroupEmptied',
    oomKilled: 'afterOomKill',
    timedOut: 'startTimedOut',
    ready: 'becomeReady',
    executed: 'becomeExecuted',
    daemonDue: 'lookForDaemon',
  }),
  'start-post': row({
    stop: 'abortStart',
    controlExited: 'startPostExited',
    oomKilled: 'afterOomKill',
    timedOut: 'startPostTimedOut',
  }),
  running: row({
    stop: 'stopInOrder',
    reload: 'beginReload',
    mainExited: 'runningMainExited',
    groupEmptied: 'runningGroupEmptied',
    oomKilled: 'afterOomKill',
    timedOut: 'runningTimedOut',
    reloading: 'reloadByItself',
    stopping: 'stopByItself',
    watchdogExpired: 'watchdogKill',
  }),
  exited: row({ stop: 'stopInOrder', reload: 'beginReload', oomKilled: 'afterOomKill' }),
  reload: row({
    stop: 'abortStart',
    mainExited: 'reloadMainExited',
    controlExited: 'reloadExited',
    oomKilled: 'afterOomKill',
    timedOut: 'reloadTimedOut',
    ready: 'endOwnReload',
    watchdogExpired: 'watchdogKill',
  }),
  stop: row({ controlExited: 'stopCommandExited', timedOut: 'stopCommandTimedOut' }),
  'stop-watchdog': signalled,
  'stop-sigterm': signalled,
  'stop-sigkill': signalled,
  'stop-post': row({ controlExited: 'stopPostExited', timedOut: 'stopPostTimedOut' }),
  'final-sigterm': finallySignalled,
  'final-sigkill': finallySignalled,
};
