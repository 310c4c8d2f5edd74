import { CodedError } from '@bhatti/base/errors.ts';
import type { ExecRequest } from '@bhatti/wire/agent/exec.ts';
import { startOperation } from '@bhatti/base/operation.ts';

import type { ExecEnd } from '../exec-stream.ts';
import { ending, type Calls } from './calls.ts';
import { ExecProcess, type ExecChunk, type ExecExit } from './exec-process.ts';
import { HandOff } from './hand-off.ts';

interface Started {
  readonly pid?: number;
  readonly session?: string | undefined;
}

const neverStarted: Started = {};

/** Opens a stream and waits until the command has started, or has ended before it could. */
export async function openProcess(
  calls: Calls,
  sandbox: string,
  what: { readonly request: ExecRequest } | { readonly session: string },
  signal: AbortSignal | undefined,
): Promise<ExecProcess> {
  const output = new HandOff<ExecChunk>();
  const { promise: started, resolve: start } = Promise.withResolvers<Started>();
  // Lives as long as the command, not only until it is started.
  const op = startOperation(ending({ signal }));
  try {
    const take = (from: ExecChunk['from']) => (bytes: Uint8Array) => {
      start({}); // a command that could not be started says why, and never that it has
      return output.put({ from, bytes });
    };
    const takers = { onStdout: take('stdout'), onStderr: take('stderr'), onStarted: start };
    const stream = await calls.within(op, async () => {
      const exec = await calls.client.exec();
      return 'request' in what
        ? exec.open(op, sandbox, what.request, takers)
        : exec.attach(op, sandbox, what.session, takers);
    });
    const ended = stream.ended.then(exitOf).finally(() => op[Symbol.dispose]());
    ended.then(
      () => output.end(),
      (error: unknown) => output.end(error),
    );
    const { pid, session } = await Promise.race([started, ended.then(() => neverStarted)]);
    return new ExecProcess({ stream, output, ended, pid, session });
  } catch (error) {
    op[Symbol.dispose]();
    throw error;
  }
}

function exitOf(end: ExecEnd): ExecExit {
  if (end.kind === 'exited') return { exitCode: end.exitCode, signal: end.signal, timedOut: end.timedOut };
  throw new CodedError('ABORTED', 'left running', { by: 'detach' });
}
