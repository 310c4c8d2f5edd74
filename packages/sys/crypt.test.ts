import { expect, test } from 'bun:test';
import { hashPassword } from './crypt.ts';

// From "Unix crypt using SHA-256 and SHA-512" (U. Drepper), whose first vector this is.
test('a hash is that of the specification', () => {
  expect(hashPassword('Hello world!', '$5$saltstring')).toBe(
    '$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5',
  );
});

test('a whole hash is a setting, so that a password is checked by hashing it again', () => {
  const hash = hashPassword('correct horse', '$5$kasm$');
  expect(hash).toMatch(/^\$5\$kasm\$[./0-9A-Za-z]{43}$/);
  expect(hashPassword('correct horse', hash)).toBe(hash);
  expect(hashPassword('correct horsf', hash)).not.toBe(hash);
});

test('text outside of ASCII is hashed as UTF-8', () => {
  expect(hashPassword('pässwörd€', '$5$kasm$')).not.toBe(hashPassword('p?ssw?rd?', '$5$kasm$'));
});

test('an unknown kind of hash is refused', () => {
  expect(() => hashPassword('x', '$99$salt$')).toThrow();
});
