import { expect, test } from 'bun:test';
import type { EncodeMode } from '../encode/encode-job.ts';
import { PictureBudget } from './picture-budget.ts';

const asked: EncodeMode = { kind: 'lossy', quality: 79, subsampling: '4:2:2' };

test('pictures are as asked for while the network is no limit, and exact ones stay exact', () => {
  const budget = new PictureBudget();
  for (let i = 0; i < 100; i++) budget.note({ bytes: 500_000, pixels: 900_000 }, Infinity, i * 30);
  expect(budget.modeFor(asked)).toEqual(asked);
  expect(budget.maxPixels(Infinity)).toBe(Infinity);
  for (let i = 100; i < 200; i++) budget.note({ bytes: 500_000, pixels: 900_000 }, 625, i * 30);
  expect(budget.modeFor({ kind: 'lossless' })).toEqual({ kind: 'lossless' });
});

test('pictures get coarser step by step until enough of them fit, and better again when there is room', () => {
  const budget = new PictureBudget();
  let nowMs = 0;
  /** Pictures whose bytes follow their quality. */
  const play = (bytesPerMs: number, ms: number) => {
    for (const end = nowMs + ms; nowMs < end; nowMs += 50) {
      const mode = budget.modeFor(asked);
      budget.note({ bytes: mode.kind === 'lossy' ? mode.quality * 1000 : 0, pixels: 900_000 }, bytesPerMs, nowMs);
    }
    return budget.modeFor(asked);
  };
  expect(play(1000, 3000)).toEqual({ kind: 'lossy', quality: 42, subsampling: '4:2:0' });
  expect(play(100, 3000)).toEqual({ kind: 'lossy', quality: 15, subsampling: '4:2:0' });
  expect(play(5000, 10_000)).toEqual(asked);
});

test('a quality that is asked for and coarser than a step stays', () => {
  const budget = new PictureBudget();
  const coarse: EncodeMode = { kind: 'lossy', quality: 29, subsampling: '4:2:0' };
  for (let i = 0; i < 9; i++) budget.note({ bytes: 1_600_000, pixels: 900_000 }, 5000, i * 50);
  expect(budget.modeFor(asked)).not.toEqual(asked);
  expect(budget.modeFor(coarse)).toEqual(coarse);
});

test('updates are cut to what a slow network takes in a moment, and never to nothing', () => {
  const budget = new PictureBudget();
  for (let i = 0; i < 30; i++) budget.note({ bytes: 300_000, pixels: 300_000 }, 625, i * 100);
  expect(budget.maxPixels(625)).toBeLessThan(100_000);
  expect(budget.maxPixels(1)).toBeGreaterThanOrEqual(64 * 1024);
});

test('what rests is made exact in small parts on a slow network, in smaller ones beside what moves, and at once on a fast one', () => {
  const budget = new PictureBudget();
  expect(budget.refreshPixels(Infinity, false)).toBe(Infinity);
  // 400 bytes a millisecond: 48 kB are 120 ms.
  expect(budget.refreshPixels(400, true)).toBe(24_000);
  expect(budget.refreshPixels(400, false)).toBe(2_400);
});

test('video fits the network, or a safe rate where the viewer does not say what arrives', () => {
  const budget = new PictureBudget();
  expect(budget.videoBitsPerSecond(625, true)).toBe(4_000_000);
  expect(budget.videoBitsPerSecond(Infinity, true)).toBe(40_000_000);
  expect(budget.videoBitsPerSecond(Infinity, false)).toBe(16_000_000);
});
