import { hashPassword } from '@bhatti/sys/crypt.ts';
import { afterEach, beforeEach, expect, test } from 'bun:test';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureCredentials, ensureKnownCredentials, generatePassword } from './generate.ts';
import { formatPasswordFile, parsePasswordFile } from './password-file.ts';

let dir = '';
let paths = { passwordFile: '', cleartextFile: '' };
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'credentials-'));
  paths = { passwordFile: join(dir, '.kasmpasswd'), cleartextFile: join(dir, '.vnc', 'cleartext') };
});
afterEach(() => rmSync(dir, { recursive: true }));

test('a password has 16 letters, all of them from the alphabet without look-alikes, and each letter turns up', () => {
  const seen = new Set<string>();
  for (let i = 0; i < 500; i++) {
    const password = generatePassword();
    expect(password).toMatch(/^[A-HJ-NP-Za-km-np-z2-9]{16}$/);
    for (const letter of password) seen.add(letter);
  }
  expect(seen.size).toBe(56);
});

test('credentials are made once, the clear text matches the hash, and both files are for their owner only', () => {
  expect(ensureCredentials(paths)).toBe(true);
  const cleartext = readFileSync(paths.cleartextFile, 'utf8');
  const password = /^username: kasm_user\npassword: (.{16})\n$/.exec(cleartext)?.[1] ?? '';
  const [user] = parsePasswordFile(readFileSync(paths.passwordFile, 'utf8'));
  expect(user?.hash).toBe(hashPassword(password, '$5$kasm$'));
  expect(user).toMatchObject({ user: 'kasm_user', rights: { read: true, write: true, owner: true } });
  expect(readFileSync(paths.passwordFile, 'utf8')).toMatch(/^kasm_user:\$5\$kasm\$[^:]+:wo\n$/);
  for (const file of Object.values(paths)) expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(ensureCredentials(paths)).toBe(false);
  expect(readFileSync(paths.cleartextFile, 'utf8')).toBe(cleartext);
});

test('where only the clear text is gone, a new password is made when somebody asks, and other users stay', () => {
  ensureCredentials(paths);
  const before = readFileSync(paths.passwordFile, 'utf8');
  writeFileSync(paths.passwordFile, `${before}guest:$5$kasm$x:r\n`);
  rmSync(paths.cleartextFile);
  expect(ensureCredentials(paths)).toBe(false);
  expect(ensureKnownCredentials(paths)).toBe(true);
  const after = parsePasswordFile(readFileSync(paths.passwordFile, 'utf8'));
  expect(after.map(({ user }) => user)).toEqual(['kasm_user', 'guest']);
  expect(before).not.toContain(after[0]?.hash ?? '');
  expect(ensureKnownCredentials(paths)).toBe(false);
});

test('an empty password file counts as none', () => {
  writeFileSync(paths.passwordFile, '\n');
  expect(ensureCredentials(paths)).toBe(true);
});

test('lines that are no users are skipped, the others keep their rights', () => {
  const text = 'a:$5$kasm$x:r\n\nbroken\nb:$5$kasm$y:wo\nc:plain:wo\n:$5$kasm$z:w\nd:$5$kasm$q:\n';
  const users = parsePasswordFile(text);
  expect(users.map(({ user, rights }) => [user, rights])).toEqual([
    ['a', { read: true, write: false, owner: false }],
    ['b', { read: true, write: true, owner: true }],
    ['d', { read: false, write: false, owner: false }],
  ]);
  expect(parsePasswordFile(formatPasswordFile(users))).toEqual(users);
});
