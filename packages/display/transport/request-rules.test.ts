import { expect, test } from 'bun:test';
import { checkRequestRules, type RequestKind } from './request-rules.ts';

function isAllowed(kind: RequestKind, headers: Record<string, string>): boolean {
  try {
    checkRequestRules(new Request('http://x/', { headers: { host: 'desk.localhost:8080', ...headers } }), kind);
    return true;
  } catch {
    return false;
  }
}

test('reading is allowed from anywhere that has the password', () => {
  expect(isAllowed('reads', { origin: 'http://evil.example', 'sec-fetch-site': 'cross-site' })).toBe(true);
});

test('a page of the same origin may change things and open WebSockets', () => {
  for (const kind of ['changes', 'upgrade'] as const) {
    expect(isAllowed(kind, { origin: 'http://desk.localhost:8080' })).toBe(true);
    expect(isAllowed(kind, { origin: 'https://desk.localhost:8080' })).toBe(true);
    expect(isAllowed(kind, { host: 'desk.example', origin: 'https://desk.example' })).toBe(true);
    expect(isAllowed(kind, { host: 'desk.example:443', origin: 'https://desk.example' })).toBe(true);
  }
});

test('another origin may not: siblings, other ports, other schemes where the proxy tells the scheme, opaque ones', () => {
  for (const kind of ['changes', 'upgrade'] as const) {
    for (const origin of [
      'http://other.localhost:8080',
      'http://desk.localhost:9090',
      'http://localhost:8080',
      'null',
      '',
    ]) {
      expect(isAllowed(kind, { origin, authorization: 'Basic x' })).toBe(false);
    }
    expect(isAllowed(kind, { origin: 'http://desk.localhost:8080', 'x-forwarded-proto': 'https' })).toBe(false);
  }
});

test('without an origin Sec-Fetch-Site decides, and a WebSocket needs credentials of its own', () => {
  expect(isAllowed('changes', {})).toBe(true);
  expect(isAllowed('changes', { 'sec-fetch-site': 'same-origin' })).toBe(true);
  expect(isAllowed('changes', { 'sec-fetch-site': 'none' })).toBe(true);
  expect(isAllowed('changes', { 'sec-fetch-site': 'cross-site' })).toBe(false);
  expect(isAllowed('changes', { 'sec-fetch-site': 'same-site' })).toBe(false);
  expect(isAllowed('upgrade', {})).toBe(false);
  expect(isAllowed('upgrade', { authorization: 'Basic x' })).toBe(true);
  expect(isAllowed('upgrade', { authorization: 'Basic x', 'sec-fetch-site': 'same-site' })).toBe(false);
});
