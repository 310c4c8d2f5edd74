import * as v from 'valibot';

/**
 * One command. `POST /exec` runs it to its end and answers an ExecReply; the WebSocket `/exec` streams it (see ExecClientMessage). The control API has the same
 * two under `/sandboxes/:id/exec` and passes them through.
 */
export const ExecRequestSchema = v.object({
  /** Program and arguments; the program is searched in the PATH of the command's own environment. */
  argv: v.pipe(v.array(v.string()), v.minLength(1)),
  /** Wins over every other source of environment. */
  env: v.optional(v.record(v.string(), v.string())),
  /** Default: `/` for a command, `/workspace` (or the home) for a shell. */
  cwd: v.optional(v.string()),
  /** Name or number; default `lohar`. */
  user: v.optional(v.string()),
  /** 0 = none. At its end the whole process group gets SIGTERM, after 2 s SIGKILL; the reply says `timedOut`, exit code 124. */
  timeoutMs: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(86_400_000))),
  /** Standard input for `POST`, base64. Without it stdin is at its end from the start. On the WebSocket: see `stdin`. */
  stdinBase64: v.optional(v.string()),
  /** WebSocket: whether the client will send standard input; `false` means at its end from the start. */
  stdin: v.optional(v.boolean()),
  /** WebSocket: run on a terminal of this size; stdout carries both streams. */
  tty: v.optional(
    v.object({
      rows: v.pipe(v.number(), v.integer(), v.minValue(1)),
      cols: v.pipe(v.number(), v.integer(), v.minValue(1)),
    }),
  ),
  /** Run on, in its own session, with output to a file; the reply has `pid` and `outputFile`. */
  detach: v.optional(v.boolean()),
  outputFile: v.optional(v.string()),
  /** WebSocket: the command survives the client and can be attached again (`/exec?session=ID`). Needs `tty`. */
  keep: v.optional(v.boolean()),
});
export type ExecRequest = v.InferOutput<typeof ExecRequestSchema>;

/** What a finished command left. Output over 10 MiB in sum is cut and `truncated` says so; the stream has no such limit. */
export const ExecReplySchema = v.object({
  exitCode: v.number(),
  /** Signal name when a signal ended it; `exitCode` is then 128 + its number. */
  signal: v.optional(v.string()),
  timedOut: v.optional(v.boolean()),
  stdoutBase64: v.string(),
  stderrBase64: v.string(),
  truncated: v.optional(v.boolean()),
});
export type ExecReply = v.InferOutput<typeof ExecReplySchema>;

export const ExecDetachedReplySchema = v.object({ pid: v.number(), outputFile: v.string(), detached: v.literal(true) });
export type ExecDetachedReply = v.InferOutput<typeof ExecDetachedReplySchema>;

/**
 * WebSocket `/exec`, version 1. Text messages are JSON, binary messages are one channel byte and payload.
 *
 * client → guest: first `{type:"exec", …ExecRequest}` or, with `?session=ID`, nothing; then binary `0` + stdin bytes, and ExecClientMessage.
 * guest → client: `started`, then binary `1` stdout, `2` stderr, `ack`s for stdin, and last `exit` or `error`, after which the guest closes with 1000.
 * Flow: the client keeps at most `stdinWindowBytes` of stdin unacknowledged. The guest stops reading the command's pipes while the socket is full.
 * When the client goes away the process group gets SIGHUP and SIGTERM, after 2 s SIGKILL, unless the request said `keep`.
 */
export const stdinWindowBytes = 262_144;
export const channelStdin = 0;
export const channelStdout = 1;
export const channelStderr = 2;

export const ExecClientMessageSchema = v.variant('type', [
  v.object({ type: v.literal('exec'), ...ExecRequestSchema.entries }),
  v.object({ type: v.literal('stdin-end') }),
  v.object({ type: v.literal('resize'), rows: v.number(), cols: v.number() }),
  v.object({ type: v.literal('signal'), name: v.string() }),
  v.object({ type: v.literal('detach') }),
]);
export type ExecClientMessage = v.InferOutput<typeof ExecClientMessageSchema>;

export const ExecGuestMessageSchema = v.variant('type', [
  v.object({ type: v.literal('started'), pid: v.number(), session: v.optional(v.string()) }),
  v.object({ type: v.literal('ack'), bytes: v.number() }),
  v.object({
    type: v.literal('exit'),
    exitCode: v.number(),
    signal: v.optional(v.string()),
    timedOut: v.optional(v.boolean()),
  }),
  v.object({ type: v.literal('error'), code: v.string(), message: v.string(), hint: v.optional(v.string()) }),
]);
export type ExecGuestMessage = v.InferOutput<typeof ExecGuestMessageSchema>;

/** `GET /sessions`. */
export const ExecSessionSchema = v.object({
  sessionId: v.string(),
  argv: v.array(v.string()),
  tty: v.boolean(),
  running: v.boolean(),
  attached: v.boolean(),
  exitCode: v.optional(v.number()),
  createdAtMs: v.number(),
});
export type ExecSession = v.InferOutput<typeof ExecSessionSchema>;
