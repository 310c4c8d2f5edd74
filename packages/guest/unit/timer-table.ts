import type { ActiveState } from './service-table.ts';

/** systemd's states of a timer. */
export type TimerState = 'dead' | 'waiting' | 'running' | 'elapsed' | 'failed';

export const TIMER_ACTIVE_STATES: Readonly<Record<TimerState, ActiveState>> = {
  dead: 'inactive',
  waiting: 'active',
  running: 'active',
  elapsed: 'active',
  failed: 'failed',
};

export type TimerEvent =
  | 'start'
  | 'stop'
  /** One of its times has come. */
  | 'rang'
  /** The unit that it starts has changed. */
  | 'targetChanged'
  /** Somebody set the clock or the time zone. */
  | 'clockChanged'
  /** The clock or the zone was changed, and it is there for that. */
  | 'wanted'
  | 'reloaded';

export type TimerAction = 'ignore' | 'begin' | 'end' | 'fire' | 'awaitRest' | 'computeAgain' | 'rewind';

type Row = Readonly<Record<TimerEvent, TimerAction>>;

function row(cells: Partial<Row>): Row {
  return {
    start: 'ignore',
    stop: 'ignore',
    rang: 'ignore',
    targetChanged: 'ignore',
    clockChanged: 'ignore',
    wanted: 'ignore',
    reloaded: 'ignore',
    ...cells,
  };
}

const atRest = row({
  stop: 'end',
  rang: 'fire',
  targetChanged: 'computeAgain',
  clockChanged: 'rewind',
  wanted: 'fire',
  reloaded: 'computeAgain',
});

/** What a timer in a state does when something happens. While the unit that it has started runs it waits for the end of that. */
export const TIMER_TABLE: Readonly<Record<TimerState, Row>> = {
  dead: row({ start: 'begin' }),
  failed: row({ start: 'begin' }),
  waiting: atRest,
  elapsed: atRest,
  running: row({ stop: 'end', targetChanged: 'awaitRest' }),
};
