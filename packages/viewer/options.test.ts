import { describe, expect, test } from 'bun:test';
import { leaseUrl, parsePageOptions, webSocketUrl, withToken } from './options.ts';

describe('options in the address of the page', () => {
  test('an empty query leaves every choice open', () => {
    expect(parsePageOptions('')).toEqual({ scale: undefined, viewOnly: false, bar: true, path: 'websockify' });
  });

  test.each([
    ['?scale=remote', 'remote'],
    ['?scale=actual', 'actual'],
    ['?resize=scale', 'fit'],
    ['?resize=off', 'actual'],
    ['?scale=sideways', undefined],
  ] as const)('%p chooses the scale %p', (query, scale) => {
    expect(parsePageOptions(query).scale).toBe(scale);
  });

  test.each([
    ['?view_only=true', true],
    ['?view_only=1', true],
    ['?view_only', true],
    ['?view_only=0', false],
    ['?view_only=false', false],
  ])('%p means view only: %p', (query, viewOnly) => {
    expect(parsePageOptions(query).viewOnly).toBe(viewOnly);
  });
});

describe('the address of the WebSocket', () => {
  test.each([
    ['http://desk.localhost:8080/', 'ws://desk.localhost:8080/websockify'],
    ['https://desk.example.org/index.html?bar=0#x', 'wss://desk.example.org/websockify'],
    ['http://host/sandboxes/1/proxy/6080/', 'ws://host/sandboxes/1/proxy/6080/websockify'],
    ['http://kasm_user:secret@host/', 'ws://host/websockify'],
  ])('of %p is %p', (page, expected) => {
    expect(webSocketUrl(page, 'websockify')).toBe(expected);
  });

  test.each(['//evil.example/websockify', 'wss://evil.example/', 'javascript:alert(1)'])(
    'a link cannot send the viewer to %p',
    (path) => {
      expect(webSocketUrl('http://host/', path)).toBe('ws://host/websockify');
    },
  );
});

describe('the addresses that name the page', () => {
  test.each([
    ['ws://host/websockify', 'ws://host/websockify?session=7f', 'ws://host/lease?session=7f'],
    [
      'wss://host/a/b/websockify?key=1',
      'wss://host/a/b/websockify?key=1&session=7f',
      'wss://host/a/b/lease?key=1&session=7f',
    ],
    ['ws://host/a/', 'ws://host/a/?session=7f', 'ws://host/a/lease?session=7f'],
    ['ws://host/x?session=other', 'ws://host/x?session=7f', 'ws://host/lease?session=7f'],
  ])('of %p', (desktop, named, lease) => {
    expect(withToken(desktop, '7f')).toBe(named);
    expect(leaseUrl(desktop, '7f')).toBe(lease);
  });
});
