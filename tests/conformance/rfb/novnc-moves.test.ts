// A screen that scrolls and moves, as noVNC's decoders show it.
import { openEncodePool } from '@bhatti/display/encode/pool.ts';
import { Encoding, PseudoEncoding } from '@bhatti/rfb/numbers.ts';
import { bgrx8888, type PixelFormat } from '@bhatti/rfb/pixel-format.ts';
import { afterAll, expect, test } from 'bun:test';
import fc from 'fast-check';
import { MovingScreen, MovingViewer, paintPart } from '../../support/moving-screen.ts';
import { openNovnc, PictureDisplay } from '../../support/novnc.ts';
import { anyWalk, walk } from '../../support/screen-walk.ts';

const size = { width: 480, height: 390 };
// noVNC asks for this one: bytes in memory red, green, blue, unused.
const format: PixelFormat = { ...bgrx8888, redShift: 0, greenShift: 8, blueShift: 16 };
const pool = openEncodePool({ threads: 2 });
afterAll(() => pool.close());

async function addViewer(screen: MovingScreen, encodings: readonly number[]) {
  const { socket, decoders } = await openNovnc();
  const display = new PictureDisplay(size.width, size.height);
  const viewer = new MovingViewer(screen, {
    encodings,
    format,
    draw({ rect: { x, y, width, height }, encoding, body }) {
      socket._recvMessage({ data: new Uint8Array(body).buffer });
      if (decoders.get(encoding)?.decodeRect(x, y, width, height, socket, display, 24) !== true) {
        throw new Error(`noVNC waits for more of a rect of encoding ${encoding}`);
      }
    },
  });
  return { viewer, display };
}

test('noVNC shows the exact screen in the end, whatever is scrolled, moved and painted, and however slow it reads', async () => {
  let copies = 0;
  await fc.assert(
    fc.asyncProperty(anyWalk(size), async (steps) => {
      using screen = new MovingScreen(size, pool);
      paintPart(screen, { x: 0, y: 0, ...size }, { seed: 99, isPhoto: false });
      await screen.present();
      const usual = [Encoding.copyRect, Encoding.tight, PseudoEncoding.jpegQualityLevel0 + 6];
      const viewers = [
        await addViewer(screen, usual),
        await addViewer(screen, [...usual, PseudoEncoding.fence]),
        await addViewer(screen, [Encoding.copyRect, Encoding.zrle]),
      ];
      const displays = new Map(viewers.map(({ viewer, display }) => [viewer, display]));
      await walk(
        screen,
        steps,
        (viewer) => displays.get(viewer)?.words.every((word, i) => word === screen.words[i]) === true,
      );
      for (const { viewer } of viewers) copies += viewer.counts.get(Encoding.copyRect) ?? 0;
    }),
    { numRuns: 25 },
  );
  expect(copies).toBeGreaterThan(20);
}, 120_000);
