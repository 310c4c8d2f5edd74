import { CodedError } from '@bhatti/base/errors.ts';
import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeWhole } from './write-whole.ts';

const bytes = new Uint8Array([0, 255, 10, 13]);

describe('a file written whole', () => {
  let directory = '';
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'write-whole-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  test('replaces what was there and leaves no draft', () => {
    const path = join(directory, 'a.png');
    writeFileSync(path, 'old and longer than the new one');
    writeWhole(path, bytes);
    expect(new Uint8Array(readFileSync(path))).toEqual(bytes);
    expect(readdirSync(directory)).toEqual(['a.png']);
  });

  test('follows a symbolic link instead of replacing it', () => {
    const path = join(directory, 'link.png');
    writeFileSync(join(directory, 'real.png'), '');
    symlinkSync('real.png', path);
    writeWhole(path, bytes);
    expect(lstatSync(path).isSymbolicLink()).toBe(true);
    expect(new Uint8Array(readFileSync(join(directory, 'real.png')))).toEqual(bytes);
  });

  test('leaves a device a device', () => {
    writeWhole('/dev/null', bytes);
    expect(lstatSync('/dev/null').isCharacterDevice()).toBe(true);
  });

  test.each(['missing/a.png', 'directory'])('says why it cannot write %p and leaves nothing', (name) => {
    mkdirSync(join(directory, 'directory'));
    let caught: unknown;
    try {
      writeWhole(join(directory, name), bytes);
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(CodedError);
    expect(caught).toMatchObject({ code: 'INVALID_ARGUMENT' });
    expect(readdirSync(directory)).toEqual(['directory']);
  });
});
