import { describe, expect, test } from 'bun:test';
import { connect } from 'node:net';
import { titled, whyNoSandboxes } from '../../support/capability.ts';
import { TestDaemon } from '../../support/daemon.ts';
import { until } from '../../support/until.ts';

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
