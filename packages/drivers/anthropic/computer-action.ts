import type { Action, Point } from '@bhatti/wire/display/action.ts';

import { has, numberOf, oneOf, pointOf, readFields, regionOf, textOf, type Fields } from '../fields.ts';
import { keysOf, modifiersOf } from '../keys.ts';

/** Fields of the actions that pictures are taken by. */
export type PictureFields = Omit<Extract<Action, { do: 'screenshot' }>, 'do' | 'region' | 'scale' | 'cursor'>;

export interface ComputerMember {
  readonly fields: readonly string[];
  readonly action: (input: Fields, picture: PictureFields) => Action;
}

const maxTextLength = 65_536; // of one `type`, as the batch's schema has it
const maxSeconds = 300;
const maxRepeat = 100;
const maxScrollClicks = 1_000; // 50 screens

const clickFields = ['coordinate', 'text'];

/** What each member of the computer toolset asks of the desktop. */
export const computerMembers = {
  screenshot: { fields: [], action: (_, picture) => ({ do: 'screenshot', ...picture }) },
  zoom: {
    fields: ['region'],
    action: (input, picture) => ({ do: 'zoom', region: regionOf(input, 'region'), ...picture }),
  },
  left_click: { fields: clickFields, action: (input) => ({ do: 'click', ...where(input), ...held(input) }) },
  right_click: {
    fields: clickFields,
    action: (input) => ({ do: 'click', button: 'right', ...where(input), ...held(input) }),
  },
  middle_click: {
    fields: clickFields,
    action: (input) => ({ do: 'click', button: 'middle', ...where(input), ...held(input) }),
  },
  double_click: {
    fields: clickFields,
    action: (input) => ({ do: 'click', count: 2, ...where(input), ...held(input) }),
  },
  triple_click: {
    fields: clickFields,
    action: (input) => ({ do: 'click', count: 3, ...where(input), ...held(input) }),
  },
  left_click_drag: {
    fields: ['start_coordinate', 'coordinate', 'text'],
    action: (input) => ({
      do: 'drag',
      path: [pointOf(input, 'start_coordinate'), pointOf(input, 'coordinate')],
      ...held(input),
    }),
  },
  left_mouse_down: { fields: [], action: () => ({ do: 'down' }) },
  left_mouse_up: { fields: [], action: () => ({ do: 'up' }) },
  mouse_move: { fields: ['coordinate'], action: (input) => ({ do: 'move', to: pointOf(input, 'coordinate') }) },
  scroll: {
    fields: ['scroll_direction', 'scroll_amount', 'coordinate', 'text'],
    action: (input) => ({ do: 'scroll', ...wheel(input), unit: 'click', ...where(input), ...held(input) }),
  },
  type: { fields: ['text'], action: (input) => ({ do: 'type', text: textOf(input, 'text', maxTextLength) }) },
  key: {
    fields: ['text', 'repeat'],
    action: (input) => ({ do: 'key', keys: keysOf(input, 'text'), ...repeat(input) }),
  },
  hold_key: {
    fields: ['text', 'duration'],
    action: (input) => ({ do: 'hold', keys: keysOf(input, 'text'), ms: duration(input) }),
  },
  wait: { fields: ['duration'], action: (input) => ({ do: 'wait', ms: duration(input) }) },
  cursor_position: { fields: [], action: () => ({ do: 'cursor' }) },
} as const satisfies Record<string, ComputerMember>;

export type ComputerMemberName = keyof typeof computerMembers;

export const isComputerMember = (name: string): name is ComputerMemberName => Object.hasOwn(computerMembers, name);

/** What a member's input asks for. Throws INVALID_ARGUMENT. */
export function computerAction(name: ComputerMemberName, input: unknown, picture: PictureFields): Action {
  const member: ComputerMember = computerMembers[name];
  return member.action(readFields(input, name, member.fields), picture);
}

function where(input: Fields): { at?: Point } {
  return has(input, 'coordinate') ? { at: pointOf(input, 'coordinate') } : {};
}

function held(input: Fields): { hold?: string[] } {
  return has(input, 'text') && input.values['text'] !== '' ? { hold: modifiersOf(input, 'text') } : {};
}

function wheel(input: Fields): { dx?: number; dy?: number } {
  const clicks = numberOf(input, 'scroll_amount', { min: 0, max: maxScrollClicks });
  switch (oneOf(input, 'scroll_direction', ['up', 'down', 'left', 'right'])) {
    case 'up':
      return { dy: -clicks };
    case 'down':
      return { dy: clicks };
    case 'left':
      return { dx: -clicks };
    case 'right':
      return { dx: clicks };
  }
}

function repeat(input: Fields): { repeat?: number } {
  if (!has(input, 'repeat')) return {};
  return { repeat: numberOf(input, 'repeat', { min: 1, max: maxRepeat, isWhole: true }) };
}

function duration(input: Fields): number {
  return Math.round(numberOf(input, 'duration', { min: 0, max: maxSeconds }) * 1_000);
}
