import { CodedError, hasCode, toCodedError, type ErrorCode } from '@bhatti/base/errors.ts';

import { noteLine, styled } from './output.ts';

export interface FailureForm {
  /** In words, or as it travels on the wire (`--json`). */
  readonly form: 'text' | 'json';
  /** The command that failed, for the hint where the error has none: `create`, `image build`. */
  readonly command?: string | undefined;
}

/** Says what went wrong on stderr, and answers the exit code of the error table. */
export async function reportFailure(thrown: unknown, { form, command }: FailureForm): Promise<number> {
  // Whoever read our output has enough; a program that a closed pipe ends says nothing and counts as killed by SIGPIPE.
  if (isClosedPipe(thrown)) return 128 + 13;
  const error = withHint(toCodedError(thrown), command);
  if (form === 'json') {
    const { encodeError } = await import('@bhatti/wire/error.ts');
    await noteLine(JSON.stringify(encodeError(error)));
  } else await noteLine(describeFailure(error));
  return error.spec.exit;
}

function describeFailure(error: CodedError): string {
  const lines = [`${styled(2, 'red', 'error:')} ${error.message}`];
  if (error.log.length > 0) lines.push(...error.log.slice(-shownLogLines).map((line) => styled(2, 'dim', `  ${line}`)));
  if (error.hint !== undefined) lines.push(`${styled(2, 'cyan', 'hint:')} ${error.hint}`);
  if (hasCode(error, 'INTERNAL') && process.env['BHATTI_DEBUG'] === '1')
    lines.push(String(error.stack), String(error.cause));
  return lines.join('\n');
}

const shownLogLines = 15; // a screen holds them and the error; all of them are in --json

function withHint(error: CodedError, command: string | undefined): CodedError {
  const help = command === undefined ? undefined : `see "bhatti ${command} --help"`;
  const hint = error.hint ?? hints[error.code] ?? (error.spec.kind === 'caller' ? help : undefined);
  if (hint === undefined || hint === error.hint) return error;
  return new CodedError(error.code, error.message, error.details, { hint, log: error.log, cause: error.cause });
}

/** For errors whose thrower knows no better advice than these. */
const hints: Readonly<Partial<Record<ErrorCode, string>>> = {
  SANDBOX_NOT_FOUND: 'see "bhatti list"',
  IMAGE_NOT_FOUND: 'see "bhatti image list"; build one with "bhatti image build NAME"',
  FILE_NOT_FOUND: 'see "bhatti file ls NAME DIRECTORY"',
  PUBLISH_RULE_NOT_FOUND: 'see "bhatti list"',
  UNAUTHENTICATED: 'give an API key with --token, BHATTI_TOKEN or auth_token in ~/.bhatti/config.yaml',
  SANDBOX_WRONG_PHASE: 'see "bhatti list"; "bhatti start NAME" starts a stopped sandbox',
  HOST_UNSUPPORTED: 'see "bhatti doctor"',
  TOOL_MISSING: 'see "bhatti doctor"',
  INTERNAL: 'this is a defect in bhatti; BHATTI_DEBUG=1 shows where',
};

export function isClosedPipe(thrown: unknown): boolean {
  return thrown instanceof Error && 'code' in thrown && thrown.code === 'EPIPE';
}
