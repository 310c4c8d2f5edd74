import { concatBytes } from '@bhatti/base/bytes.ts';
import { randomHex } from '@bhatti/base/ids.ts';
import { CodedError } from '@bhatti/base/errors.ts';
import { announce } from '@bhatti/base/log.ts';
import type { AccountDatabase } from '@bhatti/sys/account.ts';
import { spawnPiped, spawnWith, type ChildExit, type PipedChild, type SpawnSpec } from '@bhatti/sys/process/spawn.ts';
import { withThreadCredentials } from '@bhatti/sys/process/thread-credentials.ts';
import { channelStdout, type ExecDetachedReply, type ExecReply, type ExecRequest } from '@bhatti/wire/agent/exec.ts';
import { closeSync, constants, openSync } from 'node:fs';
import type { Activity } from './activity.ts';
import { followOutput } from './child-output.ts';
import { resolveCommand, startCommand, type Refused } from './command.ts';
import { startTimeOut, terminateGroup } from './termination.ts';

const maxOutputBytes = 10 * 1024 * 1024;
const timedOutExitCode = 124; // as timeout(1)

/** Runs one command to its end. Its process group is killed when `client` aborts or its time is over. */
export async function runExec(
  { accounts, activity }: { readonly accounts: AccountDatabase; readonly activity: Activity },
  request: ExecRequest,
  client: AbortSignal,
): Promise<ExecReply | ExecDetachedReply> {
  if (request.tty !== undefined || request.keep !== undefined)
    throw new CodedError('INVALID_ARGUMENT', 'cannot run on a terminal with POST: use the WebSocket', {
      argument: 'tty',
    });
  const command = resolveCommand(accounts, request);
  if (command.kind === 'refused') return refusedReply(command);
  if (request.detach === true) return startDetached(command.spec, request);

  const stdin = request.stdinBase64 === undefined ? 'null' : 'pipe';
  const started = startCommand(command.spec, (spec) => spawnPiped(spec, { stdin }));
  if (started.kind === 'refused') return refusedReply(started);
  using _running = activity.begin();
  announce('agent:exec', { argv: request.argv.join(' '), pid: started.child.pid });
  return await collect(started.child, request, client);
}

async function collect(child: PipedChild, request: ExecRequest, client: AbortSignal): Promise<ExecReply> {
  let isTimedOut = false;
  const timeOut = startTimeOut(request.timeoutMs, () => {
    isTimedOut = true;
    terminateGroup(child);
  });
  const hangUp = () => terminateGroup(child, ['SIGHUP', 'SIGTERM']);
  client.addEventListener('abort', hangUp, { once: true });
  try {
    void feedInput(child, request.stdinBase64);
    const output = new BoundedOutput();
    const exit = await followOutput(child, (channel, bytes) => output.add(channel, bytes));
    return reply(exit, output, isTimedOut);
  } finally {
    timeOut.cancel();
    client.removeEventListener('abort', hangUp);
  }
}

async function feedInput(child: PipedChild, base64: string | undefined): Promise<void> {
  if (child.stdin === undefined || base64 === undefined) return;
  await child.stdin.write(Buffer.from(base64, 'base64'));
  child.stdin.close();
}

function startDetached(spec: SpawnSpec, request: ExecRequest): ExecReply | ExecDetachedReply {
  const outputFile = request.outputFile ?? `/tmp/bhatti-exec-${randomHex(4)}.log`;
  const fd = openOutput(spec, outputFile);
  try {
    const started = startCommand(spec, (known) => spawnWith(known, [null, fd, fd]));
    if (started.kind === 'refused') return refusedReply(started);
    const { pid } = started.child;
    announce('agent:exec', { argv: request.argv.join(' '), pid, detached: true });
    return { pid, outputFile, detached: true };
  } finally {
    closeSync(fd);
  }
}

/** Opens the file as the user who asked: root's rights must not write where that user may not. */
function openOutput(spec: SpawnSpec, path: string): number {
  try {
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND;
    return withThreadCredentials(spec.credentials, () => openSync(path, flags, 0o644));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CodedError(
      'INVALID_ARGUMENT',
      `cannot write output to "${path}": ${why}`,
      { argument: 'outputFile', value: path },
      { cause: error },
    );
  }
}

/** Keeps the first 10 MiB of both streams together; takes all, so that the command does not block. */
class BoundedOutput {
  readonly #stdout: Uint8Array[] = [];
  readonly #stderr: Uint8Array[] = [];
  #left = maxOutputBytes;
  isTruncated = false;

  add(channel: number, bytes: Uint8Array): undefined {
    const kept = bytes.subarray(0, this.#left);
    this.#left -= kept.length;
    if (kept.length < bytes.length) this.isTruncated = true;
    if (kept.length > 0) (channel === channelStdout ? this.#stdout : this.#stderr).push(kept);
  }

  stdoutBase64(): string {
    return base64Of(this.#stdout);
  }

  stderrBase64(): string {
    return base64Of(this.#stderr);
  }
}

function base64Of(chunks: readonly Uint8Array[]): string {
  return chunks.length === 0 ? '' : Buffer.from(concatBytes(chunks).buffer).toString('base64');
}

function reply(exit: ChildExit, output: BoundedOutput, isTimedOut: boolean): ExecReply {
  return {
    exitCode: isTimedOut ? timedOutExitCode : exit.exitCode,
    ...(exit.signal === undefined ? {} : { signal: exit.signal }),
    ...(isTimedOut ? { timedOut: true } : {}),
    stdoutBase64: output.stdoutBase64(),
    stderrBase64: output.stderrBase64(),
    ...(output.isTruncated ? { truncated: true } : {}),
  };
}

function refusedReply(command: Refused): ExecReply {
  return {
    exitCode: command.exitCode,
    stdoutBase64: '',
    stderrBase64: Buffer.from(command.message).toString('base64'),
  };
}
