import type { ExecDetachedReply, ExecRequest, ExecSession } from '@bhatti/wire/agent/exec.ts';

import { bytesOf, isWhole, toBase64, type Content, type ContentStream } from './bytes.ts';
import type { Calls, CallOptions } from './calls.ts';
import { collectStream, resultOf } from './exec-collect.ts';
import type { ExecExit, ExecProcess } from './exec-process.ts';
import { openProcess } from './exec-open.ts';

export interface CommandOptions extends CallOptions {
  /** Wins over the sandbox's own. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Default: `/`, on a terminal `/workspace`. */
  readonly cwd?: string | undefined;
  /** Name or number; default `lohar`. */
  readonly user?: string | undefined;
  /** After which the command is ended: SIGTERM, after 2 s SIGKILL. The result then says `timedOut`, with exit code 124. */
  readonly timeoutMs?: number | undefined;
}

export interface ExecOptions extends CommandOptions {
  readonly stdin?: Content | ContentStream | undefined;
  /** Called with output as it comes. The command waits while a promise that was returned is not resolved. */
  readonly onStdout?: ((bytes: Uint8Array) => unknown) | undefined;
  readonly onStderr?: ((bytes: Uint8Array) => unknown) | undefined;
}

export interface StreamOptions extends CommandOptions {
  /** `'open'`: there is something to read, and `process.stdin` gives it. Else stdin is at its end from the start, but on a terminal. */
  readonly stdin?: 'open' | undefined;
  /** Runs it on a terminal of this size. */
  readonly tty?: { readonly rows: number; readonly cols: number } | undefined;
  /** The command outlives this program; see `session` and `exec.attach`. Needs `tty`. */
  readonly keep?: boolean | undefined;
}

/** What a finished command left. */
export interface ExecResult extends ExecExit {
  /** As UTF-8; what is none is replaced. */
  readonly stdout: string;
  readonly stderr: string;
  readonly stdoutBytes: Uint8Array;
  readonly stderrBytes: Uint8Array;
  /** Whether the output here was cut at 10 MiB in sum. `onStdout`, `onStderr` and `exec.stream` get all of it. */
  readonly truncated: boolean;
}

/** Commands of one sandbox. No shell reads `argv`. */
export interface Exec {
  /** Runs a command to its end. That it exits with another code than 0 is a result, not an error. Ended by `signal`, it is killed. */
  (argv: readonly string[], options?: ExecOptions): Promise<ExecResult>;
  /** Starts a command and gives its streams. */
  stream(argv: readonly string[], options?: StreamOptions): Promise<ExecProcess>;
  /** Starts a command that goes on without this program, with its output in a file of the sandbox. */
  detach(argv: readonly string[], options?: CommandOptions & { readonly outputFile?: string }): Promise<DetachedExec>;
  /** Commands that were kept. */
  sessions(options?: CallOptions): Promise<ExecSession[]>;
  attach(session: string, options?: Pick<CallOptions, 'signal'>): Promise<ExecProcess>;
}

export interface DetachedExec {
  readonly pid: number;
  readonly outputFile: string;
}

/** Never made twice: what may have begun is not begun again. */
export function execOf(calls: Calls, sandbox: string): Exec {
  const open = (what: { readonly request: ExecRequest } | { readonly session: string }, signal?: AbortSignal) =>
    openProcess(calls, sandbox, what, signal);

  const run = async (argv: readonly string[], options: ExecOptions = {}): Promise<ExecResult> => {
    const { stdin, onStdout, onStderr, ...command } = options;
    const isStreamed = onStdout !== undefined || onStderr !== undefined || (stdin !== undefined && !fitsRequest(stdin));
    if (!isStreamed) return runWhole(calls, sandbox, requestOf(argv, command, stdin), options);
    const request = { ...requestOf(argv, command), stdin: stdin !== undefined };
    await using process = await open({ request }, options.signal);
    return await collectStream(process, stdin, { onStdout, onStderr });
  };

  return Object.assign(run, {
    stream(argv: readonly string[], options: StreamOptions = {}) {
      const { stdin, tty, keep, ...command } = options;
      const request = { ...requestOf(argv, command), stdin: stdin !== undefined || tty !== undefined, tty, keep };
      return open({ request }, options.signal);
    },
    detach(argv: readonly string[], options: CommandOptions & { readonly outputFile?: string } = {}) {
      const { outputFile, ...command } = options;
      const request = { ...requestOf(argv, command), ...(outputFile === undefined ? {} : { outputFile }) };
      return calls.once(withGrace(options), async (op): Promise<DetachedExec> => {
        const reply: ExecDetachedReply = await (await calls.client.exec()).detach(op, sandbox, request);
        return { pid: reply.pid, outputFile: reply.outputFile };
      });
    },
    sessions: (options: CallOptions = {}) =>
      calls.repeat(options, async (op) => (await calls.client.exec()).sessions(op, sandbox)),
    attach: (session: string, options: Pick<CallOptions, 'signal'> = {}) => open({ session }, options.signal),
  });
}

const maxRequestBytes = 8 * 1024 * 1024; // as base64 well below what the daemon takes in one request

function fitsRequest(stdin: Content | ContentStream): stdin is Content {
  return isWhole(stdin) && stdin.length <= maxRequestBytes / (typeof stdin === 'string' ? 3 : 1);
}

async function runWhole(
  calls: Calls,
  sandbox: string,
  request: ExecRequest,
  options: CallOptions,
): Promise<ExecResult> {
  const reply = await calls.once(withGrace(options), async (op) =>
    (await calls.client.exec()).run(op, sandbox, request),
  );
  return resultOf(reply, reply);
}

const graceMs = 15_000; // the command's own end takes up to 2 s, then its output must arrive

/** The command's time is the guest's to keep; the call itself is given up only where no answer comes after it. */
function withGrace({ signal, timeoutMs }: CallOptions): CallOptions {
  return { signal, timeoutMs: timeoutMs === undefined || timeoutMs === 0 ? undefined : timeoutMs + graceMs };
}

function requestOf(argv: readonly string[], options: CommandOptions, stdin?: Content | ContentStream): ExecRequest {
  const { env, cwd, user, timeoutMs } = options;
  return {
    argv: [...argv],
    env: env === undefined ? undefined : { ...env },
    cwd,
    user,
    timeoutMs,
    stdinBase64: stdin !== undefined && isWhole(stdin) ? toBase64(bytesOf(stdin)) : undefined,
  };
}
