import { describe, expect, test } from 'bun:test';

import type { PageElement } from './accessibility.ts';
import { Downloads } from './downloads.ts';
import { findOnPage } from './find.ts';
import { chordOf } from './keyboard.ts';
import { formatPage } from './read-page.ts';
import { Lines } from './recorder.ts';
import { Refs } from './refs.ts';

let lastNode = 0;
function element(role: string, name: string, more: Partial<PageElement> = {}): PageElement {
  return {
    handle: { backendNodeId: ++lastNode, frameId: 'f' },
    role,
    name,
    value: '',
    url: '',
    description: '',
    states: [],
    isInteractive: false,
    isVisible: true,
    children: [],
    ...more,
  };
}

describe('the tree as text', () => {
  test('is cut at 50 000 characters, at the end of a line, and says so', () => {
    const children = Array.from({ length: 2_000 }, (_, i) => element('button', `${i} ${'x'.repeat(50)}`));
    const text = formatPage(element('page', 'P', { children }), new Refs(), { show: 'all', depth: 15 });
    expect(text.length).toBeLessThanOrEqual(50_000);
    expect(text.length).toBeGreaterThan(49_000);
    const lines = text.split('\n');
    expect(lines.at(-1)).toStartWith('[cut here');
    expect(lines.at(-2)).toMatch(/^ {2}button "\d+ x{50}" \[ref_\d+\]$/);
  });

  test('what is in something that is not shown moves up in its place', () => {
    const page = element('page', '', {
      isInteractive: false,
      children: [element('list', 'L', { children: [element('link', 'A', { isInteractive: true })] })],
    });
    expect(formatPage(page, new Refs(), { show: 'interactive', depth: 1 })).toBe('link "A" [ref_1]');
    expect(formatPage(page, new Refs(), { show: 'all', depth: 2 })).toBe('page [ref_1]\n  list "L" [ref_2]');
  });
});

describe('finding', () => {
  const page = element('page', '', {
    children: [
      element('searchbox', 'Search products', { isInteractive: true }),
      element('button', 'Add to cart', { isInteractive: true }),
      element('button', 'Remove', { isInteractive: true }),
      element('link', 'Sign in', { isInteractive: true, url: 'https://x/login' }),
      element(
        'paragraph',
        'You can add what you like to the cart, and sign in whenever you want to search for more of it',
      ),
    ],
  });

  test.each([
    ['search bar', 'searchbox "Search products"'],
    ['add to cart button', 'button "Add to cart"'],
    ['the login link', 'link "Sign in"'],
    ['REMOVE', 'button "Remove"'],
  ])('"%s"', (query, line) => {
    expect(findOnPage(page, new Refs(), query).split('\n')[0]).toStartWith(line);
  });

  test('names 20 at most', () => {
    const many = element('page', '', { children: Array.from({ length: 50 }, () => element('button', 'Go')) });
    expect(findOnPage(many, new Refs(), 'go').split('\n')).toHaveLength(20);
  });

  test.each([[''], ['the'], ['!!!'], ['quux']])('"%s" finds nothing', (query) => {
    expect(findOnPage(page, new Refs(), query)).toStartWith('No element fits');
  });
});

describe('a chord', () => {
  test('with Shift types what the key has above', () => {
    expect(chordOf('shift+1').keys[0]).toMatchObject({ key: '!', code: 'Digit1' });
    expect(chordOf('shift+a').keys[0]).toMatchObject({ key: 'A', code: 'KeyA' });
    expect(chordOf('ctrl+shift+Tab')).toMatchObject({ bits: 10, keys: [{ key: 'Tab' }] });
    expect(chordOf('shift')).toMatchObject({ bits: 8, keys: [], modifiers: [{ key: 'Shift' }] });
    expect(chordOf('ctrl++').keys[0]).toMatchObject({ key: '+' });
  });

  test.each([['nokey'], ['ctrl+nokey'], ['ctrl+'], ['toString'], ['é']])('"%s" has a key that there is not', (text) => {
    expect(() => chordOf(text)).toThrow('there is no key called');
  });
});

describe('downloads', () => {
  const begin = { method: 'Browser.downloadWillBegin', params: { guid: 'g', url: 'http://x/a' }, sessionId: undefined };
  const progress = (state: string, more: object = {}) => ({
    method: 'Browser.downloadProgress',
    params: { guid: 'g', state, ...more },
    sessionId: undefined,
  });

  test('one change each, the latest, told once', () => {
    const downloads = new Downloads({ showsPaths: true });
    downloads.note(begin);
    downloads.note(progress('inProgress'));
    expect(downloads.take()).toEqual([{ type: 'download_started', download_id: 'g', url: 'http://x/a' }]);
    downloads.note(progress('completed', { filePath: '/d/a', receivedBytes: 7 }));
    expect(downloads.take()).toEqual([
      { type: 'download_completed', download_id: 'g', url: 'http://x/a', path: '/d/a', size_bytes: 7 },
    ]);
    expect(downloads.take()).toEqual([]);
  });

  test('that began and ended in one call have ended; paths are told only where they may be', () => {
    const downloads = new Downloads({ showsPaths: false });
    downloads.note(begin);
    downloads.note(progress('completed', { filePath: '/d/a' }));
    expect(downloads.take()).toEqual([{ type: 'download_completed', download_id: 'g', url: 'http://x/a' }]);
    downloads.note(progress('canceled'));
    expect(downloads.take()).toEqual([
      { type: 'download_failed', download_id: 'g', url: 'http://x/a', error: 'canceled' },
    ]);
  });

  test('that nobody saw begin are passed over', () => {
    const downloads = new Downloads({ showsPaths: true });
    downloads.note(progress('completed'));
    expect(downloads.take()).toEqual([]);
  });
});

test('lines are kept up to a limit, and that some are lost is said', () => {
  const lines = new Lines();
  for (let i = 0; i < 503; i++) lines.add(`line\n${i}`);
  const text = lines.take().split('\n');
  expect(text).toHaveLength(501);
  expect(text.slice(0, 2)).toEqual(['[3 earlier ones are lost]', 'line 3']);
  expect(lines.take()).toBe('[nothing]');
});
