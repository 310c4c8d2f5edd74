/** Calls back once whenever nothing was going on for a while. Without a touch in between it does not call again, and no timer runs. */
export class IdleRest implements Disposable {
  readonly #afterMs: number;
  readonly #isBusy: () => boolean;
  readonly #rest: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #wasTouched = false;

  constructor(options: { readonly afterMs: number; readonly isBusy: () => boolean; readonly rest: () => void }) {
    this.#afterMs = options.afterMs;
    this.#isBusy = options.isBusy;
    this.#rest = options.rest;
    this.touch();
  }

  /** Something is going on. */
  touch(): void {
    this.#wasTouched = true;
    this.#timer ??= setTimeout(() => this.#look(), this.#afterMs);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }

  #look(): void {
    this.#timer = undefined;
    const isQuiet = !this.#wasTouched && !this.#isBusy();
    if (isQuiet) return this.#rest();
    this.#wasTouched = false;
    this.#timer = setTimeout(() => this.#look(), this.#afterMs);
  }
}
