// The decoders of noVNC, which were written by others from the same documents, judge our encoders. The browser around them is
// the smallest display that they draw on.
import { afterAll, describe, expect, test } from 'bun:test';

import type { EncodedRect, EncodeJob, FramebufferRef } from '@bhatti/display/encode/encode-job.ts';
import { type EncodePool, openEncodePool } from '@bhatti/display/encode/pool.ts';
import { sampleDesktop } from '@bhatti/display/encode/sample-desktop.ts';
import { encodeCopyRect } from '@bhatti/rfb/encode/copy-rect.ts';
import { beginZrleStream } from '@bhatti/rfb/encode/zrle.ts';
import { Encoding } from '@bhatti/rfb/numbers.ts';
import { bgrx8888, type PixelFormat } from '@bhatti/rfb/pixel-format.ts';
import { cutAt } from '@bhatti/rfb/read-in-pieces.ts';
import { createSharedSegment } from '@bhatti/sys/shm.ts';
import { openNovnc, PictureDisplay } from '../../support/novnc.ts';

// noVNC asks for this one: bytes in memory red, green, blue, unused.
const novncFormat: PixelFormat = { ...bgrx8888, redShift: 0, greenShift: 8, blueShift: 16 };

const width = 700;
const height = 500;
const desktop = sampleDesktop(width, height);
const truth = desktop.words.map((word) => word & 0xffffff);
const segment = createSharedSegment(width * height * 4);
segment.remove();
new Int32Array(segment.memory()).set(desktop.words);
const pool: EncodePool = openEncodePool({ threads: 2 });
pool.attach(segment);
afterAll(async () => {
  await pool.close();
  segment.detach();
});
const framebuffer: FramebufferRef = {
  segmentId: segment.id,
  offsetBytes: 0,
  widthPx: width,
  heightPx: height,
  strideBytes: width * 4,
  format: bgrx8888,
};
const wholeScreen: EncodeJob = {
  framebuffer,
  rects: [{ x: 0, y: 0, width, height }],
  encoding: 'tight',
  mode: { kind: 'lossless' },
  format: novncFormat,
};

/** What noVNC shows of these rects when their bytes arrive in such pieces. */
async function shownByNovnc(
  rects: readonly Pick<EncodedRect, 'rect' | 'encoding' | 'bytes'>[],
  cuts: readonly number[],
) {
  const { socket, decoders } = await openNovnc();
  const display = new PictureDisplay(width, height);
  let hasZrle = false;
  for (const { rect, encoding, bytes } of rects) {
    const whole = encoding === Encoding.zrle && !hasZrle ? beginZrleStream(bytes) : bytes;
    hasZrle ||= encoding === Encoding.zrle;
    const pieces = cutAt(whole.subarray(12), cuts).filter((piece) => piece.length > 0);
    let isDone = false;
    for (const piece of pieces) {
      expect(isDone).toBe(false);
      socket._recvMessage({ data: new Uint8Array(piece).buffer });
      isDone =
        decoders.get(encoding)?.decodeRect(rect.x, rect.y, rect.width, rect.height, socket, display, 24) ?? false;
    }
    expect(isDone).toBe(true);
    expect(socket.rQlen()).toBe(0);
  }
  return display.words;
}

function expectSame(picture: Int32Array, wanted: Int32Array): void {
  const wrong = [...picture.keys()].filter((i) => picture[i] !== wanted[i]);
  expect(wrong.slice(0, 3).map((i) => `${i % width},${Math.floor(i / width)}`)).toEqual([]);
}

const cuts = [[], [1, 2, 3, 1000, 5000], [17, 18, 300]];

describe('noVNC', () => {
  for (const encoding of ['tight', 'zrle', 'raw'] as const) {
    test(`shows the exact pixels of our ${encoding} rects, in whatever pieces they arrive`, async () => {
      const rects = await pool.encode({ ...wholeScreen, encoding });
      for (const at of cuts) expectSame(await shownByNovnc(rects, at), truth);
    });
  }

  test('shows the same of several updates in one stream', async () => {
    for (const encoding of ['tight', 'zrle'] as const) {
      const updates = [wholeScreen.rects, [{ x: 5, y: 7, width: 99, height: 131 }], wholeScreen.rects];
      const rects = (
        await Promise.all(updates.map((part) => pool.encode({ ...wholeScreen, rects: part, encoding })))
      ).flat();
      expectSame(await shownByNovnc(rects, []), truth);
    }
  });

  test('shows our JPEG rects where they are, and the rest exactly', async () => {
    const rects = await pool.encode({ ...wholeScreen, mode: { kind: 'lossy', quality: 90, subsampling: '4:4:4' } });
    const picture = await shownByNovnc(rects, []);
    const isLossyAt = new Uint8Array(width * height);
    for (const { rect, isLossy } of rects) {
      for (let y = rect.y; isLossy && y < rect.y + rect.height; y++) {
        isLossyAt.fill(1, y * width + rect.x, y * width + rect.x + rect.width);
      }
    }
    expect(isLossyAt.includes(1)).toBe(true);
    expectSame(
      picture.map((word, i) => (isLossyAt[i] === 1 ? (truth[i] ?? 0) : word)),
      truth,
    );
    const error = picture.reduce((sum, word, i) => sum + Math.abs((word & 0xff) - ((truth[i] ?? 0) & 0xff)), 0);
    expect(error / isLossyAt.filter((is) => is === 1).length).toBeLessThan(4);
  });

  test('copies what our CopyRect says', async () => {
    const rects = await pool.encode(wholeScreen);
    const to = { x: 100, y: 120, width: 300, height: 200 };
    const from = { x: 90, y: 111 };
    const copy = { rect: to, encoding: Encoding.copyRect, bytes: encodeCopyRect(to, from) };
    const wanted = truth.map((word, i) => {
      const [x, y] = [i % width, Math.floor(i / width)];
      const isInside = x >= to.x && x < to.x + to.width && y >= to.y && y < to.y + to.height;
      return isInside ? (truth[(y - to.y + from.y) * width + x - to.x + from.x] ?? 0) : word;
    });
    expectSame(await shownByNovnc([...rects, copy], []), wanted);
  });
});
