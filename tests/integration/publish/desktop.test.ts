import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { titled, whyNoSandboxes } from '../../support/capability.ts';
import { TestDaemon } from '../../support/daemon.ts';
import { until } from '../../support/until.ts';

const why = whyNoSandboxes('computer');

describe.skipIf(why !== undefined)(titled('a published desktop', why), () => {
  let daemon: TestDaemon;
  let authorization: string;
  beforeAll(async () => {
    daemon = await TestDaemon.start({ images: ['minimal', 'computer'] });
    await daemon.create({ name: 'desk', image: 'computer', cpus: 2, memory_mb: 2048 });
    await daemon.call('POST', '/sandboxes/desk/publish', { body: { port: 6080, alias: 'desk' } });
    const { username, password } = JSON.parse(await daemon.sh('desk', 'vnc-creds --json'));
    authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  });
  afterAll(() => daemon[Symbol.asyncDispose]());

  const get = (path: string, headers: Record<string, string> = {}) =>
    daemon.call('GET', path, { isTcp: true, headers: { host: `desk.localhost:${daemon.port}`, ...headers } });

  test('is drawn when its creation returns', async () => {
    expect((await daemon.call('GET', '/sandboxes/desk/desktop')).json).toMatchObject({ ready: true, drawn: true });
  });

  test('asks for its password before anything else, and judges origins by the names people see', async () => {
    expect((await get('/')).status).toBe(401);
    expect((await get('/', { authorization })).status).toBe(200);
    expect(await greeting({ authorization })).toContain('RFB 003.008');
    expect(await greeting({})).toStartWith('HTTP/1.1 401 ');
    expect(await greeting({ authorization, origin: 'http://evil.example' })).toStartWith('HTTP/1.1 403 ');
  });

  test('goes on, the same programs and the same address, when the daemon is killed', async () => {
    const programs = () => daemon.sh('desk', 'pgrep -x Xvnc; pgrep -x xfce4-session');
    const before = await programs();
    await daemon.end('SIGKILL');
    await daemon.run();
    expect(await programs()).toBe(before);
    expect(await greeting({ authorization })).toContain('RFB 003.008');
  });

  test('comes back after a stop with the same password, for whoever opens its page', async () => {
    await daemon.call('POST', '/sandboxes/desk/stop');
    // The page is asked for before the display server is up again.
    await until(
      async () => (await get('/', { authorization })).status === 200,
      () => daemon.log,
      60_000,
    );
    expect((await daemon.call('GET', '/sandboxes/desk/desktop?wait=drawn&timeoutMs=30000')).json.drawn).toBe(true);
  });

  test('that was made already is waited for again', async () => {
    const again = await daemon.call('POST', '/sandboxes', { body: { name: 'desk', image: 'computer', cpus: 2 } });
    expect([again.status, again.headers['x-bhatti-existing']]).toEqual([200, 'true']);
  });

  /** What comes back at once when a WebSocket is asked for: the head, and whatever the server says first. */
  async function greeting(headers: Record<string, string>): Promise<string> {
    const host = `desk.localhost:${daemon.port}`;
    const lines = Object.entries({
      host,
      origin: `http://${host}`,
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': randomBytes(16).toString('base64'),
      ...headers,
    });
    const socket = connect(daemon.port, '127.0.0.1');
    let text = '';
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => (text += chunk.toString('latin1')));
    socket.write(`GET /websockify HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`);
    await until(
      () => text.includes('RFB 003.008') || (text.includes('\r\n\r\n') && !text.startsWith('HTTP/1.1 101')),
      () => text,
    );
    socket.destroy();
    return text;
  }
});
