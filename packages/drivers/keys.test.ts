import { describe, expect, test } from 'bun:test';

import { readFields } from './fields.ts';
import { knownKeys, modifiersOf, normaliseKeys, splitKeys } from './keys.ts';

describe('keys', () => {
  test.each([
    ['ctrl+shift+t', ['ctrl', 'shift', 't']],
    ['a', ['a']],
    ['+', ['+']],
    ['ctrl++', ['ctrl', '+']],
    ['ctrl+-', ['ctrl', '-']],
    ['ctrl+', ['ctrl', '']],
  ])('"%s" is %j', (text, keys) => {
    expect(splitKeys(text)).toEqual(keys);
  });

  test.each([
    ['CTRL+ALT+DEL', 'ctrl+alt+Delete'],
    ['Control_L+c', 'ctrl+c'],
    ['cmd+A', 'super+a'],
    ['shift+A', 'shift+A'],
    ['A', 'A'],
    ['arrowleft', 'Left'],
    ['ENTER', 'Return'],
    ['page_down', 'Page_Down'],
    ['f5', 'F5'],
    ['ctrl++', 'ctrl++'],
    ['XF86AudioMute', 'XF86AudioMute'],
    ['constructor', 'constructor'],
  ])('the desktop knows "%s" as "%s"', (text, known) => {
    expect(normaliseKeys(splitKeys(text))).toBe(known);
  });

  test('names of the language’s own objects are no keys', () => {
    expect(knownKeys(['toString', '__proto__'])).toEqual(['toString', '__proto__']);
    expect(() => modifiersOf(readFields({ text: 'valueOf' }, 'click'), 'text')).toThrow('must be modifiers');
  });
});
