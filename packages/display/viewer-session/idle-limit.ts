/** Calls back once when nothing was touched for a while. A touch costs no timer: the one that runs looks when the last touch was. */
export class IdleLimit {
  readonly #limitMs: number;
  readonly #onIdle: () => void;
  #touchedAtMs = performance.now();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** 0 is no limit. Nothing runs before `start`. */
  constructor(limitMs: number, onIdle: () => void) {
    this.#limitMs = limitMs;
    this.#onIdle = onIdle;
  }

  start(): void {
    this.touch();
    if (this.#limitMs > 0) this.#wait(this.#limitMs);
  }

  touch(): void {
    this.#touchedAtMs = performance.now();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #wait(ms: number): void {
    this.#timer = setTimeout(() => {
      const leftMs = this.#touchedAtMs + this.#limitMs - performance.now();
      if (leftMs <= 0) this.#onIdle();
      else this.#wait(leftMs);
    }, ms);
  }
}
