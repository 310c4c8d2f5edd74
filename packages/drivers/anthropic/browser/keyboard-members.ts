import { sleep } from '@bhatti/base/operation.ts';

import { has, numberOf, textOf, wordOf, type Fields } from '../../fields.ts';
import { holdKeys, pressKeys, typeText } from './keyboard.ts';
import { actIn, tabOf, type Member } from './member.ts';

const maxTextLength = 65_536;
const maxKeysLength = 500;
const maxRepeat = 100;
const maxSeconds = 30; // as the API has it

export const keyboardMembers = {
  type: {
    fields: ['text'],
    async run(input, context) {
      const text = textOf(input, 'text', maxTextLength);
      const tab = await tabOf(input, context);
      await actIn(tab, context, () => typeText(tab.session, text, context.signal));
    },
  },
  key: {
    fields: ['text', 'repeat'],
    async run(input, context) {
      const keys = wordOf(input, 'text', maxKeysLength);
      const times = has(input, 'repeat') ? numberOf(input, 'repeat', { min: 1, max: maxRepeat, isWhole: true }) : 1;
      const tab = await tabOf(input, context);
      await actIn(tab, context, () => pressKeys(tab.session, keys, times, context.signal));
    },
  },
  hold_key: {
    fields: ['text', 'duration'],
    async run(input, context) {
      const keys = wordOf(input, 'text', maxKeysLength);
      const ms = durationOf(input);
      const tab = await tabOf(input, context);
      await actIn(tab, context, () => holdKeys(tab.session, keys, ms, context.signal));
    },
  },
  wait: {
    fields: ['duration'],
    async run(input, { signal }) {
      await sleep({ signal }, durationOf(input));
    },
  },
} as const satisfies Record<string, Member<string | undefined>>;

function durationOf(input: Fields): number {
  return numberOf(input, 'duration', { min: 0, max: maxSeconds }) * 1_000;
}
