/**
 * Passes values from one who makes them to one who takes them, one at a time: `put` resolves when its value was taken, so that a slow taker slows the maker down. One taker at a
 * time; a taker that leaves early leaves the rest to the next one.
 */
export class HandOff<T> implements AsyncIterable<T> {
  #offered: { readonly value: T; readonly taken: () => void } | undefined;
  #end: { readonly error?: unknown } | undefined;
  #wake: (() => void) | undefined;
  #isDiscarding = false;
  #takers = 0;

  put(value: T): Promise<void> {
    if (this.#isDiscarding && this.#takers === 0) return Promise.resolve();
    return new Promise((taken) => {
      this.#offered = { value, taken };
      this.#wake?.();
    });
  }

  /** Nothing more comes; `error` is thrown at the taker. */
  end(error?: unknown): void {
    this.#end ??= error === undefined ? {} : { error };
    this.#wake?.();
  }

  /** From now on, what nobody is there to take is dropped. */
  discard(): void {
    this.#isDiscarding = true;
    if (this.#takers === 0) this.#take();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    this.#takers += 1;
    try {
      for (;;) {
        const offered = this.#offered;
        if (offered !== undefined) {
          this.#take();
          yield offered.value;
        } else if (this.#end !== undefined) {
          if ('error' in this.#end) throw this.#end.error;
          return;
        } else await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    } finally {
      this.#takers -= 1;
      if (this.#isDiscarding && this.#takers === 0) this.#take();
    }
  }

  #take(): void {
    const offered = this.#offered;
    this.#offered = undefined;
    offered?.taken();
  }
}
