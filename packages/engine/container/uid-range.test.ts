import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { claimUidRange, rangeSize, releaseUidRange, removeClaims } from './uid-range.ts';

let dir = '';
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'bhatti-uids-'));
});
afterAll(() => {
  rmSync(dir, { recursive: true });
  removeClaims();
});

test('each sandbox has ids of its own until it gives them back', () => {
  const [one, two] = [join(dir, 'one'), join(dir, 'two')];
  for (const bundle of [one, two]) mkdirSync(bundle);
  const first = claimUidRange(one);
  const second = claimUidRange(two);
  expect(Math.abs(first.first - second.first)).toBeGreaterThanOrEqual(rangeSize);
  expect(claimUidRange(one)).toEqual(first);
  releaseUidRange(one);
  releaseUidRange(two);
});

test('a claim whose sandbox is gone from the host is free for others', () => {
  const [gone, next] = [join(dir, 'gone'), join(dir, 'next')];
  mkdirSync(gone);
  mkdirSync(next);
  const lost = claimUidRange(gone);
  rmSync(gone, { recursive: true });
  // The claim that is found stale is removed, the one after the next gets it.
  const taken = claimUidRange(next);
  expect(taken).not.toEqual(lost);
  releaseUidRange(next);
  mkdirSync(gone);
  expect(claimUidRange(gone).first).toBeLessThanOrEqual(Math.max(lost.first, taken.first));
  releaseUidRange(gone);
});
