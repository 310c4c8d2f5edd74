import { CodedError, toCodedError } from '@bhatti/base/errors.ts';
import { abortReason, sleep, startOperation, type Operation } from '@bhatti/base/operation.ts';

import type { LazyClient } from './lazy-client.ts';

/** What every call takes. */
export interface CallOptions {
  /** Ends the call: it throws ABORTED. */
  readonly signal?: AbortSignal | undefined;
  /** After which the call throws TIMED_OUT. Default: none. */
  readonly timeoutMs?: number | undefined;
}

/** When to try again. */
export interface RetryPolicy {
  /** How often. */
  readonly retries: number;
  /** After the first failure; four times as long after each further one. */
  readonly firstPauseMs: number;
}

const pauseFactor = 4;

/** How the object layer makes its calls: each with its own end, and those that may be made twice again where that can help. */
export class Calls {
  readonly client: LazyClient;
  readonly #policy: RetryPolicy;

  constructor(client: LazyClient, policy: RetryPolicy) {
    this.client = client;
    this.#policy = policy;
  }

  /** Made once: what may have begun is never begun again. */
  async once<T>(options: CallOptions, call: (op: Operation) => Promise<T>): Promise<T> {
    using op = startOperation(ending(options));
    return await attempt(op, call);
  }

  /** Within an operation of one's own, which goes on after the call. */
  within<T>(op: Operation, call: (op: Operation) => Promise<T>): Promise<T> {
    return attempt(op, call);
  }

  /** For what reads, or leaves the same when it is done twice. `tries` is how often it was tried before. */
  async repeat<T>(options: CallOptions, call: (op: Operation, tries: number) => Promise<T>): Promise<T> {
    using op = startOperation(ending(options));
    const { retries, firstPauseMs } = this.#policy;
    for (let tries = 0; ; tries += 1) {
      try {
        return await attempt(op, (running) => call(running, tries));
      } catch (error) {
        if (tries >= retries || !canHelp(error)) throw error;
        await sleep(op, firstPauseMs * pauseFactor ** tries);
      }
    }
  }
}

/** `startOperation` takes no `undefined`. */
export function ending({ signal, timeoutMs }: CallOptions) {
  return { ...(signal === undefined ? {} : { signal }), ...(timeoutMs === undefined ? {} : { timeoutMs }) };
}

async function attempt<T>(op: Operation, call: (op: Operation) => Promise<T>): Promise<T> {
  op.check();
  try {
    return await call(op);
  } catch (error) {
    // Whatever broke off because of it, the end of the call is the reason.
    throw op.signal.aborted ? abortReason(op.signal) : toCodedError(error);
  }
}

/** The code says whether another try can help; not where the caller has ended it, nor where a person must act first. */
function canHelp(error: unknown): boolean {
  return error instanceof CodedError && error.spec.retry && !pointless.has(error.code);
}

const pointless: ReadonlySet<string> = new Set(['ABORTED', 'TIMED_OUT', 'SANDBOX_WRONG_PHASE', 'BOOT_FAILED']);
