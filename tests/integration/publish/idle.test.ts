import { describe, expect, test } from 'bun:test';
import { connect } from 'node:net';
import { titled, whyNoSandboxes } from '../../support/capability.ts';
import { TestDaemon } from '../../support/daemon.ts';
import { until } from '../../support/until.ts';
import { VncStranger } from '../../support/vnc-stranger.ts';

const why = whyNoSandboxes();

describe.skipIf(why !== undefined)(titled('a sandbox that somebody looks at', why), () => {
  test('is not paused while the connection is there, however quiet, and is afterwards', async () => {
    await using daemon = await TestDaemon.start({ config: { idle: { warm_after_s: 1 } } });
    for (const name of ['viewed', 'alone']) await daemon.create({ name, memory_mb: 256 });
    // A server that accepts and stays silent: the daemon must not mistake silence for absence.
    const server = `require('http').createServer().on('upgrade', (request, socket) => {
      socket.write(['HTTP/1.1 101 X', 'Upgrade: x', 'Connection: Upgrade', '', ''].join(String.fromCharCode(13, 10)));
      socket.on('error', () => socket.destroy());
    }).listen(8000)`;
    await daemon.sh('viewed', 'BUN_BE_BUN=1 /usr/lib/bhatti/bhatti -e "$SERVER" >/dev/null 2>&1 &', {
      env: { SERVER: server },
    });
    await until(async () => (await daemon.call('GET', '/sandboxes/viewed/ports')).json.length > 0);
    await daemon.call('POST', '/sandboxes/viewed/publish', { body: { port: 8000, alias: 'viewed' } });
    const viewer = connect(daemon.port, '127.0.0.1');
    let text = '';
    viewer.on('data', (chunk) => (text += chunk.toString()));
    viewer.write('GET / HTTP/1.1\r\nHost: viewed.localhost\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n');
    await until(
      () => text.startsWith('HTTP/1.1 101'),
      () => text,
    );

    const thermal = async (name: string) => (await daemon.call('GET', `/sandboxes/${name}`)).json.thermal;
    await until(
      async () => (await thermal('alone')) === 'warm',
      () => daemon.log,
      40_000,
    );
    expect(await thermal('viewed')).toBe('hot');
    viewer.destroy();
    await until(
      async () => (await thermal('viewed')) === 'warm',
      () => daemon.log,
      40_000,
    );
  });
});

const whyNoDesk = whyNoSandboxes('computer');

describe.skipIf(whyNoDesk !== undefined)(titled('a desktop that a VNC program looks at', whyNoDesk), () => {
  test('is not paused while it is there, though the daemon sees nothing of it, and is afterwards', async () => {
    await using daemon = await TestDaemon.start({
      images: ['minimal', 'computer'],
      config: { idle: { warm_after_s: 1 } },
    });
    await daemon.create({ name: 'desk', image: 'computer', memory_mb: 1024 });
    await daemon.create({ name: 'alone', memory_mb: 256 });
    const yaml = 'network: { protocol: vnc, vnc: { interface: 0.0.0.0 } }';
    await daemon.sh('desk', `echo '${yaml}' | sudo tee /etc/kasmvnc/kasmvnc.yaml && sudo systemctl restart kasmvnc`);
    const sandbox = async (name: string) => (await daemon.call('GET', `/sandboxes/${name}`)).json;
    const untilWarm = (name: string) =>
      until(
        async () => (await sandbox(name)).thermal === 'warm',
        () => daemon.log,
        60_000,
      );
    await untilWarm('desk');
    const { password } = JSON.parse(await daemon.sh('desk', 'vnc-creds --json'));
    using viewer = new VncStranger(5999, (await sandbox('desk')).ip);
    expect(await viewer.logIn('kasm_user', password)).toBeUndefined();
    viewer.say(1);
    await viewer.hear(24);
    await daemon.sh('alone', 'true');
    await untilWarm('alone');
    expect((await sandbox('desk')).thermal).toBe('hot');
    viewer[Symbol.dispose]();
    await untilWarm('desk');
  });
});
