import { CodedError, ERROR_SPECS, type ErrorCode, type ErrorDetails } from '@bhatti/base/errors.ts';
import { plainLine } from '@bhatti/base/bytes.ts';
import * as v from 'valibot';

/**
 * An error on any of our wires. `error` repeats the message where clients of the original read it. Stacks and causes never travel.
 */
export const WireErrorSchema = v.object({
  error: v.optional(v.string()),
  code: v.string(),
  message: v.string(),
  hint: v.optional(v.string()),
  details: v.optional(v.record(v.string(), v.unknown())),
  log: v.optional(v.array(v.string())),
  retry: v.optional(v.boolean()),
});
export type WireError = v.InferOutput<typeof WireErrorSchema>;

const maxTextLength = 2_000; // longer than any message of ours; bounds what a hostile guest can put before a person
const maxLogLines = 200;

export function encodeError(error: CodedError): WireError {
  return {
    error: error.message,
    code: error.code,
    message: error.message,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    details: { ...error.details },
    ...(error.log.length === 0 ? {} : { log: [...error.log] }),
    retry: error.spec.retry,
  };
}

/**
 * An error that arrived. An unknown code becomes PROTOCOL_VIOLATION; text is cut and freed of control characters, since it may come
 * from a guest.
 */
export function decodeError(value: unknown, peer: string): CodedError {
  const parsed = v.safeParse(WireErrorSchema, value);
  if (!parsed.success) return new CodedError('PROTOCOL_VIOLATION', `unreadable error from ${peer}`, { peer });
  const { code, message, hint, details, log } = parsed.output;
  const text = plainLine(message, maxTextLength);
  if (!isErrorCode(code))
    return new CodedError('PROTOCOL_VIOLATION', `unknown error "${plainLine(code, 60)}" from ${peer}: ${text}`, {
      peer,
    });
  return new CodedError(code, text, detailsOf(details), {
    ...(hint === undefined ? {} : { hint: plainLine(hint, maxTextLength) }),
    log: (log ?? []).slice(-maxLogLines).map((line) => plainLine(line, maxTextLength)),
  });
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERROR_SPECS, code);
}

function detailsOf(details: Record<string, unknown> | undefined): ErrorDetails[ErrorCode] {
  // SAFETY: details of an error that arrived are shown, never acted upon, so their exact shape is not relied on.
  return (details ?? {}) as unknown as ErrorDetails[ErrorCode];
}
