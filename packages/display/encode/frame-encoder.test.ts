import { Encoding } from '@bhatti/rfb/numbers.ts';
import { bgrx8888, rgb565 } from '@bhatti/rfb/pixel-format.ts';
import { regionOf } from '@bhatti/rfb/region.ts';
import { expect, test } from 'bun:test';
import { FrameRing } from '../source/frame-ring.ts';
import type { EncodeJob } from './encode-job.ts';
import { type EncodeWish, FrameEncoder } from './frame-encoder.ts';
import type { EncodePool } from './pool.ts';

const wish: EncodeWish = {
  encoding: 'tight',
  format: bgrx8888,
  mode: { kind: 'lossy', quality: 79, subsampling: '4:2:2' },
};
const part = regionOf({ x: 0, y: 0, width: 10, height: 10 });

function setUp(ring: FrameRing, nowMs?: () => number) {
  const jobs: EncodeJob[] = [];
  let failures = 0;
  const pool: Pick<EncodePool, 'encode' | 'video' | 'endVideo'> = {
    async encode(job) {
      jobs.push(job);
      if (failures-- > 0) throw new Error('no');
      return [
        {
          rect: { x: 0, y: 0, width: 10, height: 10 },
          encoding: Encoding.tight,
          isLossy: false,
          bytes: new Uint8Array(1),
        },
      ];
    },
    video: () => Promise.reject(new Error('not asked for here')),
    endVideo() {},
  };
  const frame = (serial: number) => {
    const slot = ring.tryTakeFree();
    if (slot === undefined) throw new Error('no slot');
    return ring.publish(slot, serial);
  };
  return { encoder: new FrameEncoder(pool, nowMs), jobs, frame, fail: (times: number) => (failures = times) };
}

test('viewers of one quality class who lack the same share what is encoded, others do not', async () => {
  using ring = new FrameRing({ width: 64, height: 64, format: bgrx8888 }, () => {});
  const { encoder, jobs, frame } = setUp(ring);
  const first = frame(1);
  const [one, two] = await Promise.all([encoder.encode(first, part, wish), encoder.encode(first, part, { ...wish })]);
  expect(two).toBe(one);
  expect(jobs.length).toBe(1);
  await encoder.encode(first, regionOf({ x: 0, y: 0, width: 11, height: 10 }), wish);
  await encoder.encode(first, part, { ...wish, format: rgb565 });
  await encoder.encode(first, part, { ...wish, mode: { kind: 'lossless' } });
  await encoder.encode(first, part, { ...wish, mode: { kind: 'lossy', quality: 40, subsampling: '4:2:2' } });
  expect(jobs.length).toBe(5);
  await encoder.encode(frame(2), part, wish);
  expect(jobs.length).toBe(6);
});

test('what failed is tried again by the next viewer', async () => {
  using ring = new FrameRing({ width: 64, height: 64, format: bgrx8888 }, () => {});
  const { encoder, jobs, frame, fail } = setUp(ring);
  const first = frame(1);
  fail(1);
  expect(await encoder.encode(first, part, wish).catch(() => 'failed')).toBe('failed');
  expect((await encoder.encode(first, part, wish)).length).toBe(1);
  expect(jobs.length).toBe(2);
});

test('an area of a screen that was resized has another number than any before', () => {
  using ring = new FrameRing({ width: 64, height: 64, format: bgrx8888 }, () => {});
  let nowMs = 1000;
  const { encoder } = setUp(ring, () => nowMs);
  const areasOf = (width: number, height: number) => {
    const changed = regionOf({ x: 0, y: 0, width, height });
    for (let frame = 0; frame < 12; frame++, nowMs += 16) encoder.noteFrame({ width, height }, { changed, moves: [] });
    return encoder.videoAreas().map(({ id }) => id);
  };
  const before = areasOf(640, 400);
  expect(before.length).toBe(1);
  const after = areasOf(800, 600);
  expect(after.length).toBe(1);
  expect(before).not.toContain(after[0]);
});
