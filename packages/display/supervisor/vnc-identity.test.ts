import { identityFault, makeTlsIdentity } from '@bhatti/sys/native/tls-identity.ts';
import { afterEach, beforeEach, expect, test } from 'bun:test';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadVncIdentity } from './vnc-identity.ts';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'identity-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const load = (identityFiles?: { certificate: string; key: string }) =>
  loadVncIdentity({ host: '', port: 0, identityFiles }, join(dir, '.vnc', 'tls.pem'));

test('an identity is made at first need, for its owner only, and kept', () => {
  const made = load();
  expect(identityFault(made)).toBeUndefined();
  expect(statSync(join(dir, '.vnc')).mode & 0o777).toBe(0o700);
  expect(statSync(join(dir, '.vnc', 'tls.pem')).mode & 0o777).toBe(0o600);
  expect(load().certificate).toBe(made.certificate + made.key);
});

test('a kept one that is cut short is made anew', () => {
  load();
  const file = join(dir, '.vnc', 'tls.pem');
  writeFileSync(file, readFileSync(file, 'utf8').slice(0, 500));
  expect(identityFault(load())).toBeUndefined();
});

test('a configured one is taken as it is, and refused by name when it cannot be used', () => {
  const { certificate, key } = makeTlsIdentity();
  const files = { certificate: join(dir, 'c.pem'), key: join(dir, 'k.pem') };
  writeFileSync(files.certificate, certificate);
  expect(() => load(files)).toThrow(`cannot read the certificate or key "${files.key}": ENOENT`);
  writeFileSync(files.key, makeTlsIdentity().key);
  expect(() => load(files)).toThrow(`cannot use certificate "${files.certificate}" with key "${files.key}": `);
  writeFileSync(files.key, key);
  expect(load(files)).toEqual({ certificate, key });
});
