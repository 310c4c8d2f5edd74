import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { connect } from 'node:net';
import { titled, whyNoSandboxes } from '../support/capability.ts';
import { TestDaemon } from '../support/daemon.ts';
import { until } from '../support/until.ts';

const why = whyNoSandboxes();

describe.skipIf(why !== undefined)(titled('the rules for requests', why), () => {
  let daemon: TestDaemon;
  let key: string;
  beforeAll(async () => {
    daemon = await TestDaemon.start();
    key = (await daemon.call('POST', '/users', { body: { name: 'ann' } })).json.api_key;
  });
  afterAll(() => daemon[Symbol.asyncDispose]());

  const ask = (method: string, headers: Record<string, string>, path = '/sandboxes') =>
    daemon.call(method, path, { isTcp: true, headers: { authorization: `Bearer ${key}`, ...headers } });

  test('an unknown Host is 421, whatever key comes with it', async () => {
    for (const host of [
      'evil.example',
      'localhost.evil.example',
      '127.0.0.1.nip.example',
      `evil.example:${daemon.port}`,
      '10.0.0.1',
      'a.b.localhost',
    ]) {
      const reply = await ask('GET', { host });
      expect([host, reply.status]).toEqual([host, 421]);
    }
    for (const host of ['localhost', `127.0.0.1:${daemon.port}`, '[::1]'])
      expect((await ask('GET', { host })).status).toBe(200);
  });

  test('two Hosts, or none, are refused', async () => {
    expect(
      await raw('GET /health HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n'),
    ).toStartWith('HTTP/1.1 421 ');
    expect(await raw('GET /health HTTP/1.1\r\nConnection: close\r\n\r\n')).toStartWith('HTTP/1.1 400 ');
    expect(await raw('GET /health HTTP/1.0\r\n\r\n')).toStartWith('HTTP/1.1 421 ');
  });

  test('a page of another origin changes nothing', async () => {
    const own = `http://localhost:${daemon.port}`;
    const host = `localhost:${daemon.port}`;
    const table: readonly (readonly [Record<string, string>, number])[] = [
      [{ host, origin: 'http://evil.example' }, 403],
      [{ host, origin: 'null' }, 403],
      [{ host, origin: `http://desk.localhost:${daemon.port}` }, 403],
      [{ host, origin: `https://localhost:${daemon.port}` }, 403],
      [{ host, 'sec-fetch-site': 'cross-site' }, 403],
      [{ host, 'sec-fetch-site': 'same-site' }, 403],
      [{ host, origin: own }, 404],
      [{ host, 'sec-fetch-site': 'same-origin' }, 404],
      [{ host }, 404],
    ];
    for (const [headers, status] of table)
      expect([headers, (await ask('DELETE', headers, '/sandboxes/nope')).status]).toEqual([headers, status]);
    expect((await ask('GET', { host, origin: 'http://evil.example' }, '/sandboxes/nope/proxy/80/')).status).toBe(403);
  });

  test('a WebSocket needs the own origin, or a key', async () => {
    const upgrade = (headers: string) =>
      raw(
        `GET /sandboxes/nope/exec HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${headers}\r\n`,
      );
    expect(await upgrade('')).toStartWith('HTTP/1.1 403 ');
    expect(await upgrade(`Origin: http://evil.example\r\nAuthorization: Bearer ${key}\r\n`)).toStartWith(
      'HTTP/1.1 403 ',
    );
    expect(await upgrade('Origin: http://localhost\r\n')).toStartWith('HTTP/1.1 401 ');
    expect(await upgrade(`Authorization: Bearer ${key}\r\n`)).toStartWith('HTTP/1.1 404 ');
  });

  test('no reply on the bare host sets a cookie, allows another origin, or can be taken for another type', async () => {
    for (const path of ['/health', '/sandboxes', '/nope']) {
      const { headers } = await ask('GET', { host: 'localhost', origin: 'http://evil.example' }, path);
      expect(headers['set-cookie']).toBeUndefined();
      expect(headers['access-control-allow-origin']).toBeUndefined();
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['cache-control']).toBe('no-store');
    }
  });

  test('garbage, smuggled lengths and endless heads end that connection only', async () => {
    const hostile = [
      '\0\x01\x02 garbage\r\n\r\n',
      'POST /sandboxes HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /x',
      'POST /sandboxes HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcde',
      'GET / HTTP/1.1\r\nHost: localhost\r\nX y: z\r\n\r\n',
      `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'y'.repeat(200_000)}\r\n\r\n`,
      'POST /sandboxes HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nZZZ\r\n',
    ];
    for (const text of hostile) expect(await raw(text)).toStartWith('HTTP/1.1 4');
    expect((await ask('GET', { host: 'localhost' })).status).toBe(200);
    expect(daemon.log).not.toContain('unhandled');
  });

  test('the control socket is for root and group bhatti only', async () => {
    const mode = (await Bun.file(daemon.socketPath).stat()).mode & 0o777;
    expect(mode & 0o007).toBe(0);
    const asNobody = Bun.spawnSync([
      'setpriv',
      '--reuid=65534',
      '--regid=65534',
      '--clear-groups',
      'curl',
      '-sS',
      '--unix-socket',
      daemon.socketPath,
      'http://x/sandboxes',
    ]);
    expect(asNobody.exitCode).not.toBe(0);
  });

  async function raw(text: string): Promise<string> {
    const socket = connect(daemon.port, '127.0.0.1');
    let received = '';
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => (received += chunk.toString()));
    socket.write(text);
    await until(
      () => socket.closed,
      () => received,
    );
    return received;
  }
});
