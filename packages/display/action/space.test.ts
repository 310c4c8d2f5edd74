import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { Space } from './space.ts';

const sizes = fc.record({ width: fc.integer({ min: 1, max: 4096 }), height: fc.integer({ min: 1, max: 4096 }) });

test('the left top corner is 0, 0 in every space, and the last pixel is on the screen', () => {
  fc.assert(
    fc.property(sizes, sizes, (screen, seen) => {
      const space = new Space(screen, seen);
      const first = space.toScreen([0, 0]);
      expect(first.x).toBeLessThanOrEqual(Math.floor(screen.width / seen.width / 2));
      const last = space.toScreen([seen.width - 1, seen.height - 1]);
      expect(last.x).toBeLessThan(screen.width);
      expect(last.y).toBeLessThan(screen.height);
    }),
  );
});

test('a point of a picture that is smaller than the screen comes back as it went', () => {
  fc.assert(
    fc.property(sizes, fc.integer({ min: 1, max: 8 }), fc.nat(), (seen, times, seed) => {
      const space = new Space({ width: seen.width * times, height: seen.height * times }, seen);
      const at = [seed % seen.width, seed % seen.height] as const;
      expect(space.fromScreen(space.toScreen([...at]))).toEqual({ x: at[0], y: at[1] });
    }),
  );
});

test('without a space of its own it is the screen', () => {
  const space = new Space({ width: 1280, height: 720 }, undefined);
  expect(space.toScreen([1279, 719])).toEqual({ x: 1279, y: 719 });
  expect(space.toScreenRect([0, 0, 2000, 10])).toEqual({ x: 0, y: 0, width: 1280, height: 10 });
});

test.each([[[-1, 0]], [[0, 720]], [[1280, 0]], [[0, -0.5]]] as const)('%p is outside', (at) => {
  const space = new Space({ width: 2560, height: 1440 }, { width: 1280, height: 720 });
  expect(() => space.toScreen([...at])).toThrow('it is outside of the 1280×720 pixels');
});

test('a region without a pixel is refused', () => {
  const space = new Space({ width: 100, height: 100 }, undefined);
  expect(() => space.toScreenRect([10, 10, 10, 20])).toThrow('no pixel');
  expect(() => space.toScreenRect([200, 10, 300, 20])).toThrow('no pixel');
});
