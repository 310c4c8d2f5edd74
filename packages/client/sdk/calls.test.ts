import { describe, expect, test } from 'bun:test';
import { CodedError, hasCode } from '@bhatti/base/errors.ts';

import { Api } from '../api.ts';
import { Calls } from './calls.ts';
import { lazyClient } from './lazy-client.ts';

const calls = new Calls(
  lazyClient(async () => new Api({ address: 'test', request: noRequest, openSocket: noRequest })),
  { retries: 2, firstPauseMs: 0 },
);

function noRequest(): Promise<never> {
  return Promise.reject(new Error('no request is made here'));
}

/** Fails with each of the errors in turn, then answers how often it was called. */
function failing(...errors: unknown[]) {
  let tries = 0;
  return async () => {
    tries += 1;
    const error = errors[tries - 1];
    if (error !== undefined) throw error;
    return tries;
  };
}

const lost = new CodedError('CONNECTION_LOST', 'lost', { peer: 'x' });
const failure = (promise: Promise<unknown>) => promise.catch((reason: unknown) => reason);

describe('a call', () => {
  test('that may be repeated is, where the error can pass, and no oftener than was said', async () => {
    expect(await calls.repeat({}, failing(lost, lost))).toBe(3);
    expect(await failure(calls.repeat({}, failing(lost, lost, lost)))).toBe(lost);
  });

  test('is not repeated where that cannot help', async () => {
    const refused = new CodedError('FORBIDDEN', 'no', { reason: 'x' });
    const wrong = new CodedError('SANDBOX_WRONG_PHASE', 'no', { sandbox: 'x', phase: 'stopped', needs: [] });
    const failed = new CodedError('BOOT_FAILED', 'no', { sandbox: 'x' });
    for (const error of [refused, wrong, failed]) expect(await failure(calls.repeat({}, failing(error)))).toBe(error);
  });

  test('that may have begun something is made once', async () => {
    expect(await failure(calls.once({}, failing(lost)))).toBe(lost);
  });

  test('ends when its caller says so, before it, in it, and between two tries', async () => {
    const stopped = AbortSignal.abort();
    expect(hasCode(await failure(calls.once({ signal: stopped }, failing())), 'ABORTED')).toBe(true);
    const controller = new AbortController();
    const pending = calls.once({ signal: controller.signal }, (op) => {
      return new Promise((_, reject) => op.signal.addEventListener('abort', () => reject(new Error('broken off'))));
    });
    controller.abort();
    expect(hasCode(await failure(pending), 'ABORTED')).toBe(true);
    const between = new AbortController();
    const trying = calls.repeat({ signal: between.signal }, async () => {
      between.abort();
      throw lost;
    });
    expect(hasCode(await failure(trying), 'ABORTED')).toBe(true);
  });

  test('ends when its time is over', async () => {
    const pending = calls.repeat({ timeoutMs: 1 }, (op) => {
      return new Promise((_, reject) => op.signal.addEventListener('abort', () => reject(new Error('broken off'))));
    });
    expect(hasCode(await failure(pending), 'TIMED_OUT')).toBe(true);
  });

  test('fails with a coded error whatever went wrong', async () => {
    expect(hasCode(await failure(calls.once({}, failing(new TypeError('x')))), 'INTERNAL')).toBe(true);
  });
});
