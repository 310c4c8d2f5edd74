import { type CodedError, hasCode } from '@bhatti/base/errors.ts';
import { replaceProcess } from '@bhatti/sys/process/replace.ts';
import type { Action } from '@bhatti/wire/display/action.ts';
import { guestDisplay } from '@bhatti/wire/guest-paths.ts';
import { requestDisplay, requestDisplayJson } from './display-request.ts';
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

/** Undefined when all of it was done. Nothing that may have been done is ever done again by the real one; nor what was refused because a person has the input. */
async function tryAct(actions: readonly Action[]): Promise<CodedError | 'nothing done' | undefined> {
  const screen = await tryScreen();
  if (screen === undefined) return 'nothing done';
  let document: unknown;
  try {
    const json = { actions: actions.map((action) => withinScreen(action, screen)) };
    document = JSON.parse((await requestDisplay('/actions', { json, timeoutMs: longestMs })).body.toString('utf8'));
  } catch (error) {
    // Refused whole, before anything was done.
    if (hasCode(error, 'INVALID_ARGUMENT') || hasCode(error, 'MESSAGE_TOO_LARGE')) return 'nothing done';
    throw error;
  }
  if (typeof document === 'object' && document !== null && 'ok' in document && document.ok === true) return undefined;
  // Loaded here and not at the top: a line that goes well needs no schema.
  const { decodeReply } = await import('@bhatti/wire/schema.ts');
  const { BatchReplySchema } = await import('@bhatti/wire/display/action.ts');
  const { decodeError } = await import('@bhatti/wire/error.ts');
  const { results } = decodeReply(BatchReplySchema, document, 'the display server');
  const failed = results.findIndex((result) => result.error !== undefined);
  const error = results[failed]?.error;
  // A text may have been typed in part.
  const isUndone = failed === 0 && error?.code === 'INVALID_ARGUMENT' && actions[0]?.do !== 'type';
  return isUndone ? 'nothing done' : decodeError(error, 'the display server');
}

/** Undefined when the display server is not there, or not for this user. */
async function tryScreen(): Promise<Screen | undefined> {
  try {
    return await requestDisplayJson('/screen', readScreen);
  } catch {
    return undefined; // expected: then only the real xdotool can help
  }
}

/** X keeps the pointer on the screen, and so do lines that park it beyond its edge. */
function withinScreen(action: Action, { width, height }: Screen): Action {
  if (action.do !== 'move') return action;
  return { ...action, to: [Math.min(action.to[0], width - 1), Math.min(action.to[1], height - 1)] };
}

interface Screen {
  readonly width: number;
  readonly height: number;
}

function readScreen(value: unknown): Screen | undefined {
  if (typeof value !== 'object' || value === null || !('width' in value) || !('height' in value)) return undefined;
  const { width, height } = value;
  return typeof width === 'number' && typeof height === 'number' ? { width, height } : undefined;
}

function runReal(args: readonly string[]): never {
  const env = Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
  return replaceProcess({ path: realXdotool, argv: ['xdotool', ...args], env });
}
