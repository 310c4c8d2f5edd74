import { openPipe } from '@bhatti/sys/process/pipe.ts';
import { expect, test } from 'bun:test';
import { closeSync, mkdtempSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OutputFile } from './output-file.ts';
import { RateLimit } from './rate-limit.ts';

test('a limit admits so many lines in an interval, and says afterwards how many it refused', () => {
  const limit = new RateLimit({ intervalMs: 1_000, burst: 5 });
  expect([limit.admit(3, 10_000_000), limit.takeSuppressed()]).toEqual([3, 0]);
  expect([limit.admit(4, 10_500_000), limit.takeSuppressed()]).toEqual([2, 0]);
  expect([limit.admit(4, 10_999_999), limit.takeSuppressed()]).toEqual([0, 0]);
  expect([limit.admit(1, 11_000_000), limit.takeSuppressed()]).toEqual([1, 6]);
  expect([limit.admit(1, 11_000_001), limit.takeSuppressed()]).toEqual([1, 0]);
});

test('a limited file keeps the first lines of an interval, and whole ones', () => {
  const root = mkdtempSync(join(tmpdir(), 'bhatti-journal-'));
  const pipe = openPipe(0, 0);
  const file = new OutputFile(root, 'main');
  file.limit({ intervalMs: 3_600_000, burst: 3 });
  const say = (text: string) => {
    writeSync(pipe.writeFd, text);
    return file.take(pipe.readFd, 65_536);
  };
  try {
    expect(say('1\n2\n').kind).toBe('moved');
    say('3\n4\n5\n');
    say('6\n');
    expect(readFileSync(join(root, 'main.log'), 'utf8')).toBe('1\n2\n3\n');
    file.limit(undefined);
    say('7\n');
    expect(readFileSync(join(root, 'main.log'), 'utf8')).toBe('1\n2\n3\n7\n');
  } finally {
    file.close();
    closeSync(pipe.readFd);
    closeSync(pipe.writeFd);
    rmSync(root, { recursive: true, force: true });
  }
});
