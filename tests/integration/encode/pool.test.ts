import { afterAll, describe, expect, test } from 'bun:test';
import { existsSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { EncodedRect, EncodeJob, EncodeMode, FramebufferRef } from '@bhatti/display/encode/encode-job.ts';
import { openEncodePool } from '@bhatti/display/encode/pool.ts';
import { sampleDesktop } from '@bhatti/display/encode/sample-desktop.ts';
import { createFramebuffer } from '@bhatti/rfb/decode/framebuffer.ts';
import { beginZrleStream } from '@bhatti/rfb/encode/zrle.ts';
import { Encoding } from '@bhatti/rfb/numbers.ts';
import { bgrx8888, packPixel, type PixelFormat, rgb565, unpackPixel } from '@bhatti/rfb/pixel-format.ts';
import { regionArea, regionOf } from '@bhatti/rfb/region.ts';
import { createSharedSegment } from '@bhatti/sys/shm.ts';

import { drawRect, openNativeDecoder } from '../../support/rfb-decoder.ts';

const width = 700;
const height = 500;
const desktop = sampleDesktop(width, height);
const screen = { x: 0, y: 0, width, height };

/** The desktop in a shared segment, with a few bytes before it and at the end of each row. */
function shareDesktop(format: PixelFormat) {
  const isWide = format.bitsPerPixel === 32;
  const offsetBytes = 64;
  const strideBytes = width * (isWide ? 4 : 2) + 12;
  const segment = createSharedSegment(offsetBytes + strideBytes * height);
  segment.remove();
  const view = new DataView(segment.memory());
  desktop.words.forEach((word, i) => {
    const at = offsetBytes + Math.floor(i / width) * strideBytes + (i % width) * (isWide ? 4 : 2);
    if (isWide) view.setInt32(at, word, true);
    else view.setUint16(at, packPixel(rgb565, (word >> 16) & 0xff, (word >> 8) & 0xff, word & 0xff), true);
  });
  const framebuffer: FramebufferRef = {
    segmentId: segment.id,
    offsetBytes,
    widthPx: width,
    heightPx: height,
    strideBytes,
    format,
  };
  return { segment, framebuffer };
}

const deep = shareDesktop(bgrx8888);
const shallow = shareDesktop(rgb565);
const deathMarker = join(tmpdir(), `bhatti-test-death-${process.pid}`);
afterAll(() => {
  deep.segment.detach();
  shallow.segment.detach();
  rmSync(deathMarker, { force: true });
});

const lossless: EncodeMode = { kind: 'lossless' };
const lossy: EncodeMode = { kind: 'lossy', quality: 80, subsampling: '4:2:0' };
const job = (changes: Partial<EncodeJob> = {}): EncodeJob => ({
  framebuffer: deep.framebuffer,
  rects: [screen],
  encoding: 'tight',
  mode: lossless,
  format: bgrx8888,
  ...changes,
});

/** What a viewer shows after these rects, its ZRLE stream begun as a viewer session begins it. */
function shown(rects: readonly EncodedRect[], format: PixelFormat): Int32Array {
  const decoder = openNativeDecoder();
  const framebuffer = createFramebuffer(width, height);
  let hasZrle = false;
  for (const { bytes, encoding } of rects) {
    const begun = encoding === Encoding.zrle && !hasZrle ? beginZrleStream(bytes) : bytes;
    hasZrle ||= encoding === Encoding.zrle;
    drawRect(decoder, framebuffer, { bytes: begun, format });
  }
  return framebuffer.words;
}

/** What the screen is for a viewer of this format, when X has that one. */
function expected(screenFormat: PixelFormat, viewerFormat: PixelFormat): Int32Array {
  const through = (format: PixelFormat, rgb: number) =>
    unpackPixel(format, packPixel(format, (rgb >> 16) & 0xff, (rgb >> 8) & 0xff, rgb & 0xff));
  return desktop.words.map((word) => through(viewerFormat, through(screenFormat, word & 0xffffff)));
}

function expectSame(picture: Int32Array, truth: Int32Array): void {
  const wrong = [...picture.keys()].filter((i) => picture[i] !== truth[i]);
  expect(wrong.slice(0, 3).map((i) => `${i % width},${Math.floor(i / width)}`)).toEqual([]);
}

/** Peak signal-to-noise ratio of two pictures in dB. */
function psnr(a: Int32Array, b: Int32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) {
    for (const shift of [16, 8, 0]) sum += ((((a[i] ?? 0) >> shift) & 0xff) - (((b[i] ?? 0) >> shift) & 0xff)) ** 2;
  }
  return 10 * Math.log10((255 * 255 * a.length * 3) / sum);
}

const rgb332: PixelFormat = {
  ...bgrx8888,
  bitsPerPixel: 8,
  depth: 8,
  redMax: 7,
  greenMax: 7,
  blueMax: 3,
  redShift: 5,
  greenShift: 2,
};

/** What a promise is rejected with; undefined when it is kept. */
function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe('the encode pool', () => {
  for (const encoding of ['tight', 'zrle', 'raw'] as const) {
    for (const [name, { segment, framebuffer }] of [
      ['24', deep],
      ['16', shallow],
    ] as const) {
      for (const format of [bgrx8888, { ...bgrx8888, bigEndian: true }, rgb565, rgb332]) {
        const bits = `${format.bitsPerPixel}${format.bigEndian ? ' big-endian' : ''}`;
        test(`gives ${encoding} rects of a screen of depth ${name} that show its exact pixels with ${bits} bits`, async () => {
          await using pool = openEncodePool({ threads: 2 });
          pool.attach(segment);
          const rects = await pool.encode(job({ framebuffer, encoding, format }));
          expectSame(shown(rects, format), expected(framebuffer.format, format));
          expect(rects.every((rect) => !rect.isLossy)).toBe(true);
          expect(regionArea(regionOf(...rects.map(({ rect }) => rect)))).toBe(width * height);
        });
      }
    }
  }

  test('sends pictures as JPEG where that is allowed, and says which rects are not exact', async () => {
    await using pool = openEncodePool({ threads: 1 });
    pool.attach(deep.segment);
    const rects = await pool.encode(job({ mode: lossy }));
    const picture = shown(rects, bgrx8888);
    const truth = expected(bgrx8888, bgrx8888);
    const lossyRegion = regionOf(...rects.filter((rect) => rect.isLossy).map(({ rect }) => rect));
    expect(regionArea(lossyRegion)).toBeGreaterThan(10_000);
    expect(psnr(picture, truth)).toBeGreaterThan(35);
    // All that differs is in a rect that says so, so a refresh of those makes the screen exact.
    const refreshed = await pool.encode(job({ rects: rects.filter((rect) => rect.isLossy).map(({ rect }) => rect) }));
    const exact = shown([...rects, ...refreshed], bgrx8888);
    expectSame(exact, truth);
    const bytes = (all: readonly EncodedRect[]) => all.reduce((sum, rect) => sum + rect.bytes.length, 0);
    expect(bytes(rects)).toBeLessThan(bytes(await pool.encode(job())) / 2);
  });

  test('sends no JPEG to a viewer with 8 bits a pixel, who could not take it', async () => {
    await using pool = openEncodePool({ threads: 1 });
    pool.attach(deep.segment);
    const rects = await pool.encode(job({ mode: lossy, format: rgb332 }));
    expect(rects.filter((rect) => rect.isLossy)).toEqual([]);
    expectSame(shown(rects, rgb332), expected(bgrx8888, rgb332));
  });

  test('encodes any rects, and of those that leave the screen what is on it', async () => {
    await using pool = openEncodePool({ threads: 3 });
    pool.attach(deep.segment);
    const asked = [
      { x: 0, y: 0, width: 1, height: 1 },
      { x: 33, y: 70, width: 200, height: 131 },
      { x: 650, y: 480, width: 500, height: 500 },
      { x: 5000, y: 0, width: 10, height: 10 },
      { x: 400, y: 10, width: 17, height: 300 },
    ];
    const rects = await pool.encode(job({ rects: asked }));
    const picture = shown(rects, bgrx8888);
    const truth = expected(bgrx8888, bgrx8888);
    const wanted = truth.map((word, i) => {
      const [x, y] = [i % width, Math.floor(i / width)];
      return asked.some((r) => x >= r.x && x < r.x + r.width && y >= r.y && y < r.y + r.height) ? word : 0;
    });
    expectSame(picture, wanted);
  });

  test('encodes what is small without waiting for threads that are busy, or gone', async () => {
    const worker = new URL('./fixtures/missing.ts', import.meta.url).href;
    await using pool = openEncodePool({ threads: 1, worker });
    pool.attach(deep.segment);
    const letter = { x: 100, y: 100, width: 16, height: 16 };
    const picture = shown(await pool.encode(job({ rects: [letter] })), bgrx8888);
    const truth = expected(bgrx8888, bgrx8888);
    const isIn = (i: number) => {
      const [x, y] = [i % width, Math.floor(i / width)];
      return x >= 100 && x < 116 && y >= 100 && y < 116;
    };
    expectSame(
      picture,
      truth.map((word, i) => (isIn(i) ? word : 0)),
    );
  });

  test('gives nothing for nothing', async () => {
    await using pool = openEncodePool({ threads: 1 });
    pool.attach(deep.segment);
    expect(await pool.encode(job({ rects: [] }))).toEqual([]);
  });

  test('refuses a segment that it does not know, and one that is on its way out', async () => {
    await using pool = openEncodePool({ threads: 1 });
    const refused = { code: 'INVALID_ARGUMENT' };
    expect(await failureOf(pool.encode(job()))).toMatchObject(refused);
    pool.attach(deep.segment);
    const running = pool.encode(job());
    pool.detach(deep.segment.id);
    expect(await failureOf(pool.encode(job()))).toMatchObject(refused);
    expect((await running).length).toBeGreaterThan(0);
  });

  test('refuses a framebuffer that is larger than its segment', async () => {
    await using pool = openEncodePool({ threads: 1 });
    pool.attach(deep.segment);
    const framebuffer = { ...deep.framebuffer, heightPx: height + 1 };
    expect(await failureOf(pool.encode(job({ framebuffer })))).toMatchObject({ code: 'INVALID_ARGUMENT' });
    expect((await pool.encode(job())).length).toBeGreaterThan(0);
  });

  test('ends what runs when it closes, and takes nothing any more', async () => {
    const pool = openEncodePool({ threads: 1 });
    pool.attach(deep.segment);
    const running = [pool.encode(job()), pool.encode(job())];
    const endings = Promise.allSettled(running);
    await pool.close();
    for (const ending of await endings)
      expect(ending).toMatchObject({ status: 'rejected', reason: { code: 'ABORTED' } });
    expect(await failureOf(pool.encode(job()))).toMatchObject({ code: 'ABORTED' });
  });
});

describe('a thread of the pool that dies', () => {
  const worker = new URL('./fixtures/dies.worker.ts', import.meta.url).href;

  const small = { x: 0, y: 0, width: 300, height: 300 };
  const deadly = { x: 0, y: 0, width: 301, height: 300 };

  test('is replaced, and its job is done by another', async () => {
    rmSync(deathMarker, { force: true });
    await using pool = openEncodePool({ threads: 2, worker });
    pool.attach(deep.segment);
    expect(await pool.encode(job({ rects: [small] }))).toEqual([]);
    expect(existsSync(deathMarker)).toBe(true);
  });

  test('twice of one job fails that job, and no other', async () => {
    await using pool = openEncodePool({ threads: 1, worker });
    pool.attach(deep.segment);
    const endings = await Promise.allSettled([small, deadly, small].map((rect) => pool.encode(job({ rects: [rect] }))));
    expect(endings).toMatchObject([
      { status: 'fulfilled' },
      { status: 'rejected', reason: { code: 'INTERNAL' } },
      { status: 'fulfilled' },
    ]);
  });

  test('before it could start fails its job', async () => {
    await using pool = openEncodePool({ threads: 1, worker: new URL('./fixtures/missing.ts', import.meta.url).href });
    pool.attach(deep.segment);
    expect(await failureOf(pool.encode(job()))).toMatchObject({ code: 'INTERNAL' });
  });
});
