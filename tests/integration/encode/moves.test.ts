import { openEncodePool } from '@bhatti/display/encode/pool.ts';
import { createFramebuffer, type DecodedFramebuffer } from '@bhatti/rfb/decode/framebuffer.ts';
import { Encoding, PseudoEncoding } from '@bhatti/rfb/numbers.ts';
import { bgrx8888 } from '@bhatti/rfb/pixel-format.ts';
import { afterAll, expect, test } from 'bun:test';
import fc from 'fast-check';
import { MovingScreen, MovingViewer, paintPart, shiftPart } from '../../support/moving-screen.ts';
import { openNativeDecoder } from '../../support/rfb-decoder.ts';
import { anyWalk, walk } from '../../support/screen-walk.ts';
import { until } from '../../support/until.ts';

const size = { width: 520, height: 430 };
const pool = openEncodePool({ threads: 2 });
afterAll(() => pool.close());

function addViewer(screen: MovingScreen, encodings: readonly number[]) {
  const picture = createFramebuffer(size.width, size.height);
  const decoder = openNativeDecoder();
  const draw = (rect: Parameters<typeof decoder.decode>[1]) => decoder.decode(picture, rect, bgrx8888);
  return { viewer: new MovingViewer(screen, { encodings, draw }), picture };
}

function isSame({ words }: DecodedFramebuffer, screen: MovingScreen): boolean {
  return words.every((word, i) => word === screen.words[i]);
}

const lossy = [Encoding.copyRect, Encoding.tight, PseudoEncoding.jpegQualityLevel0 + 4];

test('a scroll costs its new strip, and a viewer without CopyRect the whole', async () => {
  using screen = new MovingScreen(size, pool);
  paintPart(screen, { x: 0, y: 0, ...size }, { seed: 1, isPhoto: false });
  await screen.present();
  const copying = addViewer(screen, [Encoding.copyRect, Encoding.tight]);
  const other = addViewer(screen, [Encoding.tight]);
  const both = [copying, other];
  const settle = () =>
    until(() => {
      for (const { viewer } of both) viewer.read();
      return both.every(({ picture }) => isSame(picture, screen));
    });
  await settle();
  const before = both.map(({ viewer }) => viewer.bytes);
  for (let i = 0; i < 5; i++) {
    shiftPart(screen, { x: 0, y: 0, ...size }, { dx: 0, dy: -16, seed: 2 + i });
    await screen.present();
    await settle();
  }
  const [copied = 0, sent = 0] = both.map(({ viewer }, i) => viewer.bytes - (before[i] ?? 0));
  expect(copying.viewer.counts.get(Encoding.copyRect)).toBeGreaterThanOrEqual(5);
  expect(other.viewer.counts.get(Encoding.copyRect)).toBeUndefined();
  expect(copied).toBeLessThan(sent / 5);
});

test('whatever is scrolled, moved and painted, every viewer has the exact picture in the end, however slow it reads', async () => {
  let copies = 0;
  await fc.assert(
    fc.asyncProperty(anyWalk(size), async (steps) => {
      using screen = new MovingScreen(size, pool);
      paintPart(screen, { x: 0, y: 0, ...size }, { seed: 99, isPhoto: false });
      await screen.present();
      const viewers = [
        addViewer(screen, lossy),
        addViewer(screen, [...lossy, PseudoEncoding.fence]),
        addViewer(screen, [Encoding.copyRect, Encoding.zrle]),
        addViewer(screen, [Encoding.raw]),
      ];
      const pictures = new Map(viewers.map(({ viewer, picture }) => [viewer, picture]));
      await walk(screen, steps, (viewer) => {
        const picture = pictures.get(viewer);
        return picture !== undefined && isSame(picture, screen);
      });
      for (const { viewer } of viewers) copies += viewer.counts.get(Encoding.copyRect) ?? 0;
    }),
    { numRuns: 40 },
  );
  expect(copies).toBeGreaterThan(40);
}, 120_000);
