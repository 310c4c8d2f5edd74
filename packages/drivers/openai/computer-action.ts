import { CodedError } from '@bhatti/base/errors.ts';
import type { Action, Button, Point } from '@bhatti/wire/display/action.ts';

import { has, numberOf, oneOf, readFields, textOf, wrong, type Fields } from '../fields.ts';
import { normaliseKeys } from '../keys.ts';

const maxTextLength = 65_536; // of one `type`, as the batch's schema has it
const maxKeys = 10; // at once; a hand has five
const maxPath = 1_000;

const buttonNames = ['left', 'right', 'wheel', 'back', 'forward'] as const;

/** What each action asks of the desktop; undefined where it asks for nothing but the picture that every answer has. */
export const computerActions = {
  click: (input) => {
    const button = oneOf(input, 'button', buttonNames);
    return {
      do: 'click',
      at: placeOf(input),
      button: button === 'wheel' ? 'middle' : (button satisfies Button),
      ...held(input),
    };
  },
  double_click: (input) => ({ do: 'click', at: placeOf(input), count: 2, ...held(input) }),
  drag: (input) => ({ do: 'drag', path: pathOf(input), ...held(input) }),
  keypress: (input) => ({ do: 'key', keys: normaliseKeys(keysOf(input)) }),
  move: (input) => ({ do: 'move', to: placeOf(input), ...held(input) }),
  screenshot: () => undefined,
  scroll: (input) => ({
    do: 'scroll',
    at: placeOf(input),
    dx: numberOf(input, 'scroll_x'),
    dy: numberOf(input, 'scroll_y'),
    unit: 'px',
    ...held(input),
  }),
  type: (input) => ({ do: 'type', text: textOf(input, 'text', maxTextLength) }),
  wait: (_, { waitMs }) => ({ do: 'wait', ms: waitMs }),
} as const satisfies Record<string, (input: Fields, options: { readonly waitMs: number }) => Action | undefined>;

export type ComputerActionName = keyof typeof computerActions;

const isAction = (name: string): name is ComputerActionName => Object.hasOwn(computerActions, name);

/** The action's name for messages, whatever it is. */
export function actionName(input: unknown): string {
  const name = typeof input === 'object' && input !== null && 'type' in input ? input.type : undefined;
  return typeof name === 'string' ? name : 'action';
}

/** Throws INVALID_ARGUMENT. Fields that it does not know are passed over: the vendor adds to this tool without a new name. */
export function computerAction(input: unknown, options: { readonly waitMs: number }): Action | undefined {
  const name = actionName(input);
  if (!isAction(name))
    throw new CodedError('INVALID_ARGUMENT', `there is no computer action "${name}"`, {
      argument: 'type',
      value: name,
    });
  const act: (fields: Fields, options: { readonly waitMs: number }) => Action | undefined = computerActions[name];
  return act(readFields(input, name), options);
}

function placeOf(input: Fields): Point {
  return [numberOf(input, 'x'), numberOf(input, 'y')];
}

function pathOf(input: Fields): Point[] {
  const path = input.values['path'];
  if (!Array.isArray(path) || path.length < 2 || path.length > maxPath)
    throw wrong(input, 'path', `must be 2 to ${maxPath} places`);
  return path.map((place) => placeOf(readFields(place, `${input.of} path`)));
}

function keysOf(input: Fields): string[] {
  const keys: unknown = input.values['keys'];
  if (!Array.isArray(keys) || keys.length === 0 || keys.length > maxKeys)
    throw wrong(input, 'keys', `must be 1 to ${maxKeys} keys`);
  return keys.map((key: unknown) => {
    if (typeof key !== 'string' || key === '' || key.length > 30) throw wrong(input, 'keys', 'must be names of keys');
    return key;
  });
}

function held(input: Fields): { hold?: string[] } {
  const keys: unknown = input.values['keys'];
  if (!has(input, 'keys') || (Array.isArray(keys) && keys.length === 0)) return {};
  return { hold: keysOf(input).map((key) => normaliseKeys([key])) };
}
