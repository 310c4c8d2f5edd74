import { CodedError } from '@bhatti/base/errors.ts';
import { ActionSchema, BatchSchema, type Batch } from '@bhatti/wire/display/action.ts';
import * as v from 'valibot';

import { ACTION_SCOPES, type Scopes } from '../access/scope.ts';
import { described, type JsonSchema } from '../json-schema.ts';
import { sandboxTool, type Tool, type ToolContext } from '../tool.ts';
import { act, batchResult } from './act.ts';

/** What each action is for; the schema has their fields. */
const vocabulary = `Actions, each an object with "do":
- screenshot, zoom: a picture of the screen, or of a region [left, top, right, bottom]; zoom shows a region with all its pixels
- click (count 2 is a double click), down, up, move, drag (along a path of points), scroll (dy > 0 is down, in clicks of the wheel)
- type: text, any Unicode; key: keys as xdotool names them, joined by "+", e.g. "ctrl+s", "Return"; keydown, keyup; hold: keys for some ms
- tree: the desktop as text, a line an element with its ref; find: elements by role, name, states. click, down, up and scroll take an element's ref instead of at; focus, invoke (what it can do: press, open), set (a text or a number): ref. screenshot with labels: numbered boxes, and which ref each is
- wait: ms; settle: until the screen is at rest; waitChange: until something changes; waitWindow: until a window with this title is there
- cursor, size, windows: where the pointer is, how large the screen is, which windows there are; window: focus, close, minimize, maximize, restore, move, resize one
- copied, copy: read and set the clipboard; open: a file or address; launch: a program; resize: the screen`;

/** `computer_actions`: the whole vocabulary, many actions at once. */
export function batchTool(context: ToolContext): Tool {
  const { scopes } = context.access;
  const { actions, space, settle, goOn, screenshot } = BatchSchema.entries;
  return sandboxTool(
    context,
    {
      name: 'computer_actions',
      title: 'Use the desktop',
      description:
        'Carries out actions on the desktop of the sandbox, in order, in one call; much faster than one call each. It stops at the first that fails. Points are [x, y] in pixels from the left top of the screen.\n' +
        vocabulary,
      scopes: ['see', 'act'],
      effect: scopes.has('act') ? 'acts' : 'reads',
      world: 'open',
      entries: {
        actions,
        space: described(space, "Size of the picture that points are meant in, if not the screen's own."),
        settle: described(
          settle,
          'Wait after each action that may change the screen until it is at rest; {} is enough.',
        ),
        goOn: described(goOn, 'Go on after an action that failed.'),
        screenshot: described(screenshot, 'A picture at the end; {} is enough.'),
      },
      shown: (schema) => onlyAllowed(schema, scopes),
    },
    async (caller, sandbox, batch) => {
      checkAllowed(batch, scopes);
      return batchResult(await act(context, caller, sandbox, batch));
    },
  );
}

/** Refuses the whole batch, before any of it is done. */
function checkAllowed(batch: Batch, scopes: Scopes): void {
  for (const action of batch.actions) need(action.do, ACTION_SCOPES[action.do], scopes);
  if (batch.screenshot !== undefined) need('screenshot', 'see', scopes);
}

function need(what: string, scope: 'see' | 'act', scopes: Scopes): void {
  if (scopes.has(scope)) return;
  const reason = `this server may not do "${what}"`;
  throw new CodedError('FORBIDDEN', `${reason}: it lacks the scope "${scope}"`, { reason });
}

/** The schema without the actions that would be refused. */
function onlyAllowed(schema: JsonSchema, scopes: Scopes): JsonSchema {
  const { actions, screenshot, ...rest } = schema.properties ?? {};
  const allowed = ActionSchema.options.map(({ entries }) => scopes.has(ACTION_SCOPES[entries.do.literal]));
  const shown = v.parse(ShownActionsSchema, actions);
  const anyOf = shown.items.anyOf.filter((_, index) => allowed[index]);
  return {
    ...schema,
    properties: {
      ...rest,
      actions: { ...shown, items: { ...shown.items, anyOf } },
      ...(scopes.has('see') && screenshot !== undefined ? { screenshot } : {}),
    },
  };
}

const ShownActionsSchema = v.looseObject({ items: v.looseObject({ anyOf: v.array(v.unknown()) }) });
