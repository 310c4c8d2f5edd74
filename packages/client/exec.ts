import {
  ExecDetachedReplySchema,
  ExecReplySchema,
  ExecSessionSchema,
  type ExecDetachedReply,
  type ExecRequest,
  type ExecSession,
} from '@bhatti/wire/agent/exec.ts';
import { listOf } from '@bhatti/wire/schema.ts';

import { sandboxPath, type Api } from './api.ts';
import { openExecStream, type ExecOutput, type ExecStream } from './exec-stream.ts';
import type { Caller } from './transport.ts';

/** What a finished command left. */
export interface ExecResult {
  /** 128 + number when a signal ended it, 124 when its time was over. */
  readonly exitCode: number;
  readonly signal?: string | undefined;
  readonly timedOut: boolean;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  /** Whether output beyond 10 MiB was cut off; a stream has no such limit. */
  readonly truncated: boolean;
}

type Command = Omit<ExecRequest, 'detach' | 'tty' | 'keep' | 'stdin' | 'outputFile'>;

export function execCalls(api: Api) {
  return {
    /** Runs a command to its end. Aborting the caller kills it. */
    async run(caller: Caller, sandbox: string, command: Command): Promise<ExecResult> {
      const reply = await api.call(caller, ExecReplySchema, { ...post(sandbox), json: command });
      return {
        exitCode: reply.exitCode,
        signal: reply.signal,
        timedOut: reply.timedOut ?? false,
        stdout: bytesOf(reply.stdoutBase64),
        stderr: bytesOf(reply.stderrBase64),
        truncated: reply.truncated ?? false,
      };
    },
    /** Starts a command that outlives the caller, its output in a file of the sandbox. */
    detach: (
      caller: Caller,
      sandbox: string,
      command: Command & { outputFile?: string | undefined },
    ): Promise<ExecDetachedReply> =>
      api.call(caller, ExecDetachedReplySchema, { ...post(sandbox), json: { ...command, detach: true } }),
    /** Runs a command with streams, or on a terminal (`tty`). */
    open: (caller: Caller, sandbox: string, request: ExecRequest, output: ExecOutput): Promise<ExecStream> =>
      openExecStream(api, caller, sandbox, { request }, output),
    /** Takes over a session that was kept (`keep`). */
    attach: (caller: Caller, sandbox: string, session: string, output: ExecOutput): Promise<ExecStream> =>
      openExecStream(api, caller, sandbox, { session }, output),
    sessions: (caller: Caller, sandbox: string): Promise<ExecSession[]> =>
      api.call(caller, listOf(ExecSessionSchema), { method: 'GET', path: sandboxPath(sandbox, '/sessions') }),
  };
}

function post(sandbox: string) {
  return { method: 'POST', path: sandboxPath(sandbox, '/exec') } as const;
}

function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
