import { CodedError } from '@bhatti/base/errors.ts';
import { spawnPiped } from '@bhatti/sys/process/spawn.ts';
import { channelStderr, type ExecRequest } from '@bhatti/wire/agent/exec.ts';
import { followOutput } from './child-output.ts';
import { launch, type Refused } from './command.ts';
import type { ClientLink, Driven, StreamContext } from './exec-stream.ts';
import { startTimeOut, terminateGroup } from './termination.ts';

const timedOutExitCode = 124; // as timeout(1)

/** Starts a command whose three streams go through the client's socket. Undefined when it could not start: the client has been told its result. */
export function startPiped(context: StreamContext, request: ExecRequest, link: ClientLink): Driven | undefined {
  if (request.keep === true)
    throw new CodedError('INVALID_ARGUMENT', 'cannot keep a command without a terminal', { argument: 'keep' });
  const stdin = request.stdin === true ? 'pipe' : 'null';
  const started = launch(context.accounts, request, (spec) => spawnPiped(spec, { stdin }));
  if (started.kind === 'refused') {
    void endRefused(link, started);
    return undefined;
  }

  const { child } = started;
  const running = context.activity.begin();
  let isTimedOut = false;
  let isOver = false;
  const timeOut = startTimeOut(request.timeoutMs, () => {
    isTimedOut = true;
    terminateGroup(child);
  });
  void link.tell({ type: 'started', pid: child.pid });
  const finish = async () => {
    const exit = await followOutput(child, (channel, bytes) => link.output(channel, bytes));
    isOver = true;
    timeOut.cancel();
    running[Symbol.dispose]();
    child.stdin?.close();
    await link.tell({
      type: 'exit',
      exitCode: isTimedOut ? timedOutExitCode : exit.exitCode,
      ...(exit.signal === undefined ? {} : { signal: exit.signal }),
      ...(isTimedOut ? { timedOut: true } : {}),
    });
    link.close();
  };
  void finish();
  return {
    pid: child.pid,
    write: async (bytes) => child.stdin?.write(bytes),
    endInput: () => child.stdin?.close(),
    resize() {},
    detach() {
      throw new CodedError('INVALID_ARGUMENT', 'cannot detach from a command that is not kept', { argument: 'type' });
    },
    hangUp() {
      if (!isOver) terminateGroup(child, ['SIGHUP', 'SIGTERM']);
    },
  };
}

/** A command that could not start has a result all the same: what env(1) would have said, and its exit code. */
export async function endRefused(link: ClientLink, refused: Refused): Promise<void> {
  await link.output(channelStderr, Buffer.from(refused.message));
  await link.tell({ type: 'exit', exitCode: refused.exitCode });
  link.close();
}
