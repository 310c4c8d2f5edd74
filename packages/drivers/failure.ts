import { plainLine } from '@bhatti/base/bytes.ts';
import { CodedError } from '@bhatti/base/errors.ts';
import type { ActionResult } from '@bhatti/wire/display/action.ts';

const maxMessageLength = 2_000; // characters; a message may quote what the model or a page wrote

/** How the model reads that something failed: one line, and a second one with what to do about it. */
export function failureText(name: string, failure: { readonly message: string; readonly hint?: string | undefined }) {
  const lines = [`${name} failed: ${failure.message}`, ...(failure.hint === undefined ? [] : [failure.hint])];
  return lines.map((line) => plainLine(line, maxMessageLength)).join('\n');
}

/** Of an action that was begun, or never was. */
export function resultFailure(name: string, result: ActionResult): string {
  return failureText(name, result.error ?? { message: 'the desktop gave no reason' });
}

/**
 * What a thrown thing says to the model, or throws it on: that the sandbox vanished, a defect, a call that was cancelled are the program's business, and a model that read
 * of them would only try again.
 */
export function modelFailure(name: string, thrown: unknown): string {
  if (!(thrown instanceof CodedError)) throw thrown;
  const { kind } = thrown.spec;
  const isForProgram =
    thrown.code === 'ABORTED' || thrown.code === 'DAEMON_CLOSING' || thrown.code === 'DAEMON_UNREACHABLE';
  if (isForProgram || kind === 'peer' || kind === 'bug' || kind === 'host' || kind === 'limit') throw thrown;
  return failureText(name, thrown);
}
