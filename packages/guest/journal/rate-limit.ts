/** LogRateLimitIntervalSec= and LogRateLimitBurst= of systemd.exec(5). */
export interface RateLimitSpec {
  readonly intervalMs: number;
  /** So many lines in an interval are kept. */
  readonly burst: number;
}

/** Counts lines by intervals, the first of which begins with the first line. */
export class RateLimit {
  readonly #spec: RateLimitSpec;
  #beganAtUs = 0;
  #used = 0;
  #suppressed = 0;

  constructor(spec: RateLimitSpec) {
    this.#spec = spec;
  }

  /** How many of `count` lines that come now may be kept. */
  admit(count: number, nowUs: number): number {
    if (nowUs - this.#beganAtUs >= this.#spec.intervalMs * 1_000) {
      this.#beganAtUs = nowUs;
      this.#used = 0;
    }
    const admitted = Math.min(count, this.#spec.burst - this.#used);
    this.#used += admitted;
    this.#suppressed += count - admitted;
    return admitted;
  }

  /** How many were refused, once lines are admitted again; 0 before. */
  takeSuppressed(): number {
    if (this.#used >= this.#spec.burst) return 0;
    const suppressed = this.#suppressed;
    this.#suppressed = 0;
    return suppressed;
  }
}
