import { boottimeUs, realtimeUs } from '@bhatti/sys/clock.ts';
import { openClockChange, takeClockChange } from '@bhatti/sys/clock-change.ts';
import { FILE_EVENTS, openFileWatch } from '@bhatti/sys/file-watch.ts';
import { readProcess } from '@bhatti/sys/process/identity.ts';
import type { EventThread } from '../event-thread/event-thread.ts';
import { ReadableFd } from './readable.ts';

export type ClockChange = 'time' | 'zone';

/** The clocks, and when somebody changes what the one on the wall shows. */
export interface WallClock {
  realtimeUs(): number;
  boottimeUs(): number;
  /** When this sandbox was started, µs of the boot clock. */
  readonly startupBootUs: number;
  /** Nothing is watched before the first who wants to know. */
  onChanged(listener: (change: ClockChange) => void): Disposable;
}

const ticksPerSecond = 100; // USER_HZ, the same everywhere
const { attributes, created, deleted, movedFrom, movedTo } = FILE_EVENTS;

export function openWallClock(thread: EventThread): WallClock {
  const listeners = new Set<(change: ClockChange) => void>();
  const tell = (change: ClockChange) => {
    for (const listener of listeners) listener(change);
  };
  let isWatching = false;
  return {
    realtimeUs,
    boottimeUs,
    // PID 1 is as old as the sandbox and survives everything in it.
    startupBootUs: ((readProcess(1)?.startTicks ?? 0) * 1_000_000) / ticksPerSecond,
    onChanged(listener) {
      listeners.add(listener);
      if (!isWatching) watch(thread, tell);
      isWatching = true;
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
  };
}

function watch(thread: EventThread, tell: (change: ClockChange) => void): void {
  const clock = openClockChange();
  const clockReadable = new ReadableFd(thread, clock, () => {
    if (takeClockChange(clock)) tell('time');
    clockReadable.arm();
  });
  clockReadable.arm();
  const files = openFileWatch();
  files.add('/etc', attributes | created | deleted | movedFrom | movedTo);
  const filesReadable = new ReadableFd(thread, files.descriptor, () => {
    if (files.read().some(({ name, watch: whose }) => name === 'localtime' || whose === -1)) tell('zone');
    filesReadable.arm();
  });
  filesReadable.arm();
}
