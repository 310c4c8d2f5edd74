import { describe, expect, test } from 'bun:test';
import { escapePath, escapeUnitName, mangleUnitName, unescapePath, unescapeText } from './unit-name-escape.ts';

// Answers of systemd-escape 252.
describe('escaping', () => {
  test('takes any text, and gives it back', () => {
    expect(escapeUnitName('Hallöchen, Meister')).toBe('Hall\\xc3\\xb6chen\\x2c\\x20Meister');
    expect(unescapeText('Hall\\xc3\\xb6chen\\x2c\\x20Meister')).toBe('Hallöchen, Meister');
    expect(['.foo', 'a/b', 'x:y_z@', ''].map((text) => escapeUnitName(text))).toEqual([
      '\\x2efoo',
      'a-b',
      'x:y_z\\x40',
      '',
    ]);
    expect(unescapeText('a\\x')).toBeUndefined();
  });

  test('of a path drops what says nothing', () => {
    expect(escapePath('/tmp//waldi/foobar/')).toBe('tmp-waldi-foobar');
    expect(escapePath('/')).toBe('-');
    expect(escapePath('/a/../b')).toBeUndefined();
    expect(unescapePath('tmp-waldi')).toBe('/tmp/waldi');
    expect(unescapePath('-')).toBe('/');
  });

  test('makes a name of what people type', () => {
    const names = ['a b.service', '/foo', 'x', 'tmp', '/dev/sda', 'a@b.service', 'x y@z w.timer', 'foo*.service'];
    expect(names.map((text) => mangleUnitName(text).name)).toEqual([
      'a\\x20b.service',
      'foo.mount',
      'x.service',
      'tmp.service',
      'dev-sda.device',
      'a@b.service',
      'x\\x20y@z\\x20w.timer',
      'foo\\x2a.service',
    ]);
    expect(mangleUnitName('bad/name')).toEqual({ name: 'bad-name.service', isEscaped: true });
    expect(mangleUnitName('multi-user', 'target')).toEqual({ name: 'multi-user.target', isEscaped: false });
  });
});
