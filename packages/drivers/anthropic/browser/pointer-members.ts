import { has, numberOf, oneOf, wordOf, wrong, type Fields } from '../../fields.ts';
import { splitKeys } from '../../keys.ts';
import { modifierNames } from '../../keys-table.ts';
import { modifierBits } from './key-table.ts';
import { thenStill } from './after-action.ts';
import { actIn, tabOf, type Member, type MemberContext } from './member.ts';
import {
  click,
  drag,
  movePointer,
  pressLeft,
  releaseLeft,
  scroll,
  type Click,
  type Place,
  type Pointer,
} from './mouse.ts';
import { coordinatePlace, elementOf, placeOf, scrollIntoView } from './target.ts';
import type { CdpSession } from '../../cdp/session.ts';

const defaultNotches = 3;
const maxNotches = 10;

export const pointerMembers = {
  left_click: clickMember('left', 1),
  right_click: clickMember('right', 1),
  middle_click: clickMember('middle', 1),
  double_click: clickMember('left', 2),
  triple_click: clickMember('left', 3),
  hover: {
    fields: ['target'],
    async run(input, context) {
      const tab = await tabOf(input, context);
      await movePointer(tab.session, tab.pointer, await placeOf(input, 'target', tab, context));
    },
  },
  mouse_move: coordinateMember(movePointer),
  left_mouse_down: coordinateMember(pressLeft),
  left_mouse_up: coordinateMember(releaseLeft),
  left_click_drag: {
    fields: ['from', 'target'],
    async run(input, context) {
      const tab = await tabOf(input, context);
      const from = await coordinatePlace(input, 'from', tab, context);
      const to = await coordinatePlace(input, 'target', tab, context);
      await actIn(tab, context, () => drag(tab.session, tab.pointer, from, to));
    },
  },
  scroll: {
    fields: ['target', 'scroll_direction', 'scroll_amount'],
    async run(input, context) {
      const notches = notchesOf(input);
      const tab = await tabOf(input, context);
      const place = await coordinatePlace(input, 'target', tab, context);
      await thenStill(tab, () => scroll(tab.session, tab.pointer, place, notches));
    },
  },
  scroll_to: {
    fields: ['target'],
    async run(input, context) {
      const tab = await tabOf(input, context);
      const named = elementOf(input, 'target', tab);
      await thenStill(tab, () => scrollIntoView(tab, named));
    },
  },
} as const satisfies Record<string, Member<string | undefined>>;

function clickMember(button: Click['button'], count: number): Member<string | undefined> {
  return {
    fields: ['target', 'modifiers'],
    async run(input, context) {
      const modifiers = modifierBitsOf(input);
      const tab = await tabOf(input, context);
      const place = await placeOf(input, 'target', tab, context);
      await actIn(tab, context, () => click(tab.session, tab.pointer, place, { button, count, modifiers }));
      return undefined;
    },
  };
}

function coordinateMember(
  act: (session: CdpSession, pointer: Pointer, to: Place) => Promise<void>,
): Member<string | undefined> {
  return {
    fields: ['target'],
    async run(input: Fields, context: MemberContext) {
      const tab = await tabOf(input, context);
      const place = await coordinatePlace(input, 'target', tab, context);
      await actIn(tab, context, () => act(tab.session, tab.pointer, place));
      return undefined;
    },
  };
}

function modifierBitsOf(input: Fields): number {
  if (!has(input, 'modifiers') || input.values['modifiers'] === '') return 0;
  let bits = 0;
  for (const key of splitKeys(wordOf(input, 'modifiers', 100))) {
    const bit = modifierBits.get(modifierNames.get(key.trim().toLowerCase()) ?? '');
    if (bit === undefined)
      throw wrong(input, 'modifiers', `must be shift, ctrl, alt or cmd joined by "+", not "${key}"`);
    bits |= bit;
  }
  return bits;
}

function notchesOf(input: Fields): { x: number; y: number } {
  const amount = has(input, 'scroll_amount')
    ? numberOf(input, 'scroll_amount', { min: 1, max: maxNotches })
    : defaultNotches;
  switch (oneOf(input, 'scroll_direction', ['up', 'down', 'left', 'right'])) {
    case 'up':
      return { x: 0, y: -amount };
    case 'down':
      return { x: 0, y: amount };
    case 'left':
      return { x: -amount, y: 0 };
    case 'right':
      return { x: amount, y: 0 };
  }
}
