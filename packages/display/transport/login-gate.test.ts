import { CodedError } from '@bhatti/base/errors.ts';
import { hashPassword } from '@bhatti/sys/crypt.ts';
import { expect, test } from 'bun:test';
import { rightsOf } from '../credentials/password-file.ts';
import { LoginGate } from './login-gate.ts';

const basic = (user: string, password: string) => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
const credentials = [
  { user: 'ann', hash: hashPassword('s3cret:with colon', '$5$kasm$'), rights: rightsOf('wo') },
  { user: 'bob', hash: hashPassword('geheim-ü', '$5$kasm$'), rights: rightsOf('r') },
];

async function codeOf(refused: Promise<unknown>): Promise<string> {
  return refused.then(
    () => 'let in',
    (error: unknown) => (error instanceof CodedError ? error.code : String(error)),
  );
}

function gate(limits = { blacklistThreshold: 0, blacklistTimeoutMs: 0 }) {
  const made = new LoginGate(limits);
  made.setCredentials(credentials);
  return made;
}

test('the right password lets in, also the second time and with characters outside of ASCII', async () => {
  const login = gate();
  for (let i = 0; i < 2; i++) {
    expect((await login.check(basic('ann', 's3cret:with colon'), '1')).user).toBe('ann');
    expect((await login.check(basic('bob', 'geheim-ü'), '1')).rights.write).toBe(false);
  }
});

test('no header, a wrong password, an unknown user and nonsense are refused alike', async () => {
  const login = gate();
  for (const header of [null, basic('ann', 'wrong'), basic('eve', ''), 'Basic !!!', 'Bearer x', basic('ann', '\0')]) {
    expect(await codeOf(login.check(header, String(header)))).toBe('UNAUTHENTICATED');
  }
});

test('a password that was right is wrong once the file has another', async () => {
  const login = gate();
  await login.check(basic('ann', 's3cret:with colon'), '1');
  login.setCredentials(credentials.slice(1));
  expect(await codeOf(login.check(basic('ann', 's3cret:with colon'), '1'))).toBe('UNAUTHENTICATED');
});

test('an address with too many failures is refused, with the right password too, and others are not', async () => {
  const login = gate({ blacklistThreshold: 2, blacklistTimeoutMs: 60_000 });
  for (let i = 0; i < 2; i++) await login.check(basic('ann', 'wrong'), '1').catch(() => {});
  expect(await codeOf(login.check(basic('ann', 's3cret:with colon'), '1'))).toBe('RATE_LIMITED');
  expect((await login.check(basic('ann', 's3cret:with colon'), '2')).user).toBe('ann');
});

test('with a time-out of 0 nobody is refused', async () => {
  const login = gate({ blacklistThreshold: 1, blacklistTimeoutMs: 0 });
  await login.check(basic('ann', 'wrong'), '1').catch(() => {});
  expect((await login.check(basic('ann', 's3cret:with colon'), '1')).user).toBe('ann');
});

test('while a wrong password of an address waits for its answer, no other of that address is looked at', async () => {
  const login = gate();
  const told: string[] = [];
  const attempt = (name: string, header: string, address: string) =>
    codeOf(login.check(header, address)).then((code) => told.push(`${name} ${code}`));
  // Nobody waits for the first two any more: they hold up the third all the same.
  await Promise.all([
    attempt('first', basic('ann', 'wrong'), '1'),
    attempt('second', basic('ann', 'wrong too'), '1'),
    attempt('third', basic('ann', 's3cret:with colon'), '1'),
    attempt('other', basic('ann', 's3cret:with colon'), '2'),
  ]);
  expect(told).toEqual(['other let in', 'first UNAUTHENTICATED', 'second UNAUTHENTICATED', 'third let in']);
});

test('a password that was right before needs no turn', async () => {
  const login = gate();
  await login.check(basic('bob', 'geheim-ü'), '1');
  const wrong = codeOf(login.check(basic('ann', 'wrong'), '1'));
  let isTold = false;
  void wrong.then(() => (isTold = true));
  expect((await login.check(basic('bob', 'geheim-ü'), '1')).user).toBe('bob');
  expect(isTold).toBe(false);
  expect(await wrong).toBe('UNAUTHENTICATED');
});

test('more attempts of one address than may wait are refused at once', async () => {
  const login = gate();
  const codes = await Promise.all(
    Array.from({ length: 18 }, (_, i) => codeOf(login.check(basic('ann', i < 17 ? 's3cret:with colon' : 'x'), '1'))),
  );
  expect(codes.filter((code) => code === 'let in')).toHaveLength(16);
  expect(codes.slice(16)).toEqual(['RATE_LIMITED', 'RATE_LIMITED']);
  expect(await codeOf(login.check(basic('ann', 's3cret:with colon'), '1'))).toBe('let in');
});
