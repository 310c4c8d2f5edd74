import { describe, expect, test } from 'bun:test';
import { CodedError } from '@bhatti/base/errors.ts';
import { aliasPattern } from '@bhatti/wire/control/sandbox.ts';
import { newAlias } from './alias.ts';
import { PublishLimits } from './limits.ts';
import { errorPage } from './page.ts';

describe('newAlias', () => {
  for (const name of ['desk', 'My_Desk.1', '---', '.', 'ä', 'a'.repeat(63), `${'b'.repeat(55)}-c`, 'A-'])
    test(`makes one label of a host name out of "${name}"`, () => {
      expect(newAlias(name)).toMatch(aliasPattern);
    });

  test('keeps the name readable and differs each time', () => {
    expect(newAlias('desk')).toMatch(/^desk-[0-9a-f]{6}$/);
    expect(new Set(Array.from({ length: 50 }, () => newAlias('desk'))).size).toBeGreaterThan(45);
  });
});

describe('errorPage', () => {
  const error = new CodedError(
    'NOT_FOUND',
    'nothing is published as "<b>"',
    { path: 'x' },
    { hint: 'bhatti publish <NAME>' },
  );

  test('is a page for browsers, in which nothing from outside becomes markup', () => {
    const page = errorPage(error, 'text/html,*/*');
    expect(page.status).toBe(404);
    expect(page.headers['content-type']).toStartWith('text/html');
    expect(page.headers['content-security-policy']).toContain("default-src 'none'");
    expect(page.body).toContain('Nothing is published as &quot;&lt;b&gt;&quot;.');
    expect(page.body).not.toContain('<b>');
    expect(page.body).not.toContain('<NAME>');
  });

  test('is two lines for programs', () => {
    expect(errorPage(error, undefined).body).toBe('nothing is published as "<b>"\nhint: bhatti publish <NAME>\n');
  });
});

describe('the limits of published ports', () => {
  test('admit what a page needs, refuse a runaway, and give back what has ended', () => {
    const limits = new PublishLimits();
    const held = Array.from({ length: 2048 }, () => limits.enter('10.0.0.1', 'desk'));
    expect(() => limits.enter('10.0.0.1', 'desk')).toThrow('10.0.0.1');
    held[0]?.[Symbol.dispose]();
    held[0]?.[Symbol.dispose]();
    held.push(limits.enter('10.0.0.1', 'other'));
    expect(() => limits.enter('10.0.0.1', 'desk')).toThrow();
    for (const one of held) one[Symbol.dispose]();
    limits.enter('10.0.0.1', 'desk')[Symbol.dispose]();
  });
});
