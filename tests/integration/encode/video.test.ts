import type { EncodeJob, VideoJob } from '@bhatti/display/encode/encode-job.ts';
import { openEncodePool } from '@bhatti/display/encode/pool.ts';
import { createFramebuffer } from '@bhatti/rfb/decode/framebuffer.ts';
import { Encoding, PseudoEncoding } from '@bhatti/rfb/numbers.ts';
import { bgrx8888 } from '@bhatti/rfb/pixel-format.ts';
import { createSharedSegment } from '@bhatti/sys/shm.ts';
import { afterAll, describe, expect, test } from 'bun:test';
import { MovingScreen, MovingViewer, type PixelRect } from '../../support/moving-screen.ts';
import { openNativeDecoder } from '../../support/rfb-decoder.ts';
import { ssim } from '../../support/ssim.ts';
import { until } from '../../support/until.ts';

const size = { width: 640, height: 480 };
const film = { x: 96, y: 80, width: 320, height: 240 };
const pool = openEncodePool({ threads: 2 });
afterAll(() => pool.close());
const wholeScreen: Omit<EncodeJob, 'framebuffer'> = {
  rects: [{ x: 0, y: 0, ...size }],
  encoding: 'tight',
  mode: { kind: 'lossless' },
  format: bgrx8888,
};
const usual = [Encoding.copyRect, Encoding.tight, PseudoEncoding.jpegQualityLevel0 + 6, PseudoEncoding.fence];

function addViewer(screen: MovingScreen, encodings: readonly number[]) {
  const picture = createFramebuffer(size.width, size.height);
  const decoder = openNativeDecoder();
  const videoRects: PixelRect[] = [];
  const draw = (rect: PixelRect) => {
    if (rect.encoding === Encoding.h264) videoRects.push({ ...rect, body: rect.body.slice() });
    decoder.decode(picture, rect, bgrx8888);
  };
  const viewer = new MovingViewer(screen, { encodings, draw });
  return { viewer, picture, videoRects };
}

/** A picture of a film: soft shapes that pass by. */
function drawFilm(screen: MovingScreen, n: number): void {
  for (let y = film.y; y < film.y + film.height; y++) {
    for (let x = film.x; x < film.x + film.width; x++) {
      const level = (phase: number) =>
        Math.round(
          128 + 60 * Math.sin((x + n * 3) / (20 + (n % 7)) + phase) + 50 * Math.cos((y + x / 3 - n * 2) / 17 - phase),
        );
      screen.words[y * size.width + x] = (level(0) << 16) | (level(2) << 8) | level(4);
    }
  }
}

const frameMs = 33;

/** Shows the film until something is so; every frame is read before the next. */
async function play(screen: MovingScreen, from: number, isDone: () => boolean): Promise<void> {
  let n = from;
  await until(async () => {
    drawFilm(screen, n++);
    screen.nowMs += frameMs;
    await screen.present();
    await until(() => screen.viewers.every((viewer) => viewer.read()));
    return isDone();
  });
}

/** The film is over, and time goes by. */
function rest(screen: MovingScreen): void {
  screen.nowMs += 1000;
}

const isSame = (screen: MovingScreen, words: Int32Array) => words.every((word, i) => word === screen.words[i]);
const settled = (screen: MovingScreen, pictures: readonly { words: Int32Array }[]) =>
  until(() => {
    for (const viewer of screen.viewers) viewer.read();
    return pictures.every(({ words }) => isSame(screen, words));
  });

async function openFilm(): Promise<MovingScreen> {
  const screen = new MovingScreen(size, pool);
  screen.words.fill(0x30_4050);
  drawFilm(screen, 0);
  await screen.present();
  return screen;
}

describe('a video stream of the pool', () => {
  const segment = createSharedSegment(size.width * size.height * 4);
  segment.remove();
  afterAll(() => segment.detach());
  const job = (changes: Partial<VideoJob> = {}): VideoJob => ({
    framebuffer: {
      segmentId: segment.id,
      offsetBytes: 0,
      widthPx: size.width,
      heightPx: size.height,
      strideBytes: size.width * 4,
      format: bgrx8888,
    },
    rect: film,
    streamId: 7,
    isKey: false,
    bytesPerPicture: 8000,
    ...changes,
  });

  test('stays with its encoder among many threads, and gives key pictures when they are asked for', async () => {
    await using own = openEncodePool({ threads: 3 });
    own.attach(segment);
    const keys: boolean[] = [];
    for (let i = 0; i < 12; i++) {
      const whole = own.encode({ ...wholeScreen, framebuffer: job().framebuffer });
      const { isKey, bytes } = await own.video(job({ isKey: i === 8 }));
      expect(bytes?.length).toBeGreaterThan(0);
      keys.push(isKey);
      await whole;
    }
    expect(keys).toEqual(keys.map((_, i) => i === 0 || i === 8));
  });

  test('that was ended begins anew, as does one whose thread is gone', async () => {
    await using own = openEncodePool({ threads: 2 });
    own.attach(segment);
    await own.video(job());
    own.endVideo(7);
    expect((await own.video(job())).isKey).toBe(true);
    own.endVideo(7);
    await own.rest();
    expect((await own.video(job())).isKey).toBe(true);
  });

  test('takes no more than it may, and refuses a size that H.264 does not have', async () => {
    await using own = openEncodePool({ threads: 1 });
    own.attach(segment);
    const words = new Int32Array(segment.memory());
    const bytesAt = async (streamId: number, bytesPerPicture: number) => {
      let sum = 0;
      for (let n = 0; n < 60; n++) {
        for (let i = 0; i < words.length; i++) words[i] = Math.imul(i + n * 977, 0x9e37_79b1);
        const { bytes } = await own.video(job({ streamId, bytesPerPicture }));
        if (n >= 30) sum += bytes?.length ?? 0;
      }
      return sum / 30;
    };
    expect(await bytesAt(1, 40_000)).toBeLessThan(60_000);
    expect(await bytesAt(2, 15_000)).toBeLessThan((await bytesAt(3, 40_000)) * 0.7);
    const refusal = await own.video(job({ streamId: 9, rect: { ...film, width: 0 } })).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: 'INVALID_ARGUMENT' });
  });
});

describe('a film', () => {
  test('is sent as H.264 where the viewer takes it, looks like it in motion, and is exact when it rests', async () => {
    using screen = await openFilm();
    const { picture, videoRects } = addViewer(screen, [...usual, Encoding.h264]);
    await settled(screen, [picture]);
    await play(screen, 1, () => videoRects.length >= 20);
    expect(ssim(picture.words, screen.words, { ...film, stride: size.width })).toBeGreaterThan(0.95);
    expect(isSame(screen, picture.words)).toBe(false);
    for (const { rect } of videoRects) {
      expect([rect.x % 16, rect.y % 16, rect.width % 16, rect.height % 16]).toEqual([0, 0, 0, 0]);
    }
    expect(videoRects.at(-1)?.rect).toEqual(film);
    rest(screen);
    await settled(screen, [picture]);
  });

  test('comes as pictures of its own where the viewer does not', async () => {
    using screen = await openFilm();
    const { viewer, picture } = addViewer(screen, usual);
    await play(screen, 1, () => (viewer.counts.get(Encoding.tight) ?? 0) > 60);
    expect(viewer.counts.get(Encoding.h264)).toBeUndefined();
    await settled(screen, [picture]);
  });

  test('is one stream for all viewers, also for one that comes later or reads seldom', async () => {
    using screen = await openFilm();
    const one = addViewer(screen, [...usual, Encoding.h264]);
    await play(screen, 1, () => one.videoRects.length >= 5);
    const two = addViewer(screen, [...usual, Encoding.h264]);
    await play(screen, 1000, () => two.videoRects.length >= 10);
    const seen = new Set(one.videoRects.map(({ body }) => body.subarray(8).toBase64()));
    const shared = two.videoRects.filter(({ body }) => seen.has(body.subarray(8).toBase64()));
    expect(shared.length).toBeGreaterThanOrEqual(5);
    rest(screen);
    await settled(screen, [one.picture, two.picture]);
  });
});
