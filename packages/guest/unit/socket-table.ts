import type { ActiveState } from './service-table.ts';

/** systemd's states of a socket. */
export type SocketState =
  | 'dead'
  | 'start-pre'
  | 'start-post'
  | 'listening'
  | 'running'
  | 'stop-pre'
  | 'stop-pre-sigterm'
  | 'stop-pre-sigkill'
  | 'stop-post'
  | 'final-sigterm'
  | 'final-sigkill'
  | 'failed';

export const SOCKET_ACTIVE_STATES: Readonly<Record<SocketState, ActiveState>> = {
  dead: 'inactive',
  'start-pre': 'activating',
  'start-post': 'activating',
  listening: 'active',
  running: 'active',
  'stop-pre': 'deactivating',
  'stop-pre-sigterm': 'deactivating',
  'stop-pre-sigkill': 'deactivating',
  'stop-post': 'deactivating',
  'final-sigterm': 'deactivating',
  'final-sigkill': 'deactivating',
  failed: 'failed',
};

export type SocketEvent =
  | 'start'
  | 'stop'
  /** A command of its own ended, or the last process that such a command left. */
  | 'controlExited'
  | 'groupEmptied'
  | 'timedOut'
  /** A connection waits, or data. */
  | 'incoming'
  /** The service that it starts has changed. */
  | 'targetChanged';

export type SocketAction =
  | 'ignore'
  | 'begin'
  | 'startPreExited'
  | 'startPostExited'
  | 'startTimedOut'
  | 'take'
  | 'followTarget'
  | 'stopInOrder'
  | 'abortStart'
  | 'stopPreExited'
  | 'stopPreTimedOut'
  | 'afterStopSignal'
  | 'stopSignalTimedOut'
  | 'stopPostExited'
  | 'stopPostTimedOut'
  | 'afterFinalSignal'
  | 'finalSignalTimedOut';

type Row = Readonly<Record<SocketEvent, SocketAction>>;

function row(cells: Partial<Row>): Row {
  return {
    start: 'ignore',
    stop: 'ignore',
    controlExited: 'ignore',
    groupEmptied: 'ignore',
    timedOut: 'ignore',
    incoming: 'ignore',
    targetChanged: 'ignore',
    ...cells,
  };
}

const signalled = row({
  controlExited: 'afterStopSignal',
  groupEmptied: 'afterStopSignal',
  timedOut: 'stopSignalTimedOut',
});
const finallySignalled = row({
  controlExited: 'afterFinalSignal',
  groupEmptied: 'afterFinalSignal',
  timedOut: 'finalSignalTimedOut',
});

/** What a socket in a state does when something happens. While its service runs, what comes in is the service's. */
export const SOCKET_TABLE: Readonly<Record<SocketState, Row>> = {
  dead: row({ start: 'begin' }),
  failed: row({ start: 'begin' }),
  'start-pre': row({ stop: 'abortStart', controlExited: 'startPreExited', timedOut: 'startTimedOut' }),
  'start-post': row({ stop: 'abortStart', controlExited: 'startPostExited', timedOut: 'startTimedOut' }),
  listening: row({ stop: 'stopInOrder', incoming: 'take', targetChanged: 'followTarget' }),
  running: row({ stop: 'stopInOrder', targetChanged: 'followTarget' }),
  'stop-pre': row({ controlExited: 'stopPreExited', timedOut: 'stopPreTimedOut' }),
  'stop-pre-sigterm': signalled,
  'stop-pre-sigkill': signalled,
  'stop-post': row({ controlExited: 'stopPostExited', timedOut: 'stopPostTimedOut' }),
  'final-sigterm': finallySignalled,
  'final-sigkill': finallySignalled,
};
