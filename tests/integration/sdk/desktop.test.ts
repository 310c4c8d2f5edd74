// The desktop's methods against the contract: a server that takes exactly what BatchSchema allows stands in for the display server.
import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { Bhatti, BhattiError, hasCode, type Action, type Desktop, type Sandbox } from '@bhatti/client';
import { SandboxSchema } from '@bhatti/wire/control/sandbox.ts';
import * as v from 'valibot';

import { StandInDesktop } from '../../support/stand-in-desktop.ts';

let stand: StandInDesktop;
let desktop: Desktop;
beforeEach(async () => {
  stand = await StandInDesktop.start();
  desktop = (await sandboxAt(stand.url)).desktop;
});
afterEach(() => stand[Symbol.asyncDispose]());

const failure = (promise: Promise<unknown>) => promise.catch((reason: unknown) => reason);

describe('a desktop', () => {
  test('says each action in the words of the contract', async () => {
    await desktop.click([0, 0]);
    await desktop.click();
    await desktop.click([1, 2], { button: 'right', hold: ['ctrl'] });
    await desktop.doubleClick([3, 4]);
    await desktop.move([5, 6]);
    await desktop.down();
    await desktop.up('middle');
    await desktop.drag(
      [
        [0, 0],
        [9, 9],
      ],
      { steps: 4, stepMs: 0 },
    );
    await desktop.scroll({ dy: 3, at: [0, 1] });
    await desktop.type('ä😀\n', { via: 'paste', sensitive: true });
    await desktop.key('ctrl+shift+t', { repeat: 2 });
    await desktop.keyDown('shift');
    await desktop.keyUp('shift');
    await desktop.hold('Right', 20);
    await desktop.wait(0);
    await desktop.waitChange({ timeoutMs: 100 });
    await desktop.waitWindow('Files', { timeoutMs: 100 });
    await desktop.open('https://example.com');
    await desktop.launch('xfce4-terminal', ['--title', 'a b; c']);
    await desktop.resize({ width: 1024, height: 768 });
    await desktop.window(7).move([0, 0]);
    await desktop.window(7).resize({ width: 10, height: 10 });
    await desktop.window(7).focus();
    await desktop.clipboard.write('text');
    const expected: Action[] = [
      { do: 'click', at: [0, 0] },
      { do: 'click' },
      { do: 'click', at: [1, 2], button: 'right', hold: ['ctrl'] },
      { do: 'click', at: [3, 4], count: 2 },
      { do: 'move', to: [5, 6] },
      { do: 'down', button: 'left' },
      { do: 'up', button: 'middle' },
      {
        do: 'drag',
        path: [
          [0, 0],
          [9, 9],
        ],
        steps: 4,
        stepMs: 0,
      },
      { do: 'scroll', dy: 3, at: [0, 1] },
      { do: 'type', text: 'ä😀\n', via: 'paste', sensitive: true },
      { do: 'key', keys: 'ctrl+shift+t', repeat: 2 },
      { do: 'keydown', keys: 'shift' },
      { do: 'keyup', keys: 'shift' },
      { do: 'hold', keys: 'Right', ms: 20 },
      { do: 'wait', ms: 0 },
      { do: 'waitChange', timeoutMs: 100 },
      { do: 'waitWindow', title: 'Files', timeoutMs: 100 },
      { do: 'open', target: 'https://example.com' },
      { do: 'launch', app: 'xfce4-terminal', args: ['--title', 'a b; c'] },
      { do: 'resize', width: 1024, height: 768 },
      { do: 'window', id: 7, op: 'move', to: [0, 0] },
      { do: 'window', id: 7, op: 'resize', size: { width: 10, height: 10 } },
      { do: 'window', id: 7, op: 'focus' },
      { do: 'copy', text: 'text' },
    ];
    expect(stand.actions).toEqual(expected);
  });

  test('gives what an action answers', async () => {
    expect(await desktop.cursor()).toEqual({ x: 0, y: 7 });
    expect(await desktop.size()).toEqual({ width: 1280, height: 720, depth: 24 });
    expect((await desktop.windows()).map(({ title }) => title)).toEqual(['Terminal']);
    expect(await desktop.clipboard.read()).toBe('copied');
    expect((await desktop.settle({ quietMs: 100, maxMs: 1_000 })).settled).toBe(true);
    expect((await desktop.launch('xterm')).pid).toBe(42);
  });

  test('gives pictures as the bytes of a file, whichever way they come', async () => {
    const png = (bytes: Uint8Array) => String.fromCharCode(...bytes.subarray(1, 4));
    expect(png(await desktop.screenshot({ format: 'png', region: [0, 0, 5, 5], cursor: true }))).toBe('PNG');
    expect(stand.screenshots[0]).toEndWith('/screenshot?format=png&cursor=1&region=0%2C0%2C5%2C5');
    expect(png(await desktop.zoom([0, 0, 5, 5], { fit: { width: 100, height: 100 } }))).toBe('PNG');
    const space = { width: 640, height: 360 };
    expect(png(await desktop.screenshot({ space, region: [0, 0, 5, 5] }))).toBe('PNG');
    expect(stand.batches.map((batch) => [batch.space, batch.actions[0]])).toEqual([
      [undefined, { do: 'zoom', region: [0, 0, 5, 5], fit: { width: 100, height: 100 } }],
      [space, { do: 'screenshot', region: [0, 0, 5, 5] }],
    ]);
  });

  test('means coordinates in the picture that it was told of, and waits for rest where it was told to', async () => {
    const scaled = desktop.with({ space: { width: 1024, height: 768 }, settle: { quietMs: 50 } });
    await scaled.click([10, 10]);
    await scaled.batch([{ do: 'click' }], { settle: { quietMs: 99 }, goOn: true, screenshot: { format: 'jpeg' } });
    await scaled.act({ actions: [] });
    await desktop.click([10, 10]);
    expect(stand.batches.map((batch) => ({ ...batch, actions: batch.actions.length }))).toEqual([
      { actions: 1, space: { width: 1024, height: 768 }, settle: { quietMs: 50 } },
      {
        actions: 1,
        space: { width: 1024, height: 768 },
        settle: { quietMs: 99 },
        goOn: true,
        screenshot: { format: 'jpeg' },
      },
      { actions: 0 },
      { actions: 1 },
    ]);
  });

  test('throws what an action failed with, and answers it where there are several', async () => {
    const error = { code: 'TIMED_OUT', message: 'no window came', hint: 'look', details: { afterMs: 5 } };
    stand.answer = ({ do: name }) => (name === 'waitWindow' ? { ok: false, error } : {});
    const thrown = await failure(desktop.waitWindow('Files', { timeoutMs: 5 }));
    expect(thrown).toBeInstanceOf(BhattiError);
    expect(thrown).toMatchObject({ code: 'TIMED_OUT', message: 'no window came', hint: 'look' });
    const reply = await desktop.batch([{ do: 'waitWindow', title: 'Files' }, { do: 'click' }]);
    expect(reply.ok).toBe(false);
    expect(reply.results.map(({ ok, skipped }) => [ok, skipped])).toEqual([
      [false, undefined],
      [false, true],
    ]);
  });

  test('refuses what is no action before anything is done', async () => {
    expect(hasCode(await failure(desktop.scroll({ dy: Number.NaN })), 'INVALID_ARGUMENT')).toBe(true);
    expect(hasCode(await failure(desktop.drag([[0, 0]])), 'INVALID_ARGUMENT')).toBe(true);
    expect(stand.batches).toEqual([]);
  });

  test('is not believed when it leaves out what was asked', async () => {
    stand.answer = () => ({});
    for (const asked of [desktop.cursor(), desktop.windows(), desktop.zoom([0, 0, 1, 1])])
      expect(hasCode(await failure(asked), 'PROTOCOL_VIOLATION')).toBe(true);
    stand.answer = () => ({ ok: false });
    expect(hasCode(await failure(desktop.click()), 'PROTOCOL_VIOLATION')).toBe(true);
  });

  test('never does an action twice, however it was lost', async () => {
    let asked = 0;
    await using lossy = await lossyServer(() => (asked += 1));
    const { desktop: there } = await sandboxAt(lossy.url);
    expect(hasCode(await failure(there.click()), 'DAEMON_UNREACHABLE')).toBe(true);
    expect(asked).toBe(1);
    await failure(there.screenshot());
    expect(asked).toBe(4);
  });
});

/** A sandbox of a transport that knows it without asking. */
async function sandboxAt(url: string): Promise<Sandbox> {
  const known = {
    id: 'a1',
    name: 'desk',
    status: 'running',
    engine: 'container',
    image: 'computer',
    cpus: 1,
    memory_mb: 64,
    disk_size_mb: 64,
    keep_hot: false,
    labels: {},
    urls: [],
    created_by: 'local',
    created_at: '2026-01-01T00:00:00.000Z',
  };
  const { httpTransport } = await import('@bhatti/client/http.ts');
  const there = httpTransport({ url });
  const bhatti = new Bhatti({
    transport: {
      ...there,
      request: (caller, request) =>
        request.path === '/sandboxes/desk'
          ? Promise.resolve(Response.json(v.parse(SandboxSchema, known)))
          : there.request(caller, request),
    },
  });
  return bhatti.sandboxes.get('desk');
}

/** Takes a request and breaks the connection off. */
async function lossyServer(onRequest: () => void): Promise<{ url: string } & AsyncDisposable> {
  const { createServer } = await import('node:http');
  const server = createServer((asked) => {
    onRequest();
    asked.socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}
