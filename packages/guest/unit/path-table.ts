import type { ActiveState } from './service-table.ts';

/** systemd's states of a path. */
export type PathState = 'dead' | 'waiting' | 'running' | 'failed';

export const PATH_ACTIVE_STATES: Readonly<Record<PathState, ActiveState>> = {
  dead: 'inactive',
  waiting: 'active',
  running: 'active',
  failed: 'failed',
};

export type PathEvent =
  | 'start'
  | 'stop'
  /** Something happened to a file or to a directory on the way to it. */
  | 'stirred'
  /** The unit that it starts has changed. */
  | 'targetChanged'
  | 'reloaded';

export type PathAction = 'ignore' | 'begin' | 'end' | 'look' | 'awaitRest' | 'noticeStart' | 'watchAgain';

type Row = Readonly<Record<PathEvent, PathAction>>;

function row(cells: Partial<Row>): Row {
  return { start: 'ignore', stop: 'ignore', stirred: 'ignore', targetChanged: 'ignore', reloaded: 'ignore', ...cells };
}

/** What a path in a state does when something happens. While the unit that it has started runs, it does not look. */
export const PATH_TABLE: Readonly<Record<PathState, Row>> = {
  dead: row({ start: 'begin' }),
  failed: row({ start: 'begin' }),
  waiting: row({ stop: 'end', stirred: 'look', targetChanged: 'noticeStart', reloaded: 'watchAgain' }),
  running: row({ stop: 'end', targetChanged: 'awaitRest' }),
};
