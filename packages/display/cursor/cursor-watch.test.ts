import { expect, test } from 'bun:test';
import { straightRgba } from './cursor-watch.ts';

test('colours lose the alpha that X multiplied into them, and change their order', () => {
  const argb = Uint8Array.of(0, 0, 255, 255, 64, 32, 16, 128, 9, 9, 9, 0);
  expect([...straightRgba(argb)]).toEqual([255, 0, 0, 255, 32, 64, 128, 128, 0, 0, 0, 0]);
});
