import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { titled } from '../../support/capability.ts';
import { basic, TestDisplay, whyNoDisplay } from '../../support/display-server.ts';
import { RfbViewer, untilExact } from '../../support/rfb-viewer.ts';
import { until } from '../../support/until.ts';

const why = whyNoDisplay('xdpyinfo');

describe.skipIf(why !== undefined)(titled('who may see the desktop', why), () => {
  let display: TestDisplay;
  beforeAll(async () => {
    display = await TestDisplay.start();
  });
  afterAll(async () => {
    await display?.[Symbol.asyncDispose]();
  });

  const passwd = (input: string, ...args: string[]) => {
    const link = join(display.dir, 'kasmvncpasswd');
    if (!existsSync(link)) Bun.spawnSync(['ln', '-s', display.executable, link]);
    const result = Bun.spawnSync([link, ...args, display.passwordFile], {
      stdin: Buffer.from(input),
      env: display.env,
    });
    return { exitCode: result.exitCode, stderr: result.stderr.toString() };
  };
  const upgrade = (headers: Record<string, string>) =>
    fetch(`http://127.0.0.1:${display.port}/websockify`, {
      headers: {
        Connection: 'Upgrade',
        Upgrade: 'websocket',
        'Sec-WebSocket-Version': '13',
        'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
        ...headers,
      },
    });

  test('page, WebSocket and API answer 401 without the password, and say nothing of the desktop', async () => {
    for (const path of ['/', '/index.html', '/websockify', '/api/status', '/api/get_screenshot', '/nothing']) {
      // Each wrong password is answered a little later, so not all of them on all paths.
      const wrong = path === '/' ? [basic('kasm_user', 'wrong'), basic('eve', 'x'), 'Bearer x'] : [];
      for (const headers of [{}, ...wrong.map((Authorization) => ({ Authorization }))]) {
        const reply = await fetch(`http://127.0.0.1:${display.port}${path}`, { headers });
        expect(reply.status).toBe(401);
        expect(reply.headers.get('www-authenticate')).toStartWith('Basic ');
        expect(await reply.text()).toBe('401 Unauthorized\n');
      }
    }
    expect((await upgrade({})).status).toBe(401);
  });

  test('the page comes with the password, compressed where asked, and not again while it is the same', async () => {
    const reply = await display.request('/');
    expect(reply.status).toBe(200);
    expect(await reply.text()).toStartWith('<!doctype html');
    const policy = reply.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain("script-src 'unsafe-inline'");
    expect(reply.headers.get('x-content-type-options')).toBe('nosniff');
    expect(reply.headers.get('cross-origin-opener-policy')).toBe('same-origin');
    expect(reply.headers.get('content-encoding')).toBe('gzip');
    const again = await display.request('/', {
      headers: { Authorization: display.authorization, 'If-None-Match': reply.headers.get('etag') ?? '' },
    });
    expect(again.status).toBe(304);
    expect((await display.request('/etc/passwd')).status).toBe(404);
    expect((await display.request('/', { method: 'POST' })).status).toBe(405);
  });

  test('requests without a host, or with one that is none, are answered and not a failure of the server', async () => {
    for (const head of [
      'GET / HTTP/1.0',
      'GET / HTTP/1.1\r\nHost: a b',
      'GET / HTTP/1.1\r\nHost: [::',
      'GET /%zz HTTP/1.1\r\nHost: x',
    ]) {
      const status = await rawStatus(display.port, `${head}\r\nAuthorization: ${display.authorization}`);
      expect([200, 400, 404]).toContain(status);
      expect(await rawStatus(display.port, head)).toBeOneOf([400, 401]);
    }
  });

  test('a page of another origin cannot open a WebSocket, though the browser sends the password', async () => {
    const { authorization: Authorization } = display;
    const own = `http://127.0.0.1:${display.port}`;
    expect((await upgrade({ Authorization, Origin: 'http://evil.example' })).status).toBe(403);
    expect((await upgrade({ Authorization, Origin: `http://127.0.0.1:${display.port + 1}` })).status).toBe(403);
    expect((await upgrade({ Authorization, 'Sec-Fetch-Site': 'same-site' })).status).toBe(403);
    const change = await display.request('/api/send_full_frame', {
      headers: { Authorization, Origin: 'http://evil.example' },
    });
    expect(change.status).toBe(403);
    const socket = new WebSocket(`ws://127.0.0.1:${display.port}/`, {
      headers: { Authorization, Origin: own },
      protocols: ['binary'],
    });
    await new Promise((resolve, reject) => {
      socket.addEventListener('open', resolve);
      socket.addEventListener('error', reject);
    });
    expect(socket.protocol).toBe('binary');
    socket.close();
  });

  test('X takes root and the desktop’s account only', async () => {
    expect(await display.run('xdpyinfo')).toContain('dimensions');
    const asUser = (uid: string, authority: string) =>
      Bun.spawnSync(['setpriv', '--reuid', uid, '--regid', uid, '--clear-groups', 'xdpyinfo'], {
        env: { ...display.env, XAUTHORITY: authority },
      }).exitCode;
    expect(asUser('65534', join(display.home, '.Xauthority'))).toBe(0);
    expect(asUser('1', join(display.home, '.Xauthority'))).not.toBe(0);
    expect(asUser('1', '/dev/null')).not.toBe(0);
    expect(Bun.spawnSync(['xdpyinfo'], { env: { ...display.env, XAUTHORITY: '/dev/null' } }).exitCode).not.toBe(0);
    expect(statSync(join(display.dir, 'run')).mode & 0o777).toBe(0o750);
    expect(statSync(join(display.dir, 'run', 'private')).mode & 0o777).toBe(0o700);
    expect(statSync(display.controlSocket).mode & 0o777).toBe(0o660);
    expect(statSync(join(display.home, '.Xauthority'))).toMatchObject({ uid: 65_534 });
  });

  test('X and streaming run as the desktop’s account, without groups of root', () => {
    for (const pid of [display.streamingPid(), display.xServerPid()]) {
      const status = readFileSync(`/proc/${pid}/status`, 'utf8');
      expect(status).toMatch(/^Uid:\t65534\t65534\t65534\t65534$/m);
      expect(status).toMatch(/^Groups:\t65534 ?$/m);
    }
  });

  test('a user without the right to write sees, and nothing else; without the owner’s right there is no API', async () => {
    expect(passwd('nothing\nnothing\n', '-u', 'watcher', '-r').exitCode).toBe(0);
    const authorization = basic('watcher', 'nothing');
    const signIn = async () =>
      (await display.request('/', { headers: { Authorization: authorization } })).status === 200;
    await until(signIn);
    expect((await display.request('/api/status', { headers: { Authorization: authorization } })).status).toBe(401);
    using viewer = await RfbViewer.open(display, { authorization });
    await untilExact(display, viewer);
    const { screens } = await until(() => viewer.heard('extendedDesktopSize').at(-1));
    viewer.send({
      type: 'setDesktopSize',
      width: 800,
      height: 600,
      screens: screens.map((s) => ({ ...s, width: 800, height: 600 })),
    });
    await until(() => viewer.heard('extendedDesktopSize').length > 1);
    expect(viewer.heard('extendedDesktopSize').at(-1)).toMatchObject({ reason: 1, status: 1, width: 640 });
    expect(viewer.heard('extendedClipboard')).toEqual([]);
  });

  test('kasmvncpasswd adds, changes and deletes users, and a viewer whose user is deleted must go', async () => {
    expect(passwd('abcdef\nabcdef\n', '-u', 'guest', '-wo').exitCode).toBe(0);
    const authorization = basic('guest', 'abcdef');
    await until(
      async () => (await display.request('/api/status', { headers: { Authorization: authorization } })).status === 200,
    );
    expect(readFileSync(display.passwordFile, 'utf8')).toMatch(/^guest:\$5\$kasm\$[^:]{43}:wo$/m);
    using viewer = await RfbViewer.open(display, { authorization });
    expect(passwd('', '-u', 'guest', '-n', '-r').exitCode).toBe(0);
    await until(
      async () => (await display.request('/api/status', { headers: { Authorization: authorization } })).status === 401,
    );
    await untilExact(display, viewer);
    expect(passwd('', '-u', 'guest', '-d').exitCode).toBe(0);
    expect(await viewer.closed).toMatchObject({ code: 4401 });
    expect((await display.request('/', { headers: { Authorization: authorization } })).status).toBe(401);
    expect(passwd('short\nshort\n', '-u', 'guest', '-w')).toMatchObject({ exitCode: 2 });
    expect(passwd('abcdef\nabcdeg\n', '-u', 'guest', '-w').stderr).toContain('differ');
    expect(passwd('', '-u', 'nobody', '-d').exitCode).toBe(2);
    expect(passwd('', '-w').stderr).toContain('-u USER');
  });

  test('removing the password file makes new credentials, and closes the sessions of the old ones', async () => {
    const before = display.authorization;
    using viewer = await RfbViewer.open(display);
    rmSync(display.passwordFile);
    expect(await viewer.closed).toMatchObject({ code: 4401 });
    await until(() => existsSync(display.passwordFile) && display.authorization !== before);
    await until(async () => (await display.request('/')).status === 200);
    expect((await display.request('/', { headers: { Authorization: before } })).status).toBe(401);
    expect(statSync(display.passwordFile).mode & 0o777).toBe(0o600);
  });

  test('a password file that is emptied or broken locks nobody in, and heals', async () => {
    writeFileSync(display.passwordFile, 'rubbish\n');
    await until(async () => readFileSync(display.passwordFile, 'utf8').startsWith('kasm_user:'));
    await until(async () => (await display.request('/')).status === 200);
  });
});

/** The status of an answer to a request that no client library would send. */
function rawStatus(port: number, head: string): Promise<number> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(`${head}\r\nConnection: close\r\n\r\n`));
    socket.once('data', (chunk) => {
      socket.destroy();
      resolve(Number(/^HTTP\/1\.\d (\d{3})/.exec(chunk.toString())?.[1]));
    });
  });
}
