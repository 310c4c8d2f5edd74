import { realtimeUs } from '@bhatti/sys/clock.ts';
import type { ActiveState } from './service-table.ts';

/** When a unit last went in and out of activity; microseconds since the epoch, 0 for never. */
export interface StateTimes {
  stateChangeUs: number;
  inactiveExitUs: number;
  activeEnterUs: number;
  activeExitUs: number;
  inactiveEnterUs: number;
}

export function recordStateTime(times: StateTimes, from: ActiveState, to: ActiveState): void {
  const now = realtimeUs();
  times.stateChangeUs = now;
  const wasDown = isDown(from);
  const wasUp = isUp(from);
  if (wasDown && !isDown(to)) times.inactiveExitUs = now;
  if (!wasDown && isDown(to)) times.inactiveEnterUs = now;
  if (!wasUp && isUp(to)) times.activeEnterUs = now;
  if (wasUp && !isUp(to)) times.activeExitUs = now;
}

export function isDown(state: ActiveState): boolean {
  return state === 'inactive' || state === 'failed';
}

export function isUp(state: ActiveState): boolean {
  return state === 'active' || state === 'reloading';
}
