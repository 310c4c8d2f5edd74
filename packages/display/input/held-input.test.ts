import { beforeEach, expect, test } from 'bun:test';
import { HeldInput } from './held-input.ts';

let seen: string[] = [];
let input = new HeldInput({ key: () => {}, pointer: () => {} });
beforeEach(() => {
  seen = [];
  input = new HeldInput({
    key: ({ keysym }, down) => seen.push(`${down ? '+' : '-'}${keysym}`),
    pointer: ({ x, y, buttonMask }) => seen.push(`${x},${y}:${buttonMask}`),
  });
});
const key = (keysym: number) => ({ keysym, keycode: 0 });

test('a viewer that leaves lets go of the keys and buttons it held', () => {
  input.key('a', key(1), true);
  input.key('a', key(2), true);
  input.key('a', key(2), false);
  input.pointer('a', { x: 5, y: 6, buttonMask: 1 });
  seen = [];
  input.release('a');
  expect(seen).toEqual(['-1', '5,6:0']);
  input.release('a');
  expect(seen).toHaveLength(2);
});

test('a key that two viewers hold goes up with the last of them', () => {
  input.key('a', key(1), true);
  input.key('b', key(1), true);
  input.key('a', key(1), false);
  expect(seen).toEqual(['+1', '+1']);
  input.release('b');
  expect(seen).toEqual(['+1', '+1', '-1']);
});

test('a release without a press is dropped', () => {
  input.key('a', key(1), false);
  expect(seen).toEqual([]);
});

test('whoever drags has the pointer alone', () => {
  input.pointer('a', { x: 1, y: 1, buttonMask: 1 });
  input.pointer('b', { x: 9, y: 9, buttonMask: 4 });
  input.pointer('a', { x: 2, y: 2, buttonMask: 0 });
  input.pointer('b', { x: 3, y: 3, buttonMask: 0 });
  expect(seen).toEqual(['1,1:1', '2,2:0', '3,3:0']);
});

test('all is let go of at once, and it is said whether there was anything', () => {
  expect(input.releaseAll()).toBe(false);
  input.key('a', key(1), true);
  input.pointer('b', { x: 5, y: 6, buttonMask: 1 });
  seen = [];
  expect(input.releaseAll()).toBe(true);
  expect(seen).toEqual(['-1', '5,6:0']);
  expect(input.releaseAll()).toBe(false);
});

test('a button that stays pressed after that does nothing until it was up', () => {
  input.pointer('a', { x: 1, y: 1, buttonMask: 1 });
  input.releaseAll();
  seen = [];
  input.pointer('a', { x: 2, y: 2, buttonMask: 1 });
  input.pointer('a', { x: 3, y: 3, buttonMask: 5 });
  input.pointer('a', { x: 3, y: 3, buttonMask: 0 });
  input.pointer('a', { x: 4, y: 4, buttonMask: 1 });
  expect(seen).toEqual(['2,2:0', '3,3:4', '3,3:0', '4,4:1']);
});

test('a button that was pressed out of turn does not go down when the turn comes', () => {
  input.ignorePointer('a', { x: 1, y: 1, buttonMask: 1 });
  input.pointer('b', { x: 9, y: 9, buttonMask: 1 });
  input.pointer('b', { x: 9, y: 9, buttonMask: 0 });
  seen = [];
  input.pointer('a', { x: 2, y: 2, buttonMask: 1 });
  input.pointer('a', { x: 2, y: 2, buttonMask: 0 });
  input.pointer('a', { x: 2, y: 2, buttonMask: 1 });
  expect(seen).toEqual(['2,2:0', '2,2:0', '2,2:1']);
});
