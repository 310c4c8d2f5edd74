import { describe, expect, test } from 'bun:test';
import { hasCode } from '@bhatti/base/errors.ts';

import { openTransport } from './host.browser.ts';
import { findDaemon } from './host.ts';

const failure = (call: () => unknown): unknown => {
  try {
    return call();
  } catch (error) {
    return error;
  }
};

describe('the daemon', () => {
  test('is the one that is named, else that of the environment, else that of this machine', () => {
    const env = { BHATTI_URL: 'http://far:8080', BHATTI_TOKEN: 'bht_1', BHATTI_RUN_DIR: '/run/other' };
    expect(findDaemon({ url: 'https://near' }, env)).toEqual({
      kind: 'url',
      url: new URL('https://near'),
      token: 'bht_1',
    });
    expect(findDaemon({ token: 'bht_2' }, env)).toEqual({
      kind: 'url',
      url: new URL('http://far:8080'),
      token: 'bht_2',
    });
    expect(findDaemon({ socketPath: '/s' }, env)).toEqual({ kind: 'socket', path: '/s' });
    expect(findDaemon({}, { ...env, BHATTI_URL: '' })).toEqual({ kind: 'socket', path: '/run/other/bhatti.sock' });
    expect(findDaemon({}, {})).toEqual({ kind: 'socket', path: '/run/bhatti/bhatti.sock' });
  });

  test('is refused where its address is none', () => {
    for (const url of ['', 'far:8080', 'ftp://far'])
      expect(
        hasCode(
          failure(() => findDaemon({ url }, {})),
          'INVALID_ARGUMENT',
        ),
      ).toBe(true);
    expect(
      hasCode(
        failure(() => findDaemon({ url: 'http://a', socketPath: '/s' }, {})),
        'INVALID_ARGUMENT',
      ),
    ).toBe(true);
  });

  test('in a browser, has no socket, no stream with a key, and must be named where no page is', async () => {
    const failed = (promise: Promise<unknown>) => promise.catch((reason: unknown) => reason);
    const caller = new AbortController();
    expect(hasCode(await failed(openTransport({ socketPath: '/s' })), 'HOST_UNSUPPORTED')).toBe(true);
    expect(hasCode(await failed(openTransport({})), 'INVALID_ARGUMENT')).toBe(true);
    const transport = await openTransport({ url: 'http://127.0.0.1:1', token: 'bht_1' });
    const opening = (async () => transport.openSocket(caller, '/x'))();
    expect(hasCode(await failed(opening), 'HOST_UNSUPPORTED')).toBe(true);
    const asked = transport.request(caller, { method: 'GET', path: '/' });
    expect(await failed(asked)).toMatchObject({
      code: 'DAEMON_UNREACHABLE',
      hint: expect.stringContaining('own origin'),
    });
  });
});
