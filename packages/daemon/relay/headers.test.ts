import { describe, expect, test } from 'bun:test';
import { endToEnd, forwardedHeaders, valuesOf } from './headers.ts';

describe('endToEnd', () => {
  test('takes away what belongs to one connection, also what Connection names', () => {
    const headers = [
      'Host',
      'a',
      'Connection',
      'keep-alive, X-Private',
      'x-private',
      '1',
      'Keep-Alive',
      'timeout=5',
      'TE',
      'trailers',
      'Upgrade',
      'h2c',
      'Accept',
      '*/*',
    ];
    expect(endToEnd(headers)).toEqual(['Host', 'a', 'Accept', '*/*']);
  });

  test('keeps repeated lines, their order and their spelling', () => {
    const headers = ['Set-Cookie', 'a=1', 'set-cookie', 'b=2', 'X-Z', '', 'SET-COOKIE', 'c=3'];
    expect(endToEnd(headers)).toEqual(headers);
  });

  test('drops what the caller names', () => {
    expect(endToEnd(['Authorization', 'Bearer x', 'Accept', '*/*'], ['authorization'])).toEqual(['Accept', '*/*']);
  });
});

describe('valuesOf', () => {
  test('finds every line whatever its case', () => {
    expect(valuesOf(['Host', 'a', 'HOST', 'b', 'X', 'c'], 'host')).toEqual(['a', 'b']);
  });
});

describe('forwardedHeaders', () => {
  test('says who asked, how and for which host', () => {
    expect(forwardedHeaders({ peerAddress: '127.0.0.1', scheme: 'https', host: 'desk.example.org' })).toEqual([
      'X-Forwarded-For',
      '127.0.0.1',
      'X-Forwarded-Proto',
      'https',
      'X-Forwarded-Host',
      'desk.example.org',
    ]);
  });
});
