import { CodedError } from '@bhatti/base/errors.ts';

import type { CdpConnection, CdpObject } from './connection.ts';

/** One target of a browser: what is sent goes to it, and its events come from it. */
export interface CdpSession {
  readonly id: string;
  /** TIMED_OUT when no answer comes: a page that hangs, or one that waits for a dialog, gives none. */
  send(method: string, params?: CdpObject): Promise<CdpObject>;
  /** Until the returned function is called. */
  on(method: string, listener: (params: CdpObject) => void): () => void;
}

export function sessionOf(connection: CdpConnection, id: string, timeoutMs: number): CdpSession {
  return {
    id,
    send: (method, params) => withTimeout(connection.send(method, params, id), timeoutMs, `no answer to ${method}`),
    on: (method, listener) =>
      connection.onEvent((event) => {
        if (event.sessionId === id && event.method === method) listener(event.params);
      }),
  };
}

export function withTimeout<T>(promise: Promise<T>, afterMs: number, what: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new CodedError('TIMED_OUT', `${what} within ${afterMs} ms`, { afterMs })),
      afterMs,
    );
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
