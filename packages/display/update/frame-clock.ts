/** What is paced. */
export interface ClockedSource {
  readonly isDamaged: boolean;
  /** Captures; the promise settles when the next capture may begin. */
  capture(): Promise<void>;
}

/**
 * Decides when the screen is captured: at once when it changed after a rest, and otherwise at the frame rate; only while somebody could use the frame. After a rest two frames may follow each other at once,
 * since many programs draw in two steps, and the second is what a person waits for. Without damage or without anybody who looks, no
 * timer runs.
 */
export class FrameClock {
  readonly #source: ClockedSource;
  readonly #intervalMs: () => number;
  readonly #isWanted: () => boolean;
  /** When the next frame would be due if all had come at the frame rate. */
  #dueAtMs = -Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #capturing: Promise<void> | undefined;
  #isStopped = false;

  constructor(source: ClockedSource, options: { readonly intervalMs: () => number; readonly isWanted: () => boolean }) {
    this.#source = source;
    this.#intervalMs = options.intervalMs;
    this.#isWanted = options.isWanted;
  }

  /** Something changed that may make a capture due: damage, a viewer that is ready, a free segment. */
  poke(): void {
    if (this.#isStopped || this.#capturing !== undefined || this.#timer !== undefined) return;
    if (!this.#source.isDamaged || !this.#isWanted()) return;
    const waitMs = this.#waitMs();
    if (waitMs <= 0) void this.#capture();
    else {
      this.#timer = setTimeout(() => {
        this.#timer = undefined;
        // Looks again: who wanted a frame may have left meanwhile.
        if (this.#isWanted()) void this.#capture();
      }, waitMs);
    }
  }

  /** Captures at once what is due, for somebody who is about to send; undefined when nothing is. */
  refresh(): Promise<void> | undefined {
    if (this.#isStopped) return undefined;
    if (this.#capturing !== undefined) return this.#capturing;
    if (!this.#source.isDamaged || this.#waitMs() > 0) return undefined;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    return this.#capture();
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  #waitMs(): number {
    return this.#dueAtMs - this.#intervalMs() - performance.now();
  }

  #capture(): Promise<void> {
    this.#dueAtMs = Math.max(this.#dueAtMs, performance.now()) + this.#intervalMs();
    this.#capturing = this.#source.capture().finally(() => {
      this.#capturing = undefined;
      this.poke();
    });
    return this.#capturing;
  }
}
