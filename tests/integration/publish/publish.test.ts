import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { titled, whyNoSandboxes } from '../../support/capability.ts';
import { TestDaemon, type Reply } from '../../support/daemon.ts';
import { until } from '../../support/until.ts';

const why = whyNoSandboxes();
const mega = 1024 * 1024;

describe.skipIf(why !== undefined)(titled('a published port', why), () => {
  let daemon: TestDaemon;
  let host: string;
  beforeAll(async () => {
    daemon = await TestDaemon.start();
    await daemon.create({ name: 'web', memory_mb: 512 });
    await serve('web', 8000);
    const rule = (await daemon.call('POST', '/sandboxes/web/publish', { body: { port: 8000, alias: 'shop' } })).json;
    host = rule.host;
  });
  afterAll(() => daemon[Symbol.asyncDispose]());

  /** Starts the server of guest-server.js in a sandbox; the executable there can run it. */
  async function serve(sandbox: string, port: number): Promise<void> {
    await daemon.call('PUT', `/sandboxes/${sandbox}/files?path=/workspace/server.js`, {
      body: readFileSync(join(import.meta.dir, 'guest-server.js')),
    });
    await daemon.call('POST', `/sandboxes/${sandbox}/exec`, {
      body: {
        argv: ['/usr/lib/bhatti/bhatti', '/workspace/server.js', String(port)],
        env: { BUN_BE_BUN: '1' },
        detach: true,
        outputFile: `/tmp/server-${port}`,
      },
    });
    await until(async () => (await daemon.sh(sandbox, `cat /tmp/server-${port} || true`)).includes('listening'));
  }

  const get = (path: string, headers: Record<string, string> = {}): Promise<Reply> =>
    daemon.call('GET', path, { isTcp: true, headers: { host: `${host}:${daemon.port}`, ...headers } });

  test('has a rule that says how to reach it', async () => {
    const made = await daemon.call('POST', '/sandboxes/web/publish', { body: { port: 8001 } });
    expect(made.status).toBe(201);
    expect(made.json).toMatchObject({
      port: 8001,
      url: `http://${made.json.alias}.localhost:${daemon.port}/`,
      host: `${made.json.alias}.localhost`,
      connect: `127.0.0.1:${daemon.port}`,
    });
    expect(made.json.alias).toMatch(/^web-[0-9a-f]{6}$/);
    expect(made.json.tunnel).toStartWith(`ssh -L ${daemon.port}:127.0.0.1:${daemon.port} `);
    const again = await daemon.call('POST', '/sandboxes/web/publish', { body: { port: 8001 } });
    expect([again.status, again.headers['x-bhatti-existing'], again.json]).toEqual([200, 'true', made.json]);
    expect((await daemon.call('GET', '/sandboxes/web')).json.urls).toContain(made.json.url);
    expect((await daemon.call('GET', '/sandboxes/web/ports')).json).toContainEqual({
      container_port: 8000,
      proxy_url: `http://shop.localhost:${daemon.port}/`,
    });
    expect((await daemon.call('DELETE', '/sandboxes/web/publish/8001')).status).toBe(204);
    expect((await daemon.call('GET', '/', { isTcp: true, headers: { host: made.json.host } })).status).toBe(404);
  });

  test('sees Host and Origin as they were, who asked, and nothing that the client claims about that', async () => {
    const seen: string[] = (
      await get('/headers', {
        origin: 'http://elsewhere',
        'x-forwarded-for': '6.6.6.6',
        forwarded: 'for=6.6.6.6',
        cookie: 'k=v',
      })
    ).json;
    const of = (name: string) => seen.filter((_, at) => at % 2 === 1 && seen[at - 1]?.toLowerCase() === name);
    expect(of('host')).toEqual([`shop.localhost:${daemon.port}`]);
    expect(of('origin')).toEqual(['http://elsewhere']);
    expect(of('cookie')).toEqual(['k=v']);
    expect(of('x-forwarded-for')).toEqual(['127.0.0.1']);
    expect(of('x-forwarded-proto')).toEqual(['http']);
    expect(of('x-forwarded-host')).toEqual([`shop.localhost:${daemon.port}`]);
    expect(of('forwarded')).toEqual([]);
  });

  test('may set cookies, each on a line of its own, and its own statuses', async () => {
    expect((await get('/cookies')).headers['set-cookie']).toEqual(['a=1', 'b=2']);
    const missing = await get('/nothing');
    expect([missing.status, missing.text]).toEqual([404, 'no /nothing\n']);
    const head = await daemon.call('HEAD', '/headers', { isTcp: true, headers: { host } });
    expect([head.status, head.text]).toEqual([200, '']);
  });

  test('streams events as they come', async () => {
    const socket = connect(daemon.port, '127.0.0.1');
    let text = '';
    socket.on('data', (chunk) => (text += chunk.toString()));
    socket.write(`GET /events HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    await until(
      () => text.includes('text/event-stream'),
      () => text,
    );
    for (const word of ['one', 'two']) {
      await get(`/emit?text=${word}`);
      await until(
        () => text.includes(`data: ${word}`),
        () => text,
      );
    }
    socket.destroy();
  });

  test('takes an upload of unknown length', async () => {
    const content = Buffer.alloc(5 * mega, 'abc');
    const reply = await daemon.call('POST', '/digest', {
      isTcp: true,
      headers: { host, 'transfer-encoding': 'chunked' },
      body: content,
    });
    expect(reply.text).toBe(createHash('sha256').update(content).digest('hex'));
  });

  test('sends 50 MB without their being held in the daemon’s memory, and waits for a slow reader', async () => {
    const before = residentBytes(daemon.pid);
    expect((await get('/big?mb=50')).bytes.length).toBe(50 * mega);
    const slow = request({
      port: daemon.port,
      host: '127.0.0.1',
      path: '/big?mb=200',
      headers: { host },
      agent: false,
    });
    const reply = await new Promise<import('node:http').IncomingMessage>((resolve) => {
      slow.once('response', resolve);
      slow.end();
    });
    reply.pause();
    let last = -1;
    await until(() => {
      const now = residentBytes(daemon.pid);
      const isSettled = Math.abs(now - last) < mega;
      last = now;
      return isSettled;
    });
    expect(residentBytes(daemon.pid) - before).toBeLessThan(60 * mega);
    slow.destroy();
  });

  test('speaks first after its 101, and hears what was sent before it', async () => {
    const client = await open(
      `GET /ws HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nEARLY`,
    );
    await until(() => client.text().includes('echo:EARLY'), client.text);
    expect(client.text()).toStartWith('HTTP/1.1 101 ');
    expect(client.text()).toContain('\r\n\r\nRFB 003.008\n');
    client.socket.write('LATER');
    await until(() => client.text().includes('echo:LATER'), client.text);
    client.socket.end();
    await until(() => client.socket.closed);
  });

  test('refuses an upgrade in its own words', async () => {
    const client = await open(
      `GET /refuse HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
    );
    await until(() => client.socket.closed, client.text);
    expect(client.text()).toStartWith('HTTP/1.1 403 Forbidden\r\n');
    expect(client.text()).toEndWith('no\n');
  });

  test('is woken by a request', async () => {
    await daemon.call('POST', '/sandboxes/web/pause');
    expect((await get('/headers')).status).toBe(200);
    expect((await daemon.call('GET', '/sandboxes/web')).json.thermal).toBe('hot');
  });

  test('is started by a page where its owner stopped it, and not by a WebSocket', async () => {
    await daemon.call('POST', '/sandboxes/web/stop');
    const refused = await open(
      `GET /ws HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
    );
    await until(() => refused.socket.closed, refused.text);
    expect(refused.text()).toStartWith('HTTP/1.1 409 ');
    expect((await daemon.call('GET', '/sandboxes/web')).json.status).toBe('stopped');
    // The sandbox comes up; the server in it is nobody's to start again.
    const page = await get('/headers', { accept: 'text/html' });
    expect(page.status).toBe(502);
    expect((await daemon.call('GET', '/sandboxes/web')).json.status).toBe('running');
    await serve('web', 8000);
  });

  test('goes on over a restart of the daemon', async () => {
    const before = (await daemon.call('GET', '/sandboxes/web/publish')).json;
    await daemon.end('SIGKILL');
    await daemon.run();
    expect((await daemon.call('GET', '/sandboxes/web/publish')).json).toEqual(before);
    expect((await get('/headers')).status).toBe(200);
  });

  test('that nothing listens on, or that is not published, is told in plain words', async () => {
    await daemon.call('POST', '/sandboxes/web/publish', { body: { port: 9, alias: 'quiet' } });
    const quiet = await daemon.call('GET', '/', {
      isTcp: true,
      headers: { host: 'quiet.localhost', accept: 'text/html' },
    });
    expect(quiet.status).toBe(502);
    expect(quiet.headers['content-type']).toStartWith('text/html');
    expect(quiet.text).toContain('Nothing listens on port 9 of sandbox &quot;web&quot;.');
    const unknown = await daemon.call('GET', '/', { isTcp: true, headers: { host: 'nobody.localhost' } });
    expect([unknown.status, unknown.text.split('\n')[0]]).toEqual([404, 'nothing is published as "nobody"']);
  });

  test('of a sandbox that is destroyed ends at once', async () => {
    await daemon.create({ name: 'brief', memory_mb: 256 });
    await serve('brief', 8000);
    await daemon.call('POST', '/sandboxes/brief/publish', { body: { port: 8000, alias: 'brief' } });
    const client = await open(
      'GET /ws HTTP/1.1\r\nHost: brief.localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    );
    await until(() => client.text().includes('RFB'), client.text);
    await daemon.call('DELETE', '/sandboxes/brief');
    await until(() => client.socket.closed);
    expect((await daemon.call('GET', '/', { isTcp: true, headers: { host: 'brief.localhost' } })).status).toBe(404);
  });

  test('is reached with a key through the API as well', async () => {
    const { api_key: key } = (await daemon.call('POST', '/users', { body: { name: 'ann' } })).json;
    const { id } = (await daemon.call('GET', '/sandboxes/web')).json;
    const others = await daemon.call('GET', `/sandboxes/${id}/proxy/8000/headers`, {
      isTcp: true,
      headers: { authorization: `Bearer ${key}` },
    });
    expect(others.status).toBe(404);
    const seen = await daemon.call('GET', '/sandboxes/web/proxy/8000/headers?x=%2F', {
      headers: { authorization: 'Basic abc' },
    });
    expect(seen.json).toContain('Basic abc');
    const cookies = await daemon.call('GET', '/sandboxes/web/proxy/8000/cookies');
    expect([cookies.status, cookies.headers['set-cookie']]).toEqual([200, undefined]);
  });

  test('is upgraded through the API as well', async () => {
    const socket = connect(daemon.socketPath);
    let text = '';
    socket.on('data', (chunk) => (text += chunk.toString()));
    socket.write(
      'GET /sandboxes/web/proxy/8000/ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nEARLY',
    );
    await until(
      () => text.includes('echo:EARLY'),
      () => text,
    );
    expect(text).toContain('\r\n\r\nRFB 003.008\n');
    socket.destroy();
  });

  async function open(text: string) {
    const socket = connect(daemon.port, '127.0.0.1');
    let received = '';
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => (received += chunk.toString()));
    socket.write(text);
    return { socket, text: () => received };
  }
});

function residentBytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
}
