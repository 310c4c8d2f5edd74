import { expect, test } from 'bun:test';
import { keysymOfChar, parseKeys } from './key-names.ts';

const [shift, ctrl, alt, superKey] = [0xffe1, 0xffe3, 0xffe9, 0xffeb];

test.each([
  ['a', [0x61]],
  ['A', [0x41]],
  ['+', [0x2b]],
  ['Return', [0xff0d]],
  ['enter', [0xff0d]],
  ['ENTER', [0xff0d]],
  ['Page_Down', [0xff56]],
  ['ArrowLeft', [0xff51]],
  ['ctrl+c', [ctrl, 0x63]],
  ['CTRL+C', [ctrl, 0x63]],
  ['ctrl+shift+t', [ctrl, shift, 0x74]],
  ['shift+A', [shift, 0x41]],
  ['ctrl++', [ctrl, 0x2b]],
  ['ctrl+plus', [ctrl, 0x2b]],
  ['alt+F4', [alt, 0xffc1]],
  ['super+space', [superKey, 0x20]],
  ['KP_Enter', [0xff8d]],
  ['eacute', [0xe9]],
  ['é', [0xe9]],
  ['中', [0x0100_4e2d]],
  ['U4E2D', [0x0100_4e2d]],
  ['😀', [0x0101_f600]],
] as const)('%s', (text, keysyms) => {
  expect(parseKeys(text)).toEqual([...keysyms]);
});

test.each(['', 'ctrl+', '+a', 'nonsense', 'ctrl+nonsense', 'F99', 'toString', 'U110000', 'a b'])(
  '%p is no key',
  (text) => {
    expect(() => parseKeys(text)).toThrow('no key is called');
  },
);

test('line ends and tabs are keys', () => {
  expect([0x0a, 0x0d, 0x09].map(keysymOfChar)).toEqual([0xff0d, 0xff0d, 0xff09]);
});
