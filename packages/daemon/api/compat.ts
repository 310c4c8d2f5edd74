import { randomHex } from '@bhatti/base/ids.ts';
import { announce } from '@bhatti/base/log.ts';
import type { CodedError } from '@bhatti/base/errors.ts';
import type { ExecDetachedReply, ExecReply, ExecSession } from '@bhatti/wire/agent/exec.ts';
import { encodeError, type WireError } from '@bhatti/wire/error.ts';

/*
 * Where the API speaks as the original does, beside its own words: all of the translation is here.
 */

/** The original answers `{"error": …}`, and for its own defects only `internal error` with an id that leads to the log. */
export function errorDocument(error: CodedError): WireError & { request_id?: string } {
  if (error.code !== 'INTERNAL') return encodeError(error);
  const requestId = `req_${randomHex(8)}`;
  const cause = error.cause instanceof Error ? (error.cause.stack ?? error.cause.message) : error.stack;
  announce('daemon:error', { request_id: requestId, error: error.message, cause });
  return { error: 'internal error', code: 'INTERNAL', message: 'internal error', retry: false, request_id: requestId };
}

const originalTimeoutSeconds = 300; // what the original takes where none, or 0, is given
const longestTimeoutSeconds = 86_400;

/** An exec request in the original's words (`cmd`, `timeout_sec`) in ours; any other as it is. */
export function execDocument(document: unknown): unknown {
  if (typeof document !== 'object' || document === null || !('cmd' in document)) return document;
  const { cmd, timeout_sec, output_file, ...rest } = { timeout_sec: undefined, output_file: undefined, ...document };
  const seconds = typeof timeout_sec === 'number' && timeout_sec > 0 ? timeout_sec : originalTimeoutSeconds;
  return {
    argv: cmd,
    timeoutMs: Math.round(Math.min(seconds, longestTimeoutSeconds) * 1_000),
    ...(output_file === undefined ? {} : { outputFile: output_file }),
    ...rest,
  };
}

/** A finished command in both sets of words: exact bytes as base64, and text in which what is no UTF-8 is replaced. */
export function execReplyDocument(reply: ExecReply): object {
  const text = (base64: string) => Buffer.from(base64, 'base64').toString();
  return {
    ...reply,
    exit_code: reply.exitCode,
    stdout: text(reply.stdoutBase64),
    stderr: text(reply.stderrBase64) + (reply.truncated === true ? '\n[output truncated]\n' : ''),
  };
}

export function execDetachedDocument(reply: ExecDetachedReply): object {
  return { ...reply, output_file: reply.outputFile };
}

export function sessionDocument(session: ExecSession): object {
  return {
    ...session,
    session_id: session.sessionId,
    ...(session.exitCode === undefined ? {} : { exit_code: session.exitCode }),
    created_at: Math.floor(session.createdAtMs / 1_000),
  };
}
