import type { StateWord } from '@bhatti/wire/display/a11y.ts';

/** AtspiStateType: the number of each state's bit, in two words of 32. */
const bits = {
  active: 1,
  busy: 3,
  checked: 4,
  editable: 7,
  enabled: 8,
  expandable: 9,
  expanded: 10,
  focusable: 11,
  focused: 12,
  modal: 16,
  pressed: 20,
  selectable: 22,
  selected: 23,
  sensitive: 24,
  showing: 25,
  visible: 30,
  managesDescendants: 31,
  indeterminate: 32,
  required: 33,
  invalidEntry: 36,
  hasPopup: 42,
  readOnly: 43,
} as const;

export type StateName = keyof typeof bits;

/** Two words of bits. */
export type States = readonly [number, number];

export function hasState([low, high]: States, name: StateName): boolean {
  const bit = bits[name];
  return ((bit < 32 ? low >>> bit : high >>> (bit - 32)) & 1) === 1;
}

const told: readonly (readonly [StateName, StateWord])[] = [
  ['active', 'active'],
  ['busy', 'busy'],
  ['checked', 'checked'],
  ['editable', 'editable'],
  ['expanded', 'expanded'],
  ['focusable', 'focusable'],
  ['focused', 'focused'],
  ['hasPopup', 'haspopup'],
  ['invalidEntry', 'invalid'],
  ['indeterminate', 'mixed'],
  ['modal', 'modal'],
  ['pressed', 'pressed'],
  ['readOnly', 'readonly'],
  ['required', 'required'],
  ['selected', 'selected'],
];

/** The words for what is special about an element, sorted. */
export function stateWordsOf(states: States, isOffscreen: boolean): StateWord[] {
  const words = told.filter(([name]) => hasState(states, name)).map(([, word]) => word);
  if (hasState(states, 'expandable') && !hasState(states, 'expanded')) words.push('collapsed');
  if (!hasState(states, 'sensitive')) words.push('disabled');
  if (isOffscreen) words.push('offscreen');
  return words.toSorted();
}

/** What nearly every element of a kind has is left out of the text: it says nothing. */
export const quietWords: ReadonlySet<string> = new Set<StateWord>(['editable', 'focusable']);
