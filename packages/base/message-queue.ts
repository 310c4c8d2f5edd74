/** What arrived and nobody took yet: put in by events, taken out with `for await`, by one taker, in order. */
export class MessageQueue<T> implements AsyncIterable<T> {
  readonly #waiting: T[] = [];
  #end: { readonly error: unknown } | 'in order' | undefined;
  #wake: (() => void) | undefined;
  /** Called whenever the taker has caught up. */
  onEmptied: (() => void) | undefined;

  put(message: T): void {
    this.#waiting.push(message);
    this.#wake?.();
  }

  /** Nothing more comes; the taker still gets what is here. The first end counts. */
  end(): void {
    this.#end ??= 'in order';
    this.#wake?.();
  }

  /** As `end`, but then throws `error` at the taker. */
  fail(error: unknown): void {
    this.#end ??= { error };
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncIterator<T> {
    for (;;) {
      if (this.#waiting.length > 0) {
        // SAFETY: the length was looked at; `undefined` may be a message of type T.
        const message = this.#waiting.shift()!;
        if (this.#waiting.length === 0) this.onEmptied?.();
        yield message;
      } else if (this.#end === 'in order') return;
      else if (this.#end !== undefined) throw this.#end.error;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}
