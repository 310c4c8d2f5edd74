import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { hasCode } from '@bhatti/base/errors.ts';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { openWebSocket, type WebSocketClient, type WebSocketTarget } from './websocket-client.ts';

let dir: string;
let unix: string;
let stop: () => void = () => {};
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'bhatti-ws-'));
  unix = join(dir, 's.sock');
});
afterEach(() => {
  stop();
  rmSync(dir, { recursive: true, force: true });
});

describe('a WebSocket client', () => {
  test('exchanges text and binary of every size with a server of the runtime, also over TCP', async () => {
    const tcp = serveEcho({ hostname: '127.0.0.1', port: 0 });
    const port = tcp.port ?? 0;
    const overTcp = await mustOpen({
      connect: { hostname: '127.0.0.1', port, tls: false },
      host: `127.0.0.1:${port}`,
      path: '/x',
      headers: {},
    });
    await tcp.stop(true).catch(() => {}); // WHY: only the listening ends here; the connection is used no more
    overTcp.close();

    const server = serveEcho({ unix });
    stop = () => void server.stop(true);
    const socket = await mustOpen(target());
    const sent = ['hello', 'ä€😀'.repeat(50_000), new Uint8Array(0), new Uint8Array(3_000_000).fill(7)];
    for (const message of sent) socket.send(message);
    const got: (string | Uint8Array)[] = [];
    for await (const message of socket.messages) {
      got.push(typeof message === 'string' ? message : new Uint8Array(message));
      if (got.length === sent.length) break;
    }
    expect(got).toEqual(sent);
    socket.close();
  });

  test('gives the words of a server that refuses', async () => {
    const server = Bun.serve({ unix, fetch: () => Response.json({ code: 'X' }, { status: 404 }) });
    stop = () => void server.stop(true);
    expect(await openWebSocket(target())).toEqual({ kind: 'refused', status: 404, body: '{"code":"X"}' });
  });

  test('rejects with the code of the system when nothing listens', async () => {
    const error: unknown = await openWebSocket(target()).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'ENOENT' });
  });

  test('says CONNECTION_LOST when the server vanishes after the upgrade, and gives what came before', async () => {
    stop = await listenRaw((socket, reply) => {
      socket.write(Buffer.concat([reply, Uint8Array.of(0x81, 2, 104, 105)]));
      socket.destroySoon();
    });
    const socket = await mustOpen(target());
    const got: unknown[] = [];
    const error = await drain(socket, got);
    expect(got).toEqual(['hi']);
    expect(hasCode(error, 'CONNECTION_LOST')).toBe(true);
  });

  test('ends in order after a close frame, and joins fragments', async () => {
    stop = await listenRaw((socket, reply) => {
      socket.write(reply);
      socket.write(Uint8Array.of(0x01, 1, 104, 0x89, 0, 0x80, 1, 105, 0x88, 2, 0x03, 0xe8));
    });
    const socket = await mustOpen(target());
    const got: unknown[] = [];
    expect(await drain(socket, got)).toBeUndefined();
    expect(got).toEqual(['hi']);
  });

  test('refuses a wrong handshake and garbage with PROTOCOL_VIOLATION', async () => {
    stop = await listenRaw((socket) => socket.end('HTTP/1.1 101 Yes\r\nSec-WebSocket-Accept: nonsense\r\n\r\n'));
    const wrong: unknown = await openWebSocket(target()).catch((reason: unknown) => reason);
    expect(hasCode(wrong, 'PROTOCOL_VIOLATION')).toBe(true);
    stop();
    stop = await listenRaw((socket) => socket.end('SSH-2.0-server\r\n\r\n'));
    const garbage: unknown = await openWebSocket(target()).catch((reason: unknown) => reason);
    expect(hasCode(garbage, 'PROTOCOL_VIOLATION')).toBe(true);
  });

  test('stops reading while nobody takes the messages', async () => {
    const frame = Buffer.concat([Uint8Array.of(0x82, 126, 0xff, 0xff), new Uint8Array(0xffff)]);
    let accepted = 0;
    let isFull: (() => void) | undefined;
    const full = new Promise<void>((resolve) => (isFull = resolve));
    stop = await listenRaw((socket, reply) => {
      socket.write(reply);
      const flood = () => {
        while (accepted < 4_000) {
          accepted += 1;
          if (!socket.write(frame)) break;
        }
      };
      socket.on('drain', flood);
      flood();
      // The kernel's buffers and ours are full when no drain comes for as long as it takes to answer a thousand turns of the loop.
      let quietTurns = 0;
      let before = accepted;
      const look = () => {
        quietTurns = before === accepted ? quietTurns + 1 : 0;
        before = accepted;
        if (quietTurns > 1_000) isFull?.();
        else setImmediate(look);
      };
      look();
    });
    const socket = await mustOpen(target());
    await full;
    expect(accepted).toBeLessThan(100);
    let taken = 0;
    for await (const message of socket.messages) {
      taken += 1;
      expect(message.length).toBe(0xffff);
      if (taken === 4_000) break;
    }
    socket.close();
  });
});

function target(): WebSocketTarget {
  return { connect: { unix }, host: 'bhatti', path: '/exec', headers: {} };
}

async function mustOpen(to: WebSocketTarget): Promise<WebSocketClient> {
  const opening = await openWebSocket(to);
  if (opening.kind === 'refused') throw new Error(`refused with ${opening.status}`);
  return opening.socket;
}

async function drain(socket: WebSocketClient, into: unknown[]): Promise<unknown> {
  try {
    for await (const message of socket.messages) into.push(message);
    return undefined;
  } catch (error) {
    return error;
  }
}

function serveEcho(listen: { unix: string } | { hostname: string; port: number }) {
  return Bun.serve({
    ...listen,
    fetch: (request, server) => (server.upgrade(request) ? undefined : new Response('no', { status: 400 })),
    websocket: { maxPayloadLength: 64 << 20, message: (peer, message) => void peer.send(message) },
  });
}

/** A server on the bare socket: gets the right reply to the upgrade and does with it what the test wants. */
async function listenRaw(then: (socket: Socket, reply: Uint8Array) => void): Promise<() => void> {
  const open = new Set<Socket>();
  const server: Server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => {}); // WHY: the client ends some of these connections in the middle, on purpose
    socket.once('data', (head: Buffer) => {
      const key = /sec-websocket-key: (.*)\r\n/i.exec(head.toString())?.[1] ?? '';
      const accept = new Bun.CryptoHasher('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
      then(socket, Buffer.from(`HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`));
    });
  });
  await new Promise<void>((resolve) => server.listen(unix, resolve));
  return () => {
    for (const socket of open) socket.destroy();
    server.close();
  };
}
