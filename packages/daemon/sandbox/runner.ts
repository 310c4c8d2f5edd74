import { abortReason, type Operation } from '@bhatti/base/operation.ts';

/** Lets one operation at a time at a sandbox; others wait their turn, in order. */
export class Runner {
  #tail: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  /** Whether nothing runs and nothing waits. */
  get isIdle(): boolean {
    return this.#waiting === 0;
  }

  /** Runs `body` when all before it have ended. Who waits may leave by ending the operation; `body` is then never begun. */
  async run<T>(op: Operation, body: () => Promise<T>): Promise<T> {
    this.#waiting += 1;
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    const before = this.#tail;
    // The turn passes on only when both this one and all before it have ended, also when this one gives up waiting.
    this.#tail = Promise.all([before, ended]);
    try {
      await untilAborted(op, before);
      op.check();
      return await body();
    } finally {
      this.#waiting -= 1;
      end();
    }
  }
}

/** Waits for `promise`, or rejects when the operation ends first; the promise goes on by itself then. */
export function untilAborted<T>(op: Pick<Operation, 'signal'>, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(abortReason(op.signal));
    if (op.signal.aborted) return abort();
    op.signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => op.signal.removeEventListener('abort', abort));
  });
}
