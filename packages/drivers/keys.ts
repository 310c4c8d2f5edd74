import { wrong, wordOf, type Fields } from './fields.ts';
import { keyNames, modifierNames } from './keys-table.ts';

const maxKeysLength = 200; // as the batch's schema has it

/** `ctrl+shift+t` as its keys. The plus sign itself is a key: `ctrl++`, `+`. */
export function splitKeys(text: string): string[] {
  const keys: string[] = [];
  let key = '';
  for (const character of text) {
    if (character !== '+' || key === '') key += character;
    else {
      keys.push(key);
      key = '';
    }
  }
  // Empty after a plus that nothing follows: the desktop says that there is no such key.
  keys.push(key);
  return keys;
}

/**
 * The names that the desktop knows: the vendors' models write `CTRL`, `ARROWLEFT`, `cmd`, `page_up` as well. A name that nobody knows stays as it is: the desktop says
 * what is wrong with it.
 */
export function knownKeys(keys: readonly string[]): string[] {
  const known = keys.map((key) => keyNames.get(key.toLowerCase()) ?? key);
  // "CTRL+A" is Ctrl and the key that has an A on it; Shift is said when it is meant.
  const isChord = known.some((key) => key === 'ctrl' || key === 'alt' || key === 'super');
  return known.map((key) => (isChord && /^[A-Z]$/.test(key) ? key.toLowerCase() : key));
}

/** As one combination. */
export function normaliseKeys(keys: readonly string[]): string {
  return knownKeys(keys).join('+');
}

/** The field `name` as a combination of keys. */
export function keysOf(fields: Fields, name: string): string {
  return normaliseKeys(splitKeys(wordOf(fields, name, maxKeysLength)));
}

/** The field `name` as modifiers to hold, `ctrl+shift`. Anything else there is refused: a click does not type. */
export function modifiersOf(fields: Fields, name: string): string[] {
  return splitKeys(wordOf(fields, name, maxKeysLength)).map((key) => {
    const modifier = modifierNames.get(key.trim().toLowerCase());
    if (modifier === undefined)
      throw wrong(fields, name, `must be modifiers (shift, ctrl, alt, super) joined by "+", not "${key}"`);
    return modifier;
  });
}
