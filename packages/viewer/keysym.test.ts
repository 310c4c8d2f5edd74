import { expect, test } from 'bun:test';
import { keysymOfCharacter } from './keysym.ts';

test.each([
  ['a', 0x61],
  ['~', 0x7e],
  ['ü', 0xfc],
  ['€', 0x010020ac],
  ['日', 0x010065e5],
  ['😀', 0x0101f600],
  ['\n', 0xff0d],
  ['\t', 0xff09],
  ['\u0007', undefined],
  ['', undefined],
])('%p has the keysym %p', (character, keysym) => {
  expect(keysymOfCharacter(character)).toBe(keysym);
});
