// The daemon of `npm start`: the one that runs already, or a child that is stopped with it.
import { CodedError, hasCode } from '@bhatti/base/errors.ts';
import { abortReason } from '@bhatti/base/operation.ts';
import { connectToSocket } from '@bhatti/cli/connection.ts';
import { healthCalls } from '@bhatti/client/health.ts';
import type { Caller } from '@bhatti/client/transport.ts';

import type { Remark } from './steps.ts';

export interface RunningDaemon extends Remark {
  /** Resolves with why, when the daemon ends by itself; never for one that was there before. */
  readonly ended: Promise<CodedError>;
  /** Whether it was started here, and ends with us. */
  readonly isOurs: boolean;
  /** Ends it in order; does nothing to one that is not ours. */
  stop(): Promise<void>;
}

const bootTimeoutMs = 60_000; // it repairs what an earlier run left before it answers
const keptLogLines = 30;

export async function ensureDaemon(caller: Caller, executable: string, runDir: string): Promise<RunningDaemon> {
  const version = await tryVersion(caller, runDir);
  if (version !== undefined)
    return {
      remark: `already running, version ${version}`,
      isOurs: false,
      ended: new Promise(() => {}),
      stop: async () => {},
    };
  const daemon = startDaemon(executable);
  const deadline = performance.now() + bootTimeoutMs;
  for (;;) {
    const answer = await Promise.race([tryVersion(caller, runDir), daemon.ended]);
    if (typeof answer === 'string') return { ...daemon, remark: `started, version ${answer}` };
    if (answer !== undefined) throw answer;
    if (caller.signal.aborted || performance.now() > deadline) {
      await daemon.stop();
      throw caller.signal.aborted
        ? abortReason(caller.signal)
        : new CodedError('TIMED_OUT', `cannot start the daemon: it does not answer after ${bootTimeoutMs / 1000} s`, {
            afterMs: bootTimeoutMs,
          });
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function tryVersion(caller: Caller, runDir: string): Promise<string | undefined> {
  try {
    return (await healthCalls(connectToSocket(`${runDir}/bhatti.sock`)).get(caller)).version;
  } catch (error) {
    if (hasCode(error, 'DAEMON_UNREACHABLE') || hasCode(error, 'ABORTED')) return undefined;
    throw error;
  }
}

function startDaemon(executable: string): Omit<RunningDaemon, 'remark'> {
  // In a session of its own: Ctrl-C on the terminal is for us, and we stop the daemon in order.
  const child = Bun.spawn([executable, 'serve'], { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const log: string[] = [];
  void keepLines(child.stdout, log);
  void keepLines(child.stderr, log);
  const ended = child.exited.then(
    (exitCode) =>
      new CodedError(
        'COMMAND_FAILED',
        `the daemon ended with exit code ${exitCode}`,
        { command: `${executable} serve`, exitCode },
        { log, hint: `see "${executable} doctor"` },
      ),
  );
  return {
    ended,
    isOurs: true,
    async stop() {
      child.kill('SIGTERM');
      await child.exited;
    },
  };
}

async function keepLines(stream: ReadableStream<Uint8Array>, into: string[]): Promise<void> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    into.push(...lines.filter((line) => line !== ''));
    into.splice(0, into.length - keptLogLines);
  }
}
