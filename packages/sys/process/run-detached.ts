import { CodedError } from '@bhatti/base/errors.ts';
import { announce } from '@bhatti/base/log.ts';
import { abortReason, type Operation } from '@bhatti/base/operation.ts';

export interface RunDetachedOptions {
  /** Where standard output and error of the program, and of what it leaves behind, go. */
  readonly outputFd: number;
  /** Extra descriptors to pass as 3, 4, …; numbers of this process. */
  readonly passFds?: readonly number[];
}

/**
 * Runs a program that starts another one and exits, leaving that with its own standard streams. So its output is not read to the end, only its exit is awaited.
 * Returns the exit code; throws TOOL_MISSING, TIMED_OUT or ABORTED (the program is then killed, what it started is not).
 */
export async function runDetached(
  op: Operation,
  argv: readonly string[],
  options: RunDetachedOptions,
): Promise<number> {
  op.check();
  announce('engine:command', { argv: argv.join(' ') });
  const child = spawnOrThrow(argv, options);
  const kill = () => child.kill('SIGKILL');
  op.signal.addEventListener('abort', kill, { once: true });
  try {
    const exitCode = await child.exited;
    if (op.signal.aborted) throw abortReason(op.signal);
    return exitCode;
  } finally {
    op.signal.removeEventListener('abort', kill);
  }
}

function spawnOrThrow(argv: readonly string[], options: RunDetachedOptions) {
  try {
    return Bun.spawn([...argv], {
      env: process.env,
      stdio: ['ignore', options.outputFd, options.outputFd, ...(options.passFds ?? [])],
    });
  } catch (error) {
    // Bun throws ENOENT from spawn itself when the program is not in PATH.
    const tool = argv[0] ?? '';
    throw new CodedError(
      'TOOL_MISSING',
      `cannot run "${tool}": it is not installed`,
      { tool },
      { cause: error, hint: 'run "bhatti doctor"' },
    );
  }
}
