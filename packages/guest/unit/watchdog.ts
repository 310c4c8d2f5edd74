const longestTimerMs = 0x7fff_ffff; // beyond it a timer fires at once

/** systemd.service(5), WatchdogSec=: a service that is not heard of for so long is taken for hung. Nothing of it is recorded: after lohar's death it has one interval more. */
export class Watchdog {
  readonly #bite: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(bite: () => void) {
    this.#bite = bite;
  }

  /** 0 and Infinity: none is set. */
  pet(withinMs: number): void {
    this.rest();
    if (withinMs > 0 && withinMs <= longestTimerMs) this.#timer = setTimeout(() => this.#bite(), withinMs);
  }

  rest(): void {
    clearTimeout(this.#timer);
  }
}
