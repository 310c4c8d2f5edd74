import { CodedError } from '@bhatti/base/errors.ts';
import { replaceProcess } from '@bhatti/sys/process/replace.ts';
import type { Action } from '@bhatti/wire/display/action.ts';
import { guestDisplay } from '@bhatti/wire/guest-paths.ts';
import { requestDisplay } from './display-request.ts';
import { runHelper } from './run-helper.ts';
import { parseXdotool } from './xdotool-args.ts';

/** The distribution's own. */
const realXdotool = '/usr/bin/xdotool';
const longestMs = 10 * 60_000;

/**
 * `xdotool …`: what moves, clicks and types is carried out by the display server, over one request; everything else, and what the display server refuses before it did anything, by the real xdotool.
 */
export async function main(args: readonly string[]): Promise<number> {
  const actions = isOurDisplay() ? parseXdotool(args) : undefined;
  if (actions === undefined) return runReal(args);
  return runHelper(async () => {
    const failure = await tryAct(actions);
    if (failure === 'nothing done') return runReal(args);
    if (failure !== undefined) throw failure;
    return 0;
  });
}

/** On another display, say one that a test started in the sandbox, only the real one helps. */
function isOurDisplay(): boolean {
  const display = process.env['DISPLAY'] ?? guestDisplay;
  return display === guestDisplay || display === `${guestDisplay}.0`;
}

async function tryAct(actions: readonly Action[]): Promise<CodedError | 'nothing done' | undefined> {
  let document: unknown;
  try {
    const { body } = await requestDisplay('/actions', { json: { actions }, timeoutMs: longestMs });
    document = JSON.parse(body.toString('utf8'));
  } catch (error) {
    if (error instanceof CodedError && error.code !== 'CONNECTION_LOST') return 'nothing done';
    throw error;
  }
  const { decodeReply } = await import('@bhatti/wire/schema.ts');
  const { BatchReplySchema } = await import('@bhatti/wire/display/action.ts');
  const { decodeError } = await import('@bhatti/wire/error.ts');
  const { ok, results } = decodeReply(BatchReplySchema, document, 'the display server');
  if (ok) return undefined;
  const failed = results.findIndex((result) => result.error !== undefined);
  return failed === 0 ? 'nothing done' : decodeError(results[failed]?.error, 'the display server');
}

function runReal(args: readonly string[]): never {
  const env = Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
  return replaceProcess({ path: realXdotool, argv: ['xdotool', ...args], env });
}
