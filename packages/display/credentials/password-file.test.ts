import { expect, test } from 'bun:test';
import { credentialNow, rightsOf, type Credential } from './password-file.ts';

const ann: Credential = { user: 'ann', hash: '$5$kasm$a', rights: rightsOf('wo') };

test('a login has the rights that the users have now, and is none once the user is gone, blind or has another password', () => {
  expect(credentialNow(ann, [{ ...ann, rights: rightsOf('r') }])?.rights).toEqual(rightsOf('r'));
  expect(credentialNow(ann, [])).toBeUndefined();
  expect(credentialNow(ann, [{ ...ann, rights: rightsOf('o') }])).toBeUndefined();
  expect(credentialNow(ann, [{ ...ann, hash: '$5$kasm$b' }])).toBeUndefined();
});

test('where no password is needed everybody is let in as before', () => {
  const everybody: Credential = { user: '', hash: '', rights: rightsOf('w') };
  expect(credentialNow(everybody, [ann])).toBe(everybody);
});
