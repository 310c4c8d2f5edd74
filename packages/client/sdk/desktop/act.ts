import { CodedError } from '@bhatti/base/errors.ts';
import type {
  Action,
  ActionName,
  ActionResult,
  Batch,
  BatchReply,
  ScreenshotRequest,
  SettleRequest,
  Size,
} from '@bhatti/wire/display/action.ts';

import { ending, type Calls, type CallOptions } from '../calls.ts';

/** What holds for every action of a desktop, where the action itself says nothing else. */
export interface DesktopDefaults {
  /** Size of the picture that coordinates are meant in. Default: the screen's own. */
  readonly space?: Size | undefined;
  /** After each action that may change the screen: waits until the screen is at rest. Default: not at all. */
  readonly settle?: SettleRequest | undefined;
}

export type ActOptions = CallOptions & DesktopDefaults;

export interface BatchOptions extends ActOptions {
  /** Goes on after an action that failed. */
  readonly goOn?: boolean | undefined;
  /** A picture at the end, whether or not an action failed. */
  readonly screenshot?: ScreenshotRequest | undefined;
}

/** The fields of an action, without those that a method takes on their own. */
export type Fields<Name extends ActionName, Named extends string = never> = Omit<
  Extract<Action, { do: Name }>,
  'do' | Named
>;

/** Carries actions out in one sandbox. No action is ever made twice: it may have begun. */
export class Actor {
  readonly #calls: Calls;
  readonly #sandbox: string;
  readonly defaults: DesktopDefaults;

  constructor(calls: Calls, sandbox: string, defaults: DesktopDefaults) {
    this.#calls = calls;
    this.#sandbox = sandbox;
    this.defaults = defaults;
  }

  with(defaults: DesktopDefaults): Actor {
    return new Actor(this.#calls, this.#sandbox, { ...this.defaults, ...defaults });
  }

  act(batch: Batch, options: CallOptions): Promise<BatchReply> {
    return this.#calls.once(options, async (op) => (await this.#calls.client.desktop()).act(op, this.#sandbox, batch));
  }

  batch(actions: readonly Action[], options: BatchOptions): Promise<BatchReply> {
    const { space = this.defaults.space, settle = this.defaults.settle, goOn, screenshot } = options;
    return this.act({ actions: [...actions], space, settle, goOn, screenshot }, ending(options));
  }

  /** One action. Throws its error. */
  async one(action: Action, options: ActOptions): Promise<ActionResult> {
    const { results } = await this.batch([action], options);
    const result = results[0];
    if (result === undefined) throw violation('has no result');
    if (result.ok) return result;
    if (result.error === undefined) throw violation('failed without a reason');
    const { decodeError } = await import('@bhatti/wire/error.ts');
    throw decodeError(result.error, 'the desktop');
  }

  /** The fields of the result that this action always has. */
  async ask<F extends keyof ActionResult>(
    action: Action,
    fields: readonly F[],
    options: ActOptions,
  ): Promise<ActionResult & { readonly [K in F]: NonNullable<ActionResult[K]> }> {
    const result = await this.one(action, options);
    if (!hasAll(result, fields)) throw violation(`has not all of "${fields.join('", "')}"`);
    return result;
  }
}

function hasAll<F extends keyof ActionResult>(
  result: ActionResult,
  fields: readonly F[],
): result is ActionResult & { readonly [K in F]: NonNullable<ActionResult[K]> } {
  return fields.every((field) => result[field] !== undefined);
}

/** The options of a call apart from the fields of its action. `timeoutMs` is the call's here. */
export function split<O extends ActOptions>(options: O) {
  const { signal, timeoutMs, space, settle, ...fields } = options;
  return { options: { signal, timeoutMs, space, settle }, fields };
}

function violation(what: string): CodedError {
  const peer = 'the desktop';
  return new CodedError('PROTOCOL_VIOLATION', `unexpected reply from ${peer}: an action ${what}`, { peer });
}
