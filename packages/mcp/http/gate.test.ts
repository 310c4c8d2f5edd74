import { CodedError } from '@bhatti/base/errors.ts';
import { describe, expect, test } from 'bun:test';

import { parseHttpAddress } from './address.ts';
import { checkRequest, type Gate } from './gate.ts';
import { tokenFrom } from './token.ts';

const token = 'a-token-of-some-length';
const local: Gate = { host: '127.0.0.1', names: ['mcp.example'], token };
const open: Gate = { ...local, host: '0.0.0.0' };
const right = { host: '127.0.0.1:8931', authorization: `Bearer ${token}` };

function answerTo(gate: Gate, headers: Readonly<Record<string, string>>): string {
  return codeOf(() => checkRequest(gate, new Headers(headers)));
}

function codeOf(body: () => unknown): string {
  try {
    body();
    return 'in';
  } catch (error) {
    if (error instanceof CodedError) return error.code;
    throw error;
  }
}

describe('the gate of the HTTP server', () => {
  test('lets nobody in without the token', () => {
    expect(answerTo(local, right)).toBe('in');
    for (const authorization of ['', token, `Basic ${token}`, `Bearer ${token}x`, 'Bearer ', `Bearer x ${token}`])
      expect([authorization, answerTo(local, { ...right, authorization })]).toEqual([authorization, 'UNAUTHENTICATED']);
    expect(answerTo(local, { host: '127.0.0.1' })).toBe('UNAUTHENTICATED');
  });

  test('answers to its own names only, whatever the token', () => {
    for (const host of ['localhost', 'LOCALHOST:1', '127.0.0.1', '[::1]:8931', 'mcp.example', 'mcp.example:443'])
      expect([host, answerTo(local, { ...right, host })]).toEqual([host, 'in']);
    for (const host of ['', 'evil.example', '192.168.1.5', 'localhost.evil.example', '127.0.0.1.evil.example', 'a b'])
      expect([host, answerTo(local, { ...right, host })]).toEqual([host, 'UNKNOWN_HOST']);
    expect(answerTo(open, { ...right, host: '192.168.1.5:8931' })).toBe('in');
    expect(answerTo(open, { ...right, host: 'evil.example' })).toBe('UNKNOWN_HOST');
  });

  test("refuses another site's page before it looks at the token", () => {
    for (const origin of [
      'http://evil.example',
      'http://127.0.0.1:9',
      'null',
      'file://',
      'https://127.0.0.1:8931.evil',
    ])
      expect([origin, answerTo(local, { host: right.host, origin })]).toEqual([origin, 'FORBIDDEN']);
    expect(answerTo(local, { ...right, origin: 'http://127.0.0.1:8931' })).toBe('in');
    expect(answerTo(local, { ...right, 'sec-fetch-site': 'cross-site' })).toBe('FORBIDDEN');
    expect(answerTo(local, { ...right, 'sec-fetch-site': 'same-origin' })).toBe('in');
  });
});

describe('what the HTTP server is told', () => {
  test('an address is a port, with or without a host', () => {
    expect(parseHttpAddress('8931')).toEqual({ host: '127.0.0.1', port: 8931 });
    expect(parseHttpAddress('[::1]:0')).toEqual({ host: '::1', port: 0 });
    expect(parseHttpAddress('0.0.0.0:80')).toEqual({ host: '0.0.0.0', port: 80 });
    for (const text of ['', 'x', ':1', '1:', '::1:80', '[::1]', '[x]:1', '65536', '-1', '1.5', 'http://a:1', '[:::]:1'])
      expect([text, codeOf(() => parseHttpAddress(text))]).toEqual([text, 'INVALID_ARGUMENT']);
  });

  test('a token is long or made up, never none', () => {
    expect(tokenFrom(token)).toBe(token);
    expect(tokenFrom(undefined)).toMatch(/^[0-9a-f]{64}$/);
    expect(tokenFrom(undefined)).not.toBe(tokenFrom(undefined));
    for (const text of ['', ' ', 'short', 'has spaces in between it', 'x'.repeat(15)])
      expect([text, codeOf(() => tokenFrom(text))]).toEqual([text, 'INVALID_ARGUMENT']);
  });
});
