import { abortReason } from '@bhatti/base/operation.ts';

export interface RestOptions {
  /** How long nothing may have changed. */
  readonly quietMs: number;
  /** How long a first change is waited for. */
  readonly changeMs: number;
  /** After this it is over. */
  readonly maxMs: number;
}

/** What is watched: the screen's frames, of which there is a new one only when pixels differ. */
export interface WatchedScreen {
  capture(): Promise<void>;
  readonly serial: number;
  /** Something was drawn since the newest frame. */
  readonly isDamaged: boolean;
}

/** What an operator that says nothing of them gets. */
const usual: RestOptions = {
  quietMs: 30, // two frames of a screen of 60 Hz
  changeMs: 150, // a program that does something at a click shows it within this
  maxMs: 3_000,
};

export function restOptions(asked: { readonly [K in keyof RestOptions]?: number | undefined }): RestOptions {
  return {
    quietMs: asked.quietMs ?? usual.quietMs,
    changeMs: asked.changeMs ?? usual.changeMs,
    maxMs: asked.maxMs ?? usual.maxMs,
  };
}

const leastGapMs = 4; // between two looks: a program that paints without end must not be compared without end

/** Tells when the screen changes and when it has come to rest, by what X says was drawn: nothing is polled. */
export class ScreenRest {
  readonly #screen: WatchedScreen;
  readonly #waiting = new Set<() => void>();

  constructor(screen: WatchedScreen) {
    this.#screen = screen;
  }

  /** Something was drawn. */
  noteDamage(): void {
    for (const wake of this.#waiting) wake();
  }

  /** Until a frame is another one than `serial`; false when none is within `timeoutMs`. */
  async change(serial: number, timeoutMs: number, signal: AbortSignal): Promise<boolean> {
    const endsAtMs = performance.now() + timeoutMs;
    for (;;) {
      await this.#screen.capture();
      if (this.#screen.serial !== serial) return true;
      const leftMs = endsAtMs - performance.now();
      if (leftMs <= 0) return false;
      await this.#damage(leftMs, signal);
    }
  }

  /** Until the screen has changed since frame `serial`, or does not, and then rests. False when it did not come to rest. */
  async rest(serial: number, { quietMs, changeMs, maxMs }: RestOptions, signal: AbortSignal): Promise<boolean> {
    const endsAtMs = performance.now() + maxMs;
    if (!(await this.change(serial, Math.min(changeMs, maxMs), signal))) return true;
    for (;;) {
      const seen = this.#screen.serial;
      const leftMs = endsAtMs - performance.now();
      if (leftMs <= 0) return false;
      // A program that paints without end leaves no look without a change.
      await this.#damage(Math.min(leastGapMs, leftMs), signal);
      if (!(await this.change(seen, Math.min(quietMs, leftMs), signal))) return leftMs >= quietMs;
    }
  }

  /** Until something is drawn, or `ms` are over. */
  async next(ms: number, signal: AbortSignal): Promise<void> {
    await this.#screen.capture();
    await this.#damage(ms, signal);
  }

  async #damage(ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) throw abortReason(signal);
    await this.#wait(Math.min(ms, leastGapMs), signal, false);
    if (ms > leastGapMs && !this.#screen.isDamaged) await this.#wait(ms - leastGapMs, signal, true);
    if (signal.aborted) throw abortReason(signal);
  }

  #wait(ms: number, signal: AbortSignal, untilDamage: boolean): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    if (untilDamage) this.#waiting.add(resolve);
    const abort = () => resolve();
    signal.addEventListener('abort', abort, { once: true });
    return promise.finally(() => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      this.#waiting.delete(resolve);
    });
  }
}
