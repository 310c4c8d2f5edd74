import { afterEach, beforeEach, expect, test } from 'bun:test';
import { mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cookieEntry, decodeAuthority, encodeAuthority, writeCookie } from './x-authority.ts';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'authority-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const owner = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
const cookie = (seed: number) => Uint8Array.from({ length: 16 }, (_, i) => i + seed);

test('an entry has the bytes that Xau(3) describes', () => {
  const bytes = encodeAuthority([cookieEntry(99, Uint8Array.of(1, 2, 3))]);
  expect(bytes.toString('latin1')).toBe('\xff\xff\0\0\0\x0299\0\x12MIT-MAGIC-COOKIE-1\0\x03\x01\x02\x03');
});

test('entries come back as they were, up to one that is cut short', () => {
  const entries = [cookieEntry(1, cookie(0)), cookieEntry(22, cookie(9))];
  const bytes = encodeAuthority(entries);
  expect(decodeAuthority(bytes).map(({ display, data }) => [display, [...data]])).toEqual([
    ['1', [...cookie(0)]],
    ['22', [...cookie(9)]],
  ]);
  for (let cut = 0; cut < bytes.length; cut++) expect(decodeAuthority(bytes.subarray(0, cut)).length).toBeLessThan(2);
});

test('writing a cookie replaces the one of its display and keeps the others', () => {
  const path = join(dir, '.Xauthority');
  writeCookie(path, cookieEntry(1, cookie(1)), owner);
  writeCookie(path, cookieEntry(2, cookie(2)), owner);
  writeCookie(path, cookieEntry(1, cookie(3)), owner);
  const entries = decodeAuthority(readFileSync(path));
  expect(new Map(entries.map(({ display, data }) => [display, data[0]]))).toEqual(
    new Map([
      ['1', 3],
      ['2', 2],
    ]),
  );
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('a link in the place of the file is replaced, and what it points to is left alone', () => {
  const [path, target] = [join(dir, '.Xauthority'), join(dir, 'target')];
  writeFileSync(target, 'precious');
  symlinkSync(target, path);
  writeCookie(path, cookieEntry(1, cookie(1)), owner);
  expect(readFileSync(target, 'utf8')).toBe('precious');
  expect(decodeAuthority(readFileSync(path))).toHaveLength(1);
});
