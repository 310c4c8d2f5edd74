import { CodedError } from './errors.ts';

/**
 * What anything slow takes as its first parameter: when to stop, by whose word, and where to write its story. The log is bounded;
 * an error that ends a long operation carries it, so that a failure reads like a story.
 */
export interface Operation {
  readonly signal: AbortSignal;
  /** Milliseconds left before the deadline; Infinity without one. Never negative. */
  remainingMs(): number;
  /** Adds one line to the operation's log and announces it to whoever follows the progress. */
  log(line: string): void;
  lines(): readonly string[];
  /** Throws TIMED_OUT or ABORTED when the operation is over. */
  check(): void;
}

export interface OperationOptions {
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  readonly onLog?: (line: string) => void;
}

const maxLogLines = 200; // enough for a boot's whole story, little enough to travel in an error

/** A new operation. `dispose` it when done, so that its timer does not hold the process. */
export function startOperation(options: OperationOptions = {}): Operation & Disposable {
  const controller = new AbortController();
  const lines: string[] = [];
  const startedAt = performance.now();
  const timeoutMs = options.timeoutMs ?? Infinity;
  const abortFromParent = () => controller.abort(options.signal?.reason ?? abortedError('caller'));
  const timer =
    timeoutMs === Infinity ? undefined : setTimeout(() => controller.abort(timedOutError(timeoutMs)), timeoutMs);
  if (options.signal?.aborted) abortFromParent();
  else options.signal?.addEventListener('abort', abortFromParent, { once: true });

  return {
    signal: controller.signal,
    remainingMs: () => Math.max(0, timeoutMs - (performance.now() - startedAt)),
    log(line) {
      if (lines.length === maxLogLines) lines.shift();
      lines.push(line);
      options.onLog?.(line);
    },
    lines: () => lines,
    check() {
      if (controller.signal.aborted) throw abortReason(controller.signal);
    },
    [Symbol.dispose]() {
      if (timer !== undefined) clearTimeout(timer);
      options.signal?.removeEventListener('abort', abortFromParent);
    },
  };
}

/** Why a signal was aborted, as a CodedError. */
export function abortReason(signal: AbortSignal): CodedError {
  return signal.reason instanceof CodedError ? signal.reason : abortedError('caller');
}

/** Resolves after `ms`, or rejects at once when the operation ends. */
export function sleep(op: Pick<Operation, 'signal'>, ms: number): Promise<void> {
  return new Promise((resolve, reject) => {
    if (op.signal.aborted) return reject(abortReason(op.signal));
    const abort = () => {
      clearTimeout(timer);
      reject(abortReason(op.signal));
    };
    const timer = setTimeout(() => {
      op.signal.removeEventListener('abort', abort);
      resolve();
    }, ms);
    op.signal.addEventListener('abort', abort, { once: true });
  });
}

function timedOutError(afterMs: number): CodedError<'TIMED_OUT'> {
  return new CodedError('TIMED_OUT', `timed out after ${afterMs} ms`, { afterMs });
}

function abortedError(by: string): CodedError<'ABORTED'> {
  return new CodedError('ABORTED', 'cancelled', { by });
}
