import { CodedError } from '@bhatti/base/errors.ts';
import type { Action, BatchReply, PictureFormat, SettleRequest, Size } from '@bhatti/wire/display/action.ts';

import { mustPicture, resultsOf, type Desktop } from '../desktop.ts';
import { modelFailure, resultFailure } from '../failure.ts';
import { mustBeInside } from '../inside.ts';
import { dataUrl, largestFit, type PictureLimit } from '../picture-limit.ts';
import { actionName, computerAction } from './computer-action.ts';

export interface SafetyCheck {
  id: string;
  code?: string | null;
  message?: string | null;
}

/** A `computer_call` item, as far as the driver reads it: `actions` of the tool `computer`, `action` of the preview. */
export interface ComputerCall {
  readonly type: 'computer_call';
  readonly call_id: string;
  readonly pending_safety_checks?: readonly SafetyCheck[] | null;
  readonly actions?: readonly unknown[] | null;
  readonly action?: unknown;
}

export interface ComputerCallOutput {
  type: 'computer_call_output';
  call_id: string;
  output: { type: 'computer_screenshot'; image_url: string };
  acknowledged_safety_checks?: SafetyCheck[];
}

/** Says what failed, since the output of a call has room for a picture only. */
export interface FailureMessage {
  type: 'message';
  role: 'developer';
  content: string;
}

export interface ComputerOptions {
  readonly desktop: Desktop;
  /** `computer` without it. */
  readonly tool?: 'computer' | 'computer_use_preview';
  /** Asked when a call comes with safety checks: whether a person has acknowledged them. Nothing is carried out unless it answers true. */
  readonly acknowledge?: (checks: readonly SafetyCheck[], call: ComputerCall) => boolean | Promise<boolean>;
  /** How long `wait` waits, which says nothing of it; 1000 without it. */
  readonly waitMs?: number;
  readonly settle?: SettleRequest;
  /** The largest picture that is sent; coordinates follow it. As large as the screen, up to 2560 pixels a side, without it. */
  readonly pictures?: PictureLimit;
  /** PNG without it. */
  readonly format?: PictureFormat;
  /** 1 to 100, of jpeg and webp. */
  readonly quality?: number;
}

const defaultPictures: PictureLimit = { maxSidePx: 2_560, maxPatches: Infinity };
const maxActions = 200; // of one call; the desktop takes 256

/**
 * The computer tools of the Responses API. `tool` is the entry for `tools`; `answer` carries out a `computer_call` and gives the items for the next request's `input`.
 * It throws what is no business of the model's: FORBIDDEN when safety checks were not acknowledged, that the sandbox vanished, that the signal was aborted. Asks the desktop for its size.
 */
export async function createComputer(options: ComputerOptions, signal = new AbortController().signal) {
  const { desktop } = options;
  const isPreview = options.tool === 'computer_use_preview';
  let { screen }: { screen: Size } = await desktop.act({ actions: [] }, signal);
  const limit = options.pictures ?? defaultPictures;
  const display = largestFit(screen, limit);
  let seen = display;

  return {
    tool: isPreview
      ? {
          type: 'computer_use_preview' as const,
          display_width: display.width,
          display_height: display.height,
          environment: 'linux' as const,
        }
      : { type: 'computer' as const },
    async answer(call: ComputerCall, callSignal = new AbortController().signal) {
      const acknowledged = await mustAcknowledge(call, options.acknowledge);
      const { actions, failure: refused } = translate(call, options.waitMs ?? 1_000, seen);
      const { format, quality } = options;
      const reply = await desktop.act(
        {
          actions: actions.map(({ action }) => action),
          space: seen,
          settle: options.settle ?? {},
          screenshot: {
            fit: isPreview ? display : largestFit(screen, limit),
            ...(format === undefined ? {} : { format }),
            ...(quality === undefined ? {} : { quality }),
          },
        },
        callSignal,
      );
      const failure = failureOf(actions, reply) ?? refused;
      const picture = mustPicture(reply.screenshot);
      screen = reply.screen;
      seen = { width: picture.width, height: picture.height };
      const output: ComputerCallOutput = {
        type: 'computer_call_output',
        call_id: call.call_id,
        output: { type: 'computer_screenshot', image_url: dataUrl(picture) },
        ...(acknowledged.length === 0 ? {} : { acknowledged_safety_checks: acknowledged }),
      };
      return failure === undefined ? [output] : [output, failureMessage(failure)];
    },
  };
}

async function mustAcknowledge(call: ComputerCall, ask: ComputerOptions['acknowledge']): Promise<SafetyCheck[]> {
  const checks = (call.pending_safety_checks ?? []).map(({ id, code, message }) => ({
    id,
    ...(code === undefined ? {} : { code }),
    ...(message === undefined ? {} : { message }),
  }));
  if (checks.length === 0) return [];
  if (ask !== undefined && (await ask(checks, call)) === true) return checks;
  const reason = checks.map(({ code, id }) => code ?? id).join(', ');
  throw new CodedError(
    'FORBIDDEN',
    `cannot carry out call "${call.call_id}": its safety checks were not acknowledged: ${reason}`,
    {
      reason,
    },
  );
}

interface Translated {
  readonly name: string;
  readonly action: Action;
}

/** The call's actions up to the first that is none. */
function translate(call: ComputerCall, waitMs: number, space: Size): { actions: Translated[]; failure?: string } {
  const inputs = call.actions ?? (call.action === undefined || call.action === null ? [] : [call.action]);
  const actions: Translated[] = [];
  for (const input of inputs) {
    const name = actionName(input);
    if (actions.length === maxActions)
      return { actions, failure: `${name} failed: a call has ${maxActions} actions at most` };
    try {
      const action = computerAction(input, { waitMs });
      if (action !== undefined) actions.push({ name, action: mustBeInside(action, name, space) });
    } catch (error) {
      return { actions, failure: modelFailure(name, error) };
    }
  }
  return { actions };
}

function failureOf(actions: readonly Translated[], reply: BatchReply): string | undefined {
  const results = resultsOf(reply, actions.length);
  const failed = results.findIndex((result) => !result.ok);
  const [action, result] = [actions[failed], results[failed]];
  return action === undefined || result === undefined ? undefined : resultFailure(action.name, result);
}

function failureMessage(failure: string): FailureMessage {
  const content = `The computer call was not carried out to its end: ${failure}\nNo later action of the call was carried out. The screenshot shows what came of it.`;
  return { type: 'message', role: 'developer', content };
}
