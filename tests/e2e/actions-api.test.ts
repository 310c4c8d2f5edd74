import { openWebSocket } from '@bhatti/sys/net/websocket-client.ts';
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { titled, whyNoSandboxes } from '../support/capability.ts';
import { TestDaemon } from '../support/daemon.ts';
import { until } from '../support/until.ts';

const why = whyNoSandboxes('computer') ?? whyNoSandboxes();

describe.skipIf(why !== undefined)(titled('actions through the API', why), () => {
  let daemon: TestDaemon;
  beforeAll(async () => {
    daemon = await TestDaemon.start({ images: ['computer', 'minimal'] });
    await daemon.create({ name: 'desk', image: 'computer', cpus: 2, memory_mb: 2048 });
    await daemon.create({ name: 'bare', image: 'minimal' });
  });
  afterAll(() => daemon[Symbol.asyncDispose]());

  const act = (sandbox: string, body: unknown) => daemon.call('POST', `/sandboxes/${sandbox}/actions`, { body });

  test('a batch is carried out, and each action has a result', async () => {
    const { status, json } = await act('desk', {
      actions: [{ do: 'move', to: [10, 20] }, { do: 'cursor' }, { do: 'windows' }],
    });
    expect(status).toBe(200);
    expect(json).toMatchObject({
      ok: true,
      screen: { width: 1280, height: 720 },
      results: [{ ok: true }, { x: 10, y: 20 }, { ok: true }],
    });
    expect(json.results[2].windows.map(({ title }: { title: string }) => title)).toContain('xfce4-panel');
  });

  test('a program is launched in the session of the desktop, without a shell', async () => {
    const marker = '$(touch /tmp/shell-ran)';
    await act('desk', {
      actions: [
        { do: 'launch', app: 'sh', args: ['-c', 'env > /tmp/launched; printf %s "$0" >> /tmp/launched', marker] },
      ],
    });
    await until(async () => (await daemon.sh('desk', 'cat /tmp/launched || true')).includes(marker));
    expect(await daemon.sh('desk', 'cat /tmp/launched')).toContain('DBUS_SESSION_BUS_ADDRESS=');
    expect(await daemon.sh('desk', 'ls /tmp/shell-ran 2>/dev/null || echo none')).toBe('none\n');
  });

  test('screenshots come in every format, whole and in part', async () => {
    for (const [query, type, magic] of [
      ['format=png', 'image/png', '89504e47'],
      ['format=jpeg&quality=50&fit=640x640', 'image/jpeg', 'ffd8ff'],
      ['format=webp&region=0,0,100,50', 'image/webp', '52494646'],
    ] as const) {
      const { status, headers, bytes } = await daemon.call('GET', `/sandboxes/desk/screenshot?${query}`);
      expect([status, headers['content-type'], headers['x-content-type-options']]).toEqual([200, type, 'nosniff']);
      expect(bytes.toString('hex')).toStartWith(magic);
    }
    const png = (await daemon.call('GET', '/sandboxes/desk/screenshot?region=100,100,300,200&scale=0.5')).bytes;
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([100, 50]);
    expect((await daemon.call('GET', '/sandboxes/desk/screenshot?region=1,2,3')).status).toBe(400);
  });

  test('a WebSocket answers batch after batch, and lets go of what it held when it closes', async () => {
    const opening = await openWebSocket({
      connect: { unix: daemon.socketPath },
      host: 'bhatti',
      path: '/sandboxes/desk/actions',
      headers: {},
    });
    if (opening.kind !== 'open') throw new Error(opening.body);
    const { socket } = opening;
    const messages = socket.messages[Symbol.asyncIterator]();
    const next = async () => JSON.parse(text((await messages.next()).value));
    socket.send(JSON.stringify({ id: 1, actions: [{ do: 'keydown', keys: 'shift' }] }));
    expect(await next()).toMatchObject({ id: 1, ok: true });
    socket.send(JSON.stringify({ id: 'two', actions: [{ do: 'nothing' }] }));
    expect(await next()).toMatchObject({ id: 'two', error: { code: 'INVALID_ARGUMENT' } });
    socket.send('no JSON');
    expect(await next()).toMatchObject({ error: { code: 'INVALID_ARGUMENT' } });
    socket.close();
    await act('desk', {
      actions: [
        { do: 'launch', app: 'xfce4-terminal', args: ['--disable-server'] },
        { do: 'waitWindow', title: 'Terminal' },
        { do: 'settle', quietMs: 300 },
      ],
    });
    await act('desk', { actions: [{ do: 'type', text: 'echo small > /tmp/typed\n' }] });
    await until(async () => (await daemon.sh('desk', 'cat /tmp/typed 2>/dev/null || true')) === 'small\n');
  });

  test('a paused desktop is woken; one without a display server, or none at all, is a typed error', async () => {
    expect((await daemon.call('POST', '/sandboxes/desk/pause')).status).toBe(200);
    expect((await act('desk', { actions: [{ do: 'cursor' }] })).json).toMatchObject({ ok: true });
    expect(await act('bare', { actions: [{ do: 'cursor' }] })).toMatchObject({
      status: 502,
      json: { code: 'DISPLAY_UNAVAILABLE' },
    });
    expect(await act('nobody', { actions: [] })).toMatchObject({ status: 404, json: { code: 'SANDBOX_NOT_FOUND' } });
    await daemon.sh('desk', 'sudo systemctl stop kasmvnc');
    expect(await act('desk', { actions: [{ do: 'cursor' }] })).toMatchObject({
      status: 502,
      json: { code: 'DISPLAY_UNAVAILABLE' },
    });
    await daemon.sh('desk', 'sudo systemctl start kasmvnc xfce-session');
    await until(async () => (await act('desk', { actions: [{ do: 'cursor' }] })).status === 200);
  });
});

function text(message: string | Uint8Array | undefined): string {
  return typeof message === 'string' ? message : new TextDecoder().decode(message);
}
