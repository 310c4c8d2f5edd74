import { expect, test } from 'bun:test';
import { connect } from '@bhatti/client/connect.ts';
import { hasCode } from '@bhatti/base/errors.ts';

import { desktopOf, mustPicture, resultsOf } from './desktop.ts';

test('a sandbox of the client is a desktop', async () => {
  const requests: unknown[] = [];
  const reply = { results: [], ok: true, screen: { width: 4, height: 3, depth: 24 }, frameSerial: 1, ms: 1 };
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    async fetch(request) {
      requests.push([request.method, new URL(request.url).pathname, await request.json()]);
      return Response.json(reply);
    },
  });
  const client = connect({ url: `http://127.0.0.1:${server.port}` });
  expect(await desktopOf(client.desktop, 'dev').act({ actions: [] }, new AbortController().signal)).toEqual(reply);
  expect(requests).toEqual([['POST', '/sandboxes/dev/actions', { actions: [] }]]);
  await server.stop(true);
});

test('a reply that lacks a result or a picture breaks the protocol', () => {
  const reply = { results: [], ok: true, screen: { width: 4, height: 3, depth: 24 }, frameSerial: 1, ms: 1 };
  for (const what of [() => resultsOf(reply, 1), () => mustPicture(undefined)]) {
    let thrown: unknown;
    try {
      what();
    } catch (error) {
      thrown = error;
    }
    expect(hasCode(thrown, 'PROTOCOL_VIOLATION')).toBe(true);
  }
});
