import { describe, expect, test } from 'bun:test';
import { hasCode } from '@bhatti/base/errors.ts';
import { checkOrigin, destinationOf, hostName, type OriginQuestion } from './request-rules.ts';

const served = { zones: ['localhost', 'desk.example.org'], apiHosts: ['api.example.org'] };

describe('destinationOf', () => {
  const table: readonly (readonly [string, string])[] = [
    ['localhost', 'api'],
    ['localhost:8080', 'api'],
    ['LOCALHOST:8080', 'api'],
    ['localhost.', 'api'],
    ['127.0.0.1:8080', 'api'],
    ['[::1]:8080', 'api'],
    ['api.example.org', 'api'],
    ['desk-3f9a1c.localhost:8080', 'desk-3f9a1c'],
    ['Desk-3F9A1C.LOCALHOST', 'desk-3f9a1c'],
    ['desk.desk.example.org', 'desk'],
  ];
  for (const [host, expected] of table)
    test(`takes ${host} for ${expected}`, () => {
      const destination = destinationOf(['Host', host], served);
      expect(destination.kind === 'api' ? 'api' : destination.alias).toBe(expected);
    });

  for (const host of [
    'evil.example.com',
    '127.0.0.1.evil.example.com',
    'localhost.evil.example.com',
    'a.b.localhost',
    'example.org',
    'desk.example.org',
    '127.0.0.2',
    '.localhost',
    'desk .localhost',
    'desk@localhost',
    'localhost:99999999',
    '[::1',
    '',
  ])
    test(`refuses "${host}" with UNKNOWN_HOST`, () => {
      expect(codeOf(() => destinationOf(['Host', host], served))).toBe('UNKNOWN_HOST');
    });

  test('refuses a request without a Host, or with two', () => {
    expect(codeOf(() => destinationOf([], served))).toBe('UNKNOWN_HOST');
    expect(codeOf(() => destinationOf(['Host', 'localhost', 'host', 'desk.localhost'], served))).toBe('UNKNOWN_HOST');
  });
});

describe('hostName', () => {
  test('drops port, case and the dot of the root', () => {
    expect(hostName('A.B.Localhost.:80')).toBe('a.b.localhost');
    expect(hostName('[::1]:80')).toBe('[::1]');
  });
});

describe('checkOrigin', () => {
  const question = (change: Partial<OriginQuestion>): OriginQuestion => ({
    method: 'POST',
    headers: { host: 'localhost:8080' },
    scheme: 'http',
    isUpgrade: false,
    mayChange: false,
    ...change,
  });
  const host = 'localhost:8080';
  const key = 'Bearer bht_x';

  const allowed: readonly (readonly [string, Partial<OriginQuestion>])[] = [
    ['a program that says nothing', {}],
    ['the same origin', { headers: { host, origin: 'http://localhost:8080' } }],
    ['a person who typed the address', { headers: { host, 'sec-fetch-site': 'none' } }],
    ['a page of the same origin without Origin', { headers: { host, 'sec-fetch-site': 'same-origin' } }],
    ['reading from anywhere', { method: 'GET', headers: { host, origin: 'http://evil.example' } }],
    ['a WebSocket of the same origin', { method: 'GET', isUpgrade: true, headers: { host, origin: `http://${host}` } }],
    [
      'a WebSocket without Origin but with a key',
      { method: 'GET', isUpgrade: true, headers: { host, authorization: key } },
    ],
  ];
  for (const [what, change] of allowed)
    test(`lets ${what} through`, () => {
      expect(codeOf(() => checkOrigin(question(change)))).toBe('none');
    });

  const refused: readonly (readonly [string, Partial<OriginQuestion>])[] = [
    ['another origin', { headers: { host, origin: 'http://evil.example' } }],
    ['the same host with another scheme', { headers: { host, origin: 'https://localhost:8080' } }],
    ['the same host on another port', { headers: { host, origin: 'http://localhost:8081' } }],
    ['a sibling name', { headers: { host, origin: 'http://desk.localhost:8080' } }],
    ['the opaque origin', { headers: { host, origin: 'null' } }],
    ['a page of another site', { headers: { host, 'sec-fetch-site': 'cross-site' } }],
    ['a page of a sibling of the site', { headers: { host, 'sec-fetch-site': 'same-site' } }],
    [
      'a page of another site even with a key',
      { headers: { host, 'sec-fetch-site': 'cross-site', authorization: key } },
    ],
    [
      'a GET that may change something',
      { method: 'GET', mayChange: true, headers: { host, origin: 'http://evil.example' } },
    ],
    [
      'a WebSocket of another origin',
      { method: 'GET', isUpgrade: true, headers: { host, origin: 'http://evil.example', authorization: key } },
    ],
    ['a WebSocket without Origin and without a key', { method: 'GET', isUpgrade: true }],
  ];
  for (const [what, change] of refused)
    test(`refuses ${what}`, () => {
      expect(codeOf(() => checkOrigin(question(change)))).toBe('FORBIDDEN');
    });
});

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    for (const code of ['UNKNOWN_HOST', 'FORBIDDEN'] as const) if (hasCode(error, code)) return code;
    throw error;
  }
  return 'none';
}
