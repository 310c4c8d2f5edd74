import { afterEach, describe, expect, test } from 'bun:test';
import { createHash } from 'node:crypto';
import {
  Agent,
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import {
  connect,
  createServer as createTcpServer,
  type AddressInfo,
  type Server as TcpServer,
  type Socket,
} from 'node:net';
import { passExchange } from '@bhatti/daemon/relay/exchange.ts';
import { endToEnd } from '@bhatti/daemon/relay/headers.ts';
import { passUpgrade } from '@bhatti/daemon/relay/upgrade.ts';
import { until } from '../../support/until.ts';

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup();
});

describe('an exchange that is passed on', () => {
  test('keeps method, path, Host, repeated headers and status line', async () => {
    const origin = await startOrigin((request, reply) => {
      reply.writeHead(418, 'Short And Stout', [
        'Set-Cookie',
        'a=1',
        'Set-Cookie',
        'b=2',
        'X-Saw',
        JSON.stringify([request.method, request.url, request.rawHeaders]),
      ]);
      reply.end('body');
    });
    const front = await startFront(origin.port);
    const answer = await speak(
      front.port,
      'GET /a%20b?c=d HTTP/1.1\r\nHost: desk.localhost:8080\r\nX-A: 1\r\nX-A: 2\r\nConnection: close\r\n\r\n',
    );
    expect(answer).toStartWith('HTTP/1.1 418 Short And Stout\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n');
    const saw = JSON.parse(/X-Saw: (.*)\r\n/.exec(answer)?.[1] ?? '[]');
    expect(saw[0]).toBe('GET');
    expect(saw[1]).toBe('/a%20b?c=d');
    expect(saw[2].slice(0, 6)).toEqual(['Host', 'desk.localhost:8080', 'X-A', '1', 'X-A', '2']);
    expect(answer).toEndWith('\r\n4\r\nbody\r\n0\r\n\r\n');
  });

  test('streams each piece of a reply when it comes', async () => {
    let held: ServerResponse | undefined;
    const origin = await startOrigin((_request, reply) => {
      reply.writeHead(200, { 'content-type': 'text/event-stream' });
      reply.flushHeaders();
      held = reply;
    });
    const front = await startFront(origin.port);
    const client = await open(front.port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await until(() => client.text().includes('text/event-stream'), client.text);
    held?.write('data: one\n\n');
    await until(() => client.text().includes('data: one'), client.text);
    held?.write('data: two\n\n');
    await until(() => client.text().includes('data: two'), client.text);
  });

  test('stops reading the origin while the client does not read', async () => {
    const total = 200 * 1024 * 1024;
    let written = 0;
    const origin = await startOrigin((_request, reply) => {
      const chunk = Buffer.alloc(65_536, 1);
      const write = () => {
        let isTaken = true;
        while (written < total && isTaken) {
          isTaken = reply.write(chunk);
          written += chunk.length;
        }
        if (written < total) reply.once('drain', write);
        else reply.end();
      };
      write();
    });
    const front = await startFront(origin.port);
    const client = await open(front.port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    client.socket.pause();
    await settled(() => written);
    expect(written).toBeLessThan(30 * 1024 * 1024);
  });

  test('stops reading the client while the origin does not read', async () => {
    let taken: IncomingMessage | undefined;
    const origin = await startOrigin((request) => {
      request.pause();
      taken = request;
    });
    const front = await startFront(origin.port);
    const client = await open(
      front.port,
      `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${1024 * 1024 * 1024}\r\n\r\n`,
    );
    let written = 0;
    const chunk = Buffer.alloc(65_536, 1);
    const write = () => {
      let isTaken = true;
      while (isTaken) {
        isTaken = client.socket.write(chunk);
        written += chunk.length;
      }
      client.socket.once('drain', write);
    };
    write();
    await until(() => taken !== undefined);
    await settled(() => written);
    expect(written).toBeLessThan(30 * 1024 * 1024);
  });

  test('brings a chunked body through whole', async () => {
    const digest = createHash('sha256');
    const origin = await startOrigin((request, reply) => {
      request.on('data', (chunk) => digest.update(chunk));
      request.on('end', () => reply.end(digest.digest('hex')));
    });
    const front = await startFront(origin.port);
    const body = Buffer.alloc(3_000_000, 'abcdefg');
    const reply = await fetch(`http://127.0.0.1:${front.port}/`, {
      method: 'POST',
      body: new Blob([body]).stream(),
    });
    expect(await reply.text()).toBe(createHash('sha256').update(body).digest('hex'));
  });

  test('breaks the client off when the origin breaks off, so that half a reply never looks whole', async () => {
    const origin = await startOrigin((_request, reply) => {
      reply.writeHead(200);
      reply.write('half', () => reply.destroy());
    });
    const front = await startFront(origin.port);
    const answer = await speak(front.port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    expect(answer).toContain('half');
    expect(answer).not.toContain('\r\n0\r\n');
  });

  test('tells the origin when the client leaves', async () => {
    let hasLeft = false;
    const origin = await startOrigin((_request, reply) => {
      reply.once('close', () => (hasLeft = true));
    });
    const front = await startFront(origin.port);
    const client = await open(front.port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await until(() => origin.requests() === 1);
    client.socket.destroy();
    await until(() => hasLeft);
  });

  test('asks again over a fresh connection when a kept one has died, where that is harmless', async () => {
    const raw = await startTcp((socket) => {
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
        // The connection dies with the next request, as one does that is closed in the moment in which it is used.
        socket.once('data', () => socket.destroy());
      });
    });
    const front = await startFront(raw.port);
    const get = async () => (await fetch(`http://127.0.0.1:${front.port}/`)).text();
    expect(await get()).toBe('ok');
    expect(await get()).toBe('ok');
    const posted = await fetch(`http://127.0.0.1:${front.port}/`, { method: 'POST', body: 'x' });
    expect(posted.status).toBe(200);
  });
});

describe('an upgrade that is passed on', () => {
  test('loses neither what the server sends with its 101 nor what the client sent early', async () => {
    const origin = await startTcp((socket) => {
      let received = '';
      socket.on('data', (chunk) => {
        const before = received;
        received += chunk.toString();
        const end = received.indexOf('\r\n\r\n');
        if (end === -1) return;
        if (before.indexOf('\r\n\r\n') === -1) {
          socket.write(
            'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nX-Origin: yes\r\n\r\nRFB 003.008\n',
          );
          const early = received.slice(end + 4);
          if (early !== '') socket.write(`echo:${early}`);
        } else socket.write(`echo:${chunk.toString()}`);
      });
    });
    const front = await startFront(origin.port);
    const client = await open(
      front.port,
      'GET /websockify HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n\r\nEARLY',
    );
    await until(() => client.text().includes('echo:EARLY'), client.text);
    expect(client.text()).toStartWith(
      'HTTP/1.1 101 Switching Protocols\r\nX-Origin: yes\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nRFB 003.008\n',
    );
    client.socket.write('LATER');
    await until(() => client.text().includes('echo:LATER'), client.text);
  });

  test('passes 50 MB through unharmed in both directions', async () => {
    const origin = await startTcp((socket) => {
      socket.once('data', (head) => {
        socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n');
        expect(head.toString()).toEndWith('\r\n\r\n');
        socket.pipe(socket);
      });
    });
    const front = await startFront(origin.port);
    const client = await open(front.port, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n');
    await until(() => client.text().endsWith('\r\n\r\n'), client.text);
    client.socket.removeAllListeners('data');
    const total = 50 * 1024 * 1024;
    const sent = createHash('sha256');
    const back = createHash('sha256');
    let received = 0;
    client.socket.on('data', (chunk: Buffer) => {
      received += chunk.length;
      back.update(chunk);
    });
    for (let at = 0; at < total; at += 1024 * 1024) {
      const chunk = Buffer.alloc(1024 * 1024, String(at));
      sent.update(chunk);
      if (!client.socket.write(chunk)) await new Promise((resolve) => client.socket.once('drain', resolve));
    }
    await until(
      () => received === total,
      () => received,
    );
    expect(back.digest('hex')).toBe(sent.digest('hex'));
  });

  test('passes an ending on in both directions', async () => {
    const ended: string[] = [];
    const origin = await startTcp((socket) => {
      socket.once('data', () =>
        socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n'),
      );
      socket.once('close', () => ended.push('origin'));
    });
    const front = await startFront(origin.port);
    const request = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n';
    const leaving = await open(front.port, request);
    await until(() => leaving.text().includes('101'), leaving.text);
    leaving.socket.destroy();
    await until(() => ended.length === 1);
    const left = await open(front.port, request);
    await until(() => left.text().includes('101'), left.text);
    origin.dropAll();
    await until(() => left.socket.closed);
    await until(() => front.open() === 0, front.open);
  });

  test('passes a refusal on with its headers and body, and nothing can follow on that connection', async () => {
    const origin = await startOrigin((_request, reply) => reply.end('plain'));
    origin.server.on('upgrade', (_request, socket) =>
      socket.end('HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm="desk"\r\nContent-Length: 4\r\n\r\nno!\n'),
    );
    const front = await startFront(origin.port);
    const answer = await speak(
      front.port,
      'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    );
    expect(answer).toStartWith('HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm="desk"\r\n');
    expect(answer).toContain('Connection: close\r\n');
    expect(answer).toEndWith('no!\n');
  });
});

async function startOrigin(answer: RequestListener) {
  let requests = 0;
  const server = createServer((request, reply) => {
    requests += 1;
    answer(request, reply);
  });
  return { server, port: await listen(server), requests: () => requests };
}

async function startTcp(accept: (socket: Socket) => void) {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    accept(socket);
  });
  const dropAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  cleanups.push(dropAll);
  return { port: await listen(server), dropAll };
}

/** A server that passes everything on to a port of this machine, as the daemon does to a port of a sandbox. */
async function startFront(port: number) {
  const pools = {
    kept: new LocalPool(port, { keepAlive: true }),
    fresh: new LocalPool(port, { keepAlive: false }),
  };
  let upgrades = 0;
  const server = createServer((request, reply) => {
    const onward = { pools, path: request.url ?? '/', headers: withoutLength(request) };
    passExchange(request, reply, onward).catch((error: unknown) => reply.writeHead(502).end(String(error)));
  });
  server.on('upgrade', (asked, socket, head) => {
    upgrades += 1;
    passUpgrade(
      { asked, socket, head },
      { fresh: pools.fresh, path: asked.url ?? '/', headers: endToEnd(asked.rawHeaders) },
    )
      .catch((error: unknown) => socket.end(`HTTP/1.1 502 Bad Gateway\r\n\r\n${String(error)}`))
      .finally(() => (upgrades -= 1));
  });
  cleanups.push(() => {
    pools.kept.destroy();
    pools.fresh.destroy();
  });
  return { port: await listen(server), open: () => upgrades };
}

class LocalPool extends Agent {
  readonly #port: number;
  constructor(port: number, options: { keepAlive: boolean }) {
    super(options);
    this.#port = port;
  }
  override createConnection() {
    return connect({ port: this.#port, host: '127.0.0.1', allowHalfOpen: true });
  }
}

function withoutLength(request: IncomingMessage): string[] {
  return endToEnd(request.rawHeaders, ['content-length']);
}

async function listen(server: Server | TcpServer): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => {
    server.close();
    if ('closeAllConnections' in server) server.closeAllConnections();
  });
  // SAFETY: a TCP server that listens has such an address.
  return (server.address() as AddressInfo).port;
}

async function open(port: number, request: string) {
  const socket = connect(port, '127.0.0.1');
  cleanups.push(() => socket.destroy());
  let text = '';
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => (text += chunk.toString('latin1')));
  await new Promise<void>((resolve) => socket.once('connect', resolve));
  socket.write(request);
  return { socket, text: () => text };
}

/** Everything that comes back until the other side closes. */
async function speak(port: number, request: string): Promise<string> {
  const client = await open(port, request);
  await until(() => client.socket.closed, client.text);
  return client.text();
}

/** Waits until a figure has not moved for a while. */
async function settled(figure: () => number): Promise<void> {
  let last = -1;
  let still = 0;
  await until(() => {
    still = figure() === last && last > 0 ? still + 1 : 0;
    last = figure();
    return still > 40;
  }, figure);
}
