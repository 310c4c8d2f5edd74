import { expect, test } from 'bun:test';
import { Scrollback } from './scrollback.ts';

test('a terminal’s scrollback is its last 64 KiB, however it came', () => {
  const scrollback = new Scrollback();
  expect(scrollback.bytes().length).toBe(0);
  const all: number[] = [];
  for (let at = 0; at < 3_000; at += 1) {
    const chunk = Uint8Array.from({ length: at % 200 }, (_, index) => (at + index) % 256);
    scrollback.add(chunk);
    all.push(...chunk);
  }
  expect(Buffer.from(scrollback.bytes()).equals(Buffer.from(all.slice(-65_536)))).toBe(true);
  scrollback.add(new Uint8Array(200_000).fill(7));
  expect(scrollback.bytes()).toEqual(new Uint8Array(65_536).fill(7));
});
