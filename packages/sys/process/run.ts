import { concatBytes } from '@bhatti/base/bytes.ts';
import { CodedError } from '@bhatti/base/errors.ts';
import { announce } from '@bhatti/base/log.ts';
import { abortReason, type Operation } from '@bhatti/base/operation.ts';

export interface RunOptions {
  readonly cwd?: string;
  /** Replaces the environment; default: this process's own. */
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: Uint8Array | string;
  /** Exit codes that are a result and not a failure; default only 0. */
  readonly okExitCodes?: readonly number[];
  /** Each line of stdout and stderr as it comes. */
  readonly onLine?: (line: string) => void;
  /** Extra descriptors to pass as 3, 4, …; numbers of this process. */
  readonly passFds?: readonly number[];
}

export interface RunResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a program of the host to its end, within the operation. Throws TOOL_MISSING when it is not installed, COMMAND_FAILED with the last lines of its
 * stderr in the log when it exits otherwise than it may, TIMED_OUT or ABORTED when the operation ends first (the program is then killed).
 */
export async function run(op: Operation, argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  op.check();
  const tool = argv[0] ?? '';
  announce('engine:command', { argv: argv.join(' ') });
  const child = spawnOrThrow(argv, options, tool);
  const kill = () => child.kill('SIGKILL');
  op.signal.addEventListener('abort', kill, { once: true });
  try {
    const [stdout, stderr, exitCode] = await Promise.all([
      collect(child.stdout, options.onLine),
      collect(child.stderr, options.onLine),
      child.exited,
    ]);
    if (op.signal.aborted) throw abortReason(op.signal);
    if (!(options.okExitCodes ?? [0]).includes(exitCode)) throw commandFailed(argv, exitCode, stderr || stdout);
    return { exitCode, stdout, stderr };
  } finally {
    op.signal.removeEventListener('abort', kill);
  }
}

function spawnOrThrow(argv: readonly string[], options: RunOptions, tool: string) {
  try {
    return Bun.spawn([...argv], {
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      env: options.env ?? process.env,
      stdio: [
        options.stdin === undefined ? 'ignore' : Buffer.from(options.stdin),
        'pipe',
        'pipe',
        ...(options.passFds ?? []),
      ],
    });
  } catch (error) {
    // Bun throws ENOENT from spawn itself when the program is not in PATH.
    throw new CodedError(
      'TOOL_MISSING',
      `cannot run "${tool}": it is not installed`,
      { tool },
      { cause: error, hint: 'run "bhatti doctor"' },
    );
  }
}

async function collect(
  stream: ReadableStream<Uint8Array>,
  onLine: ((line: string) => void) | undefined,
): Promise<string> {
  const chunks: Uint8Array[] = [];
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of stream) {
    chunks.push(chunk);
    if (onLine === undefined) continue;
    const lines = (rest + decoder.decode(chunk, { stream: true })).split(/[\r\n]/);
    rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') onLine(line);
  }
  if (rest !== '') onLine?.(rest);
  return new TextDecoder().decode(concatBytes(chunks));
}

function commandFailed(argv: readonly string[], exitCode: number, output: string): CodedError {
  const lines = output.trim().split('\n').slice(-20);
  const command = argv.join(' ');
  return new CodedError(
    'COMMAND_FAILED',
    `"${argv[0]}" exited with ${exitCode}: ${lines.at(-1) ?? 'no output'}`,
    { command, exitCode },
    { log: [command, ...lines] },
  );
}
