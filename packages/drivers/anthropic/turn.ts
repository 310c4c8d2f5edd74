import type {
  Action,
  ActionResult,
  BatchReply,
  Picture,
  ScreenshotRequest,
  SettleRequest,
  Size,
} from '@bhatti/wire/display/action.ts';

import { resultsOf, type Desktop } from '../desktop.ts';
import { modelFailure, resultFailure } from '../failure.ts';

/** A `tool_use` block, as far as a driver reads it. */
export interface ToolUse {
  readonly id: string;
  readonly name: string;
  readonly input: unknown;
}

export interface Call {
  readonly toolUse: ToolUse;
  /** What the model calls it: the member, or the single tool's action. */
  readonly member: string;
}

export type Confirm = (call: { readonly member: string; readonly input: unknown }) => boolean | Promise<boolean>;

export interface TurnRules {
  readonly desktop: Desktop;
  /** Of the picture that the model saw when it wrote these calls. */
  readonly space: Size;
  readonly settle: SettleRequest;
  /** Throws INVALID_ARGUMENT. */
  readonly translate: (call: Call) => Action;
  /** Asked before each call that `needsConfirm`, when all that comes before it is done. */
  readonly confirm: Confirm;
  readonly needsConfirm: (member: string) => boolean;
  /** How the picture at the end is taken; none when undefined. */
  readonly screenshot: ScreenshotRequest | undefined;
}

export type Outcome =
  | { readonly kind: 'done'; readonly result: ActionResult }
  | { readonly kind: 'failed'; readonly message: string }
  /** An earlier one failed. */
  | { readonly kind: 'skipped' };

export interface TurnEnd {
  /** One for each call. */
  readonly outcomes: readonly Outcome[];
  /** The desktop's last reply, unless nothing was sent to it. */
  readonly reply: BatchReply | undefined;
  readonly screenshot: Picture | undefined;
}

const maxActions = 200; // of one batch; the desktop takes 256

/**
 * Carries out the calls of one turn in order, up to the first that fails, in as few batches as can be: one, unless somebody is asked in between. A call whose input is
 * wrong fails when its turn comes, so that those before it are done.
 */
export async function runTurn(calls: readonly Call[], rules: TurnRules, signal: AbortSignal): Promise<TurnEnd> {
  const outcomes: Outcome[] = [];
  let waiting: { readonly call: Call; readonly action: Action }[] = [];
  let reply: BatchReply | undefined;
  const fail = (message: string) => void outcomes.push({ kind: 'failed', message });
  const hasFailed = () => outcomes.some(({ kind }) => kind !== 'done');

  const carryOut = async (screenshot?: ScreenshotRequest) => {
    const batch = waiting;
    waiting = [];
    if (batch.length === 0 || hasFailed()) return;
    const actions = batch.map(({ action }) => action);
    try {
      reply = await rules.desktop.act(
        { actions, space: rules.space, settle: rules.settle, ...(screenshot === undefined ? {} : { screenshot }) },
        signal,
      );
    } catch (error) {
      return fail(modelFailure(batch[0]?.call.member ?? '', error));
    }
    for (const [i, result] of resultsOf(reply, actions.length).entries()) {
      if (result.skipped === true) break;
      if (result.ok) outcomes.push({ kind: 'done', result });
      else return fail(resultFailure(batch[i]?.call.member ?? '', result));
    }
  };

  for (const call of calls) {
    let action: Action;
    try {
      action = rules.translate(call);
    } catch (error) {
      const message = modelFailure(call.member, error);
      await carryOut();
      if (!hasFailed()) fail(message);
      break;
    }
    if (rules.needsConfirm(call.member)) {
      await carryOut();
      if (hasFailed()) break;
      if ((await rules.confirm({ member: call.member, input: call.toolUse.input })) !== true) {
        fail(`${call.member} was not carried out: it was declined`);
        break;
      }
    } else if (waiting.length === maxActions) await carryOut();
    waiting.push({ call, action });
  }
  await carryOut(rules.screenshot);
  const screenshot = hasFailed() ? undefined : reply?.screenshot;
  while (outcomes.length < calls.length) outcomes.push({ kind: 'skipped' });
  return { outcomes, reply, screenshot };
}
