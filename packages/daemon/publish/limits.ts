import { CodedError } from '@bhatti/base/errors.ts';

// Behind an ssh forward or a reverse proxy everybody comes from one address, and a desktop page or a development server opens a hundred requests at once: these are walls
// against a runaway program, not a budget.
const perSource = 2_048;
const perAlias = 4_096;

/** Counts the exchanges and upgrades that are under way. */
export class PublishLimits {
  readonly #sources = new Map<string, number>();
  readonly #aliases = new Map<string, number>();

  /** Admits one until the result is disposed. Throws RATE_LIMITED. */
  enter(source: string, alias: string): Disposable {
    if ((this.#sources.get(source) ?? 0) >= perSource) throw tooMany(`from ${source}`);
    if ((this.#aliases.get(alias) ?? 0) >= perAlias) throw tooMany(`to "${alias}"`);
    add(this.#sources, source, 1);
    add(this.#aliases, alias, 1);
    let isOver = false;
    return {
      [Symbol.dispose]: () => {
        if (isOver) return;
        isOver = true;
        add(this.#sources, source, -1);
        add(this.#aliases, alias, -1);
      },
    };
  }
}

function add(counts: Map<string, number>, key: string, by: number): void {
  const count = (counts.get(key) ?? 0) + by;
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
}

function tooMany(where: string): CodedError {
  return new CodedError('RATE_LIMITED', `too many connections ${where} at once`, { retryAfterMs: 1_000 });
}
