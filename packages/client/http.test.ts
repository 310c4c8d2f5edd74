import { afterEach, describe, expect, test } from 'bun:test';
import { hasCode } from '@bhatti/base/errors.ts';

import { connect } from './connect.ts';

let stop: () => void = () => {};
afterEach(() => stop());

const caller = { signal: new AbortController().signal };

describe('the transport for every host', () => {
  test('streams a command over the standard WebSocket, with its key', async () => {
    const keys: (string | null)[] = [];
    const server = Bun.serve({
      port: 0,
      hostname: '127.0.0.1',
      fetch(request, self) {
        keys.push(request.headers.get('authorization'));
        return self.upgrade(request) ? undefined : new Response('', { status: 400 });
      },
      websocket: {
        message(peer, message) {
          // The request is answered with its own words on stdout.
          peer.send(Buffer.concat([Uint8Array.of(1), Buffer.from(String(message))]));
          peer.send(JSON.stringify({ type: 'exit', exitCode: 4 }));
          peer.close(1000);
        },
      },
    });
    stop = () => void server.stop(true);
    const client = connect({ url: `http://127.0.0.1:${server.port}`, token: 'bht_1' });
    let got = '';
    const output = {
      onStdout: async (bytes: Uint8Array) => void (got += new TextDecoder().decode(bytes)),
      onStderr: async () => {},
    };
    const stream = await client.exec.open(caller, 'desk', { argv: ['ls'] }, output);
    expect(await stream.ended).toMatchObject({ kind: 'exited', exitCode: 4 });
    expect(JSON.parse(got)).toEqual({ type: 'exec', argv: ['ls'] });
    expect(keys).toEqual(['Bearer bht_1']);
  });

  test('says CONNECTION_LOST when the upgrade is refused or the server vanishes', async () => {
    const server = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: () => new Response('', { status: 404 }) });
    stop = () => void server.stop(true);
    const client = connect({ url: `http://127.0.0.1:${server.port}` });
    const output = { onStdout: async () => {}, onStderr: async () => {} };
    const opening = client.exec.open(caller, 'desk', { argv: ['ls'] }, output);
    expect(hasCode(await opening.catch((reason: unknown) => reason), 'CONNECTION_LOST')).toBe(true);
  });
});
