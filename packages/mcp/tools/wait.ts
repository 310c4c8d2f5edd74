import { CodedError } from '@bhatti/base/errors.ts';
import type { Action } from '@bhatti/wire/display/action.ts';
import * as v from 'valibot';

import { described } from '../json-schema.ts';
import { sandboxTool, type Tool, type ToolContext } from '../tool.ts';
import { act, singleResult } from './act.ts';

const maxWaitMs = 600_000; // the vocabulary's own

/** `wait`: the four actions of the vocabulary that wait. */
export function waitTool(context: ToolContext): Tool {
  return sandboxTool(
    context,
    {
      name: 'wait',
      title: 'Wait',
      description:
        'Waits for the desktop: until the screen is at rest ("rest", the default), until something changes ("change"), until a window with a title is there ("window"), or just for some time ("time").',
      scopes: ['see'],
      effect: 'reads',
      world: 'closed',
      entries: {
        for: v.optional(v.picklist(['rest', 'change', 'window', 'time'])),
        ms: described(
          v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(maxWaitMs))),
          'For "time" how long; else how long at most.',
        ),
        title: described(
          v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(1_000))),
          'For "window": a part of its title, regardless of case.',
        ),
      },
    },
    async (caller, sandbox, args) => singleResult(await act(context, caller, sandbox, { actions: [actionOf(args)] })),
  );
}

interface WaitArguments {
  readonly for?: 'rest' | 'change' | 'window' | 'time' | undefined;
  readonly ms?: number | undefined;
  readonly title?: string | undefined;
}

function actionOf({ for: what = 'rest', ms, title }: WaitArguments): Action {
  const timeoutMs = ms === undefined ? {} : { timeoutMs: ms };
  switch (what) {
    case 'rest':
      return { do: 'settle', ...(ms === undefined ? {} : { maxMs: ms }) };
    case 'change':
      return { do: 'waitChange', ...timeoutMs };
    case 'time':
      if (ms === undefined) throw missing('ms', what);
      return { do: 'wait', ms };
    case 'window':
      if (title === undefined) throw missing('title', what);
      return { do: 'waitWindow', title, ...timeoutMs };
  }
}

function missing(argument: string, what: string): CodedError {
  return new CodedError('INVALID_ARGUMENT', `invalid arguments: "${argument}": must be given for "${what}"`, {
    argument,
  });
}
