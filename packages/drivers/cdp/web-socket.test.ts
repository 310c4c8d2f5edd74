import { afterEach, describe, expect, test } from 'bun:test';
import { hasCode } from '@bhatti/base/errors.ts';

import type { CdpEvent } from './connection.ts';
import { sessionOf } from './session.ts';
import { openCdpSocket } from './web-socket.ts';

let server: Bun.Server<undefined> | undefined;
afterEach(async () => {
  await server?.stop(true);
  server = undefined;
});

/** A browser that answers each message by `answer`. */
function serve(
  answer: (message: { id: number; method: string }, say: (text: string) => void, close: () => void) => void,
) {
  server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch: (request, own) => (own.upgrade(request) ? undefined : new Response('no', { status: 400 })),
    websocket: {
      message: (socket, text) =>
        answer(
          JSON.parse(String(text)),
          (said) => void socket.send(said),
          () => socket.terminate(),
        ),
    },
  });
  return `ws://127.0.0.1:${server.port}/devtools/browser/x`;
}

describe('a connection to a browser', () => {
  test('gives answers to whom they belong, in whatever order', async () => {
    const waiting: (() => void)[] = [];
    const url = serve(({ id, method }, say) => {
      waiting.push(() => say(JSON.stringify({ id, result: { of: method } })));
      if (waiting.length === 2) waiting.toReversed().forEach((send) => send());
    });
    const connection = await openCdpSocket(url);
    expect(await Promise.all([connection.send('A.a'), connection.send('B.b')])).toEqual([{ of: 'A.a' }, { of: 'B.b' }]);
    connection.close();
  });

  test('sends parameters and session, and gives events with theirs, until nobody listens', async () => {
    const got: unknown[] = [];
    const url = serve((message, say) => {
      got.push(message);
      say(JSON.stringify({ method: 'X.happened', params: { n: message.id }, sessionId: 's' }));
      say(JSON.stringify({ id: message.id, result: {} }));
    });
    const connection = await openCdpSocket(url);
    const events: CdpEvent[] = [];
    const stop = connection.onEvent((event) => events.push(event));
    await connection.send('A.a', { b: 1 }, 's');
    stop();
    await connection.send('A.a');
    expect(got).toEqual([
      { id: 1, method: 'A.a', params: { b: 1 }, sessionId: 's' },
      { id: 2, method: 'A.a', params: {} },
    ]);
    expect(events).toEqual([{ method: 'X.happened', params: { n: 1 }, sessionId: 's' }]);
    connection.close();
  });

  test('what the browser refuses breaks the protocol, with its reason', async () => {
    const url = serve(({ id }, say) =>
      say(JSON.stringify({ id, error: { code: -1, message: 'no\u0007such method' } })),
    );
    const connection = await openCdpSocket(url);
    const error: unknown = await connection.send('A.a').catch((thrown: unknown) => thrown);
    expect(hasCode(error, 'PROTOCOL_VIOLATION') && error.message).toBe('the browser refused A.a: no such method');
    connection.close();
  });

  test('what is no message of the protocol is passed over', async () => {
    const url = serve(({ id }, say) => {
      for (const text of ['', '{', 'null', '7', '[]', '{"id":"x"}', '{"id":99,"result":{}}', '{"method":7}']) say(text);
      say(JSON.stringify({ id, result: 'no object' }));
    });
    const connection = await openCdpSocket(url);
    expect(await connection.send('A.a')).toEqual({});
    connection.close();
  });

  test('a browser that vanishes ends what waits, and what comes after', async () => {
    const url = serve((_, __, close) => close());
    const connection = await openCdpSocket(url);
    for (let i = 0; i < 2; i++)
      expect(await connection.send('A.a').catch((error: unknown) => error)).toSatisfy((error) =>
        hasCode(error, 'CONNECTION_LOST'),
      );
  });

  test('a browser that is not there is CONNECTION_LOST, and one’s own signal ABORTED', async () => {
    const nobody = 'ws://127.0.0.1:1/devtools/browser/x';
    expect(await openCdpSocket(nobody).catch((error: unknown) => error)).toSatisfy((error) =>
      hasCode(error, 'CONNECTION_LOST'),
    );
    const controller = new AbortController();
    controller.abort();
    expect(await openCdpSocket(nobody, { signal: controller.signal }).catch((error: unknown) => error)).toSatisfy(
      (error) => hasCode(error, 'ABORTED'),
    );
  });

  test('a target that gives no answer is TIMED_OUT', async () => {
    const connection = await openCdpSocket(serve(() => {}));
    const session = sessionOf(connection, 's', 20);
    expect(await session.send('A.a').catch((error: unknown) => error)).toSatisfy((error) =>
      hasCode(error, 'TIMED_OUT'),
    );
    connection.close();
  });
});
