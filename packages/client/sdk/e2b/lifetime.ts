/** A timer that does not hold the program: one that ends earlier leaves what it was for. */
export class Lifetime {
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #onEnd: () => Promise<unknown>;

  constructor(onEnd: () => Promise<unknown>) {
    this.#onEnd = onEnd;
  }

  /** From now on; 0 for at once, undefined for never. */
  set(timeoutMs: number | undefined): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (timeoutMs === undefined) return;
    const timer = setTimeout(() => {
      this.#onEnd().catch(() => {}); // WHY: what was to be ended may be gone by now, and nobody waits for the answer
    }, timeoutMs);
    this.#timer = timer;
    // A browser's timer is a number, and holds nothing.
    if (typeof timer === 'object') timer.unref();
  }
}
