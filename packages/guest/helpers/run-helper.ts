import { CodedError, toCodedError } from '@bhatti/base/errors.ts';
import { openOutput, type Output } from '@bhatti/sys/terminal/stdio.ts';

/** Where a helper writes, so that its tests can read it. */
export interface HelperStreams {
  readonly stdout: Output;
  readonly stderr: Output;
}

const exitBrokenPipe = 141; // 128 + SIGPIPE: what a shell shows for any program whose reader went away

/** Runs a helper's body and turns what it throws into one line on stderr, a hint where there is one, and the exit code of its kind. */
export async function runHelper(
  body: (streams: HelperStreams) => Promise<number>,
  streams: HelperStreams = { stdout: openOutput(1), stderr: openOutput(2) },
): Promise<number> {
  try {
    return await body(streams);
  } catch (error) {
    if (isBrokenPipe(error)) return exitBrokenPipe;
    const coded = toCodedError(error);
    const hint = coded.hint === undefined ? '' : `hint: ${coded.hint}\n`;
    await streams.stderr.write(`error: ${coded.message}\n${hint}`);
    return coded.spec.exit;
  }
}

/** For a word on the command line that the helper does not know. */
export function usageError(helper: string, problem: string, usage: string): CodedError<'USAGE'> {
  return new CodedError('USAGE', `${helper}: ${problem}`, { command: helper }, { hint: `usage: ${usage}` });
}

/** The one flag that most helpers have. */
export function parseJsonFlag(helper: string, args: readonly string[]): { json: boolean } {
  const unknown = args.find((arg) => arg !== '--json');
  if (unknown !== undefined) throw usageError(helper, `unknown argument "${unknown}"`, `${helper} [--json]`);
  return { json: args.includes('--json') };
}

function isBrokenPipe(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EPIPE';
}
