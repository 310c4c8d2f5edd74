import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';

import { cutMiddle, wholeCharacters } from './cut.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);

describe('text that is cut', () => {
  test('is left alone where it fits', () => {
    expect(cutMiddle(bytesOf('héllo'), 6)).toEqual({ text: 'héllo', omittedBytes: 0 });
    expect(cutMiddle(bytesOf(''), 1)).toEqual({ text: '', omittedBytes: 0 });
  });

  test('keeps its beginning and its end, and says what is missing', () => {
    expect(cutMiddle(bytesOf('0123456789'), 4)).toEqual({ text: '01\n[… 6 bytes left out …]\n89', omittedBytes: 6 });
  });

  test('never splits a character, and counts every byte', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 20 }), fc.integer({ min: 8, max: 19 }), (text, maxBytes) => {
        const bytes = bytesOf(text);
        const cut = cutMiddle(bytes, maxBytes);
        expect(cut.text).not.toContain('\ufffd');
        const [head = '', tail = ''] = cut.text.split(`\n[… ${cut.omittedBytes} bytes left out …]\n`);
        expect(text.startsWith(head) && text.endsWith(tail)).toBe(true);
        expect(bytesOf(head).length + bytesOf(tail).length + cut.omittedBytes).toBe(bytes.length);
      }),
    );
  });

  test('may be any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.integer({ min: 1, max: 50 }), (bytes, maxBytes) => {
        const { omittedBytes } = cutMiddle(bytes, maxBytes);
        expect(omittedBytes).toBeGreaterThanOrEqual(Math.max(0, bytes.length - maxBytes - 6));
        expect(bytes.length - wholeCharacters(bytes).length).toBeLessThan(4);
      }),
    );
  });

  test('ends before a character that is not there whole', () => {
    const bytes = bytesOf('aü€😀');
    const whole = [0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10];
    expect(whole.map((_, length) => wholeCharacters(bytes.subarray(0, length)).length)).toEqual(whole);
  });
});
