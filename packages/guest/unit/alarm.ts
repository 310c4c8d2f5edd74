import type { WallClock } from './wall-clock.ts';

const longestTimerMs = 0x7fff_ffff; // beyond it a timer fires at once

/** Moments of the two clocks; whichever comes first counts. */
export interface AlarmTimes {
  readonly bootUs: number | undefined;
  readonly realtimeUs: number | undefined;
}

/** Rings once, when one of the times has come: never before, and at once when it has been. */
export class Alarm {
  readonly #clock: Pick<WallClock, 'realtimeUs' | 'boottimeUs'>;
  readonly #ring: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(clock: Pick<WallClock, 'realtimeUs' | 'boottimeUs'>, ring: () => void) {
    this.#clock = clock;
    this.#ring = ring;
  }

  set(times: AlarmTimes): void {
    this.cancel();
    const untilBootUs = (times.bootUs ?? Infinity) - this.#clock.boottimeUs();
    const untilRealtimeUs = (times.realtimeUs ?? Infinity) - this.#clock.realtimeUs();
    const waitUs = Math.min(untilBootUs, untilRealtimeUs);
    if (waitUs === Infinity) return;
    // The runtime's timers are early at times, by less than a millisecond: then the rest is waited for.
    const ms = Math.min(Math.max(0, Math.ceil(waitUs / 1_000)), longestTimerMs);
    this.#timer = setTimeout(() => (isDue(times, this.#clock) ? this.#ring() : this.set(times)), ms);
  }

  cancel(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

function isDue(times: AlarmTimes, clock: Pick<WallClock, 'realtimeUs' | 'boottimeUs'>): boolean {
  return (
    (times.bootUs !== undefined && times.bootUs <= clock.boottimeUs()) ||
    (times.realtimeUs !== undefined && times.realtimeUs <= clock.realtimeUs())
  );
}
