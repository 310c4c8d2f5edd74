import { ERROR_SPECS, type ErrorCode, type ErrorDetails, type ErrorSpec } from './error-table.ts';

export type { ErrorCode, ErrorDetails, ErrorSpec } from './error-table.ts';
export { ERROR_SPECS } from './error-table.ts';

export interface CodedErrorOptions {
  readonly cause?: unknown;
  /** What to do about it, one line. The CLI prints it as `hint:`. */
  readonly hint?: string;
  /** The last lines of a long operation's own log, oldest first. */
  readonly log?: readonly string[];
}

/**
 * The one error of this project. `code` is the contract, `message` is for people: what failed, which one, why, in one line
 * without a full stop, values quoted. `cause` is for the log and never leaves the process.
 */
export class CodedError<C extends ErrorCode = ErrorCode> extends Error {
  readonly code: C;
  readonly details: ErrorDetails[C];
  readonly hint: string | undefined;
  readonly log: readonly string[];

  constructor(code: C, message: string, details: ErrorDetails[C], options: CodedErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'CodedError';
    this.code = code;
    this.details = details;
    this.hint = options.hint;
    this.log = options.log ?? [];
  }

  get spec(): ErrorSpec {
    return ERROR_SPECS[this.code];
  }
}

/** Whether `error` is ours and has this code; narrows its details. */
export function hasCode<C extends ErrorCode>(error: unknown, code: C): error is CodedError<C> {
  return error instanceof CodedError && error.code === code;
}

/** Every thrown thing as a CodedError: ours as it is, anything else as INTERNAL with the original as cause. */
export function toCodedError(error: unknown): CodedError {
  if (error instanceof CodedError) return error;
  return new CodedError('INTERNAL', `internal error: ${describe(error)}`, {}, { cause: error });
}

/** One line that describes any thrown thing, for messages. */
export function describe(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n', 1)[0] ?? '';
}

/** For our own bugs only; untrusted input never reaches it. Throws INTERNAL. */
export function assert(condition: unknown, what: string): asserts condition {
  if (!condition) throw new CodedError('INTERNAL', `assertion failed: ${what}`, {});
}
