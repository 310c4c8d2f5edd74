import { expect, test } from 'bun:test';
import { isGlob, matchesGlob } from './glob.ts';

test('patterns match as fnmatch has it', () => {
  expect(isGlob('web.service')).toBe(false);
  expect(isGlob('web[12].service')).toBe(true);
  expect(matchesGlob('we*', 'web.service')).toBe(true);
  expect(matchesGlob('we?.service', 'web.service')).toBe(true);
  expect(matchesGlob('we?.service', 'webs.service')).toBe(false);
  expect(matchesGlob('w[a-f]b.service', 'web.service')).toBe(true);
  expect(matchesGlob('w[!a-f]b.service', 'web.service')).toBe(false);
  expect(matchesGlob('web.service', 'webxservice')).toBe(false);
  expect(matchesGlob('a+(b', 'a+(b')).toBe(true);
  expect(matchesGlob('[z-a]', 'z')).toBe(false);
  expect(matchesGlob('a\\x20*', 'a\\x20b.service')).toBe(true);
});
