import { rectsOf, regionOf } from '@bhatti/rfb/region.ts';
import { createSharedSegment } from '@bhatti/sys/shm.ts';
import { afterAll, describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { sampleDesktop } from '../encode/sample-desktop.ts';
import { changedRegion } from './compare.ts';
import { orderedRects } from './move.ts';
import { openMoveFinder } from './moves.ts';

const width = 500;
const height = 400;
const segments = [createSharedSegment(width * height * 4), createSharedSegment(width * height * 4)] as const;
for (const segment of segments) segment.remove();
const [before, after] = [new Int32Array(segments[0].memory()), new Int32Array(segments[1].memory())];
afterAll(() => {
  for (const segment of segments) segment.detach();
});
const framebuffers = {
  previousAddress: segments[0].address,
  currentAddress: segments[1].address,
  widthPx: width,
  heightPx: height,
  strideBytes: width * 4,
  bytesPerPixel: 4,
  previous: before,
  current: after,
} as const;
const screen = { x: 0, y: 0, width, height };
const desktop = sampleDesktop(width, height).words;
const noise = (seed: number) => (i: number) => Math.imul(i * 7919 + seed, 0x9e37_79b1) & 0xff_ffff;

interface Shift {
  readonly pane: { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
  readonly dx: number;
  readonly dy: number;
}

/** Moves the contents of a pane within it, and fills what comes in with something new. */
function shift(words: Int32Array, { pane, dx, dy }: Shift, seed: number): void {
  const old = words.slice();
  const fresh = noise(seed);
  for (let y = pane.y; y < pane.y + pane.height; y++) {
    for (let x = pane.x; x < pane.x + pane.width; x++) {
      const [fromX, fromY] = [x - dx, y - dy];
      const isInside =
        fromX >= pane.x && fromY >= pane.y && fromX < pane.x + pane.width && fromY < pane.y + pane.height;
      words[y * width + x] = isInside ? (old[fromY * width + fromX] ?? 0) : fresh(y * width + x);
    }
  }
}

/** The new picture as a viewer makes it: the old one, moves carried out rect by rect, then the rest. */
function shown(): { words: Int32Array; movedPixels: number } {
  const changed = changedRegion(framebuffers, regionOf(screen));
  const moves = openMoveFinder().find(framebuffers, changed);
  const words = before.slice();
  const isMoved = new Uint8Array(width * height);
  for (const move of moves) {
    for (const rect of orderedRects(move)) {
      const old = words.slice();
      for (let y = rect.y; y < rect.y + rect.height; y++) {
        for (let x = rect.x; x < rect.x + rect.width; x++) {
          words[y * width + x] = old[(y - move.dy) * width + x - move.dx] ?? -1;
          isMoved[y * width + x] = 1;
        }
      }
    }
  }
  for (const rect of rectsOf(changed)) {
    for (let y = rect.y; y < rect.y + rect.height; y++) {
      for (let i = y * width + rect.x; i < y * width + rect.x + rect.width; i++) {
        if (isMoved[i] === 0) words[i] = after[i] ?? 0;
      }
    }
  }
  return { words, movedPixels: isMoved.filter((is) => is === 1).length };
}

function scene(...shifts: readonly Shift[]): void {
  before.set(desktop);
  after.set(desktop);
  shifts.forEach((each, seed) => shift(after, each, seed));
}

const pane = { x: 37, y: 21, width: 301, height: 322 };

describe('moves', () => {
  for (const { what, dx, dy } of [
    { what: 'a scroll up by a line', dx: 0, dy: -17 },
    { what: 'a scroll down by most of a page', dx: 0, dy: 200 },
    { what: 'a scroll to the left', dx: -33, dy: 0 },
    { what: 'a scroll to the right', dx: 7, dy: 0 },
    { what: 'a drag aslant', dx: 23, dy: -11 },
  ]) {
    test(`${what} is found to its edges`, () => {
      before.set(Int32Array.from(desktop, (_, i) => noise(5)(i >> 1)));
      after.set(before);
      shift(after, { pane, dx, dy }, 1);
      const { words, movedPixels } = shown();
      expect(movedPixels).toBeGreaterThanOrEqual((pane.width - Math.abs(dx)) * (pane.height - Math.abs(dy)));
      expect(words).toEqual(after.slice());
    });
  }

  test('two panes that scroll at once are both found', () => {
    before.set(Int32Array.from(desktop, (_, i) => noise(3)(i >> 2)));
    after.set(before);
    shift(after, { pane: { x: 10, y: 10, width: 200, height: 300 }, dx: 0, dy: -12 }, 1);
    shift(after, { pane: { x: 260, y: 50, width: 220, height: 300 }, dx: 0, dy: 30 }, 2);
    const { words, movedPixels } = shown();
    expect(movedPixels).toBeGreaterThan(200 * 280 + 220 * 260);
    expect(words).toEqual(after.slice());
  });

  test('nothing is found where nothing moved, and after a while fewer frames are searched', () => {
    before.set(desktop);
    after.set(Int32Array.from(desktop, (_, i) => noise(9)(i)));
    const finder = openMoveFinder();
    const changed = regionOf(screen);
    for (let frame = 0; frame < 40; frame++) expect(finder.find(framebuffers, changed)).toEqual([]);
    scene({ pane: screen, dx: 0, dy: -40 });
    let frames = 0;
    while (finder.find(framebuffers, changed).length === 0) frames++;
    expect(frames).toBeLessThanOrEqual(16);
  });

  test('carried out in order and completed by the rest they give the new picture, whatever moved', () => {
    const anyPane = fc
      .record({ x: fc.nat(width - 100), y: fc.nat(height - 100), width: fc.nat(400), height: fc.nat(300) })
      .map((rect) => ({
        ...rect,
        width: Math.min(rect.width + 60, width - rect.x),
        height: Math.min(rect.height + 60, height - rect.y),
      }));
    const anyShift = fc.record({
      pane: anyPane,
      dx: fc.oneof(fc.constant(0), fc.integer({ min: -50, max: 50 })),
      dy: fc.integer({ min: -60, max: 60 }),
    });
    let moved = 0;
    fc.assert(
      fc.property(fc.array(anyShift, { minLength: 1, maxLength: 3 }), (shifts) => {
        scene(...shifts);
        const { words, movedPixels } = shown();
        moved += movedPixels;
        expect(words).toEqual(after.slice());
      }),
      { numRuns: 60 },
    );
    expect(moved).toBeGreaterThan(0);
  });

  test('a change of a few letters is not searched', () => {
    scene();
    expect(openMoveFinder().find(framebuffers, regionOf({ x: 0, y: 0, width: 60, height: 20 }))).toEqual([]);
  });
});
