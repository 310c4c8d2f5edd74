import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { splitWords } from './words.ts';

const words = (text: string) => splitWords(text).map((word) => word.text);

describe('words of a value', () => {
  test('are cut at white space, quotes being taken off', () => {
    expect(words(` a  "b c" 'd "e"' f"g h"i ""`)).toEqual(['a', 'b c', 'd "e"', 'fg hi', '']);
  });

  test('have C escapes resolved, and unknown ones left', () => {
    expect(words(String.raw`\t\x41\101\u00e9\s "\"\\" \q`)).toEqual(['\tAAé ', '"\\', '\\q']);
  });

  test('tell a quoted semicolon from a bare one', () => {
    expect(splitWords(String.raw`a ; ";" \;`)).toEqual([
      { text: 'a', wasQuoted: false },
      { text: ';', wasQuoted: false },
      { text: ';', wasQuoted: true },
      { text: ';', wasQuoted: true },
    ]);
  });

  test('need their closing quote', () => {
    expect(() => splitWords('"a')).toThrow(SyntaxError);
  });

  test('hold no NUL and nothing that is no character', () => {
    expect(words(String.raw`\x00 \000 \U00110000 a\x0`)).toEqual(['\\x00', '\\000', '\\U00110000', 'a\\x0']);
  });

  test('come back from what was quoted', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' })), (list) => {
        const clean = list.map((word) => word.replaceAll('\0', ''));
        const text = clean.map((word) => `"${word.replace(/["\\]/g, (character) => `\\${character}`)}"`).join(' ');
        expect(words(text)).toEqual(clean);
      }),
    );
  });
});
