import { expect, describe, test } from 'bun:test';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mergeEnv, writeDisplayEnv } from './display-env.ts';

describe('the environment that every exec reads', () => {
  test('lines of others stay where they are', () => {
    expect(mergeEnv('A=1\nDISPLAY=:0\nB=2\n', { DISPLAY: ':99', X: 'y' })).toBe('A=1\nDISPLAY=:99\nB=2\nX=y\n');
  });

  test('a name that stands twice is there once', () => {
    expect(mergeEnv('DISPLAY=:0\nDISPLAY=:1\nDISPLAYS=2', { DISPLAY: ':99' })).toBe('DISPLAY=:99\nDISPLAYS=2\n');
  });

  test('writing it again changes nothing, and no draft stays', () => {
    const directory = mkdtempSync(join(tmpdir(), 'display-env-'));
    try {
      const path = join(directory, 'run', 'env');
      writeDisplayEnv(path);
      writeFileSync(path, `${readFileSync(path, 'utf8')}KEEP=me\n`);
      writeDisplayEnv(path);
      expect(readFileSync(path, 'utf8')).toBe('DISPLAY=:99\nXAUTHORITY=/home/lohar/.Xauthority\nKEEP=me\n');
      expect(readdirSync(join(directory, 'run'))).toEqual(['env']);
      expect(statSync(path).mode & 0o777).toBe(0o644);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
