// What the tools of the desktop ask of the daemon: a small server takes down what they send, and accepts exactly what the contract accepts. The real desktop is in tests/e2e/operators.e2e.ts.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';

import { pixels, screen, standInForActions, type StandIn } from '../../support/actions-stand-in.ts';
import { McpClient, RawMcp, rejectionOf, textOf } from '../../support/mcp.ts';
import { until } from '../../support/until.ts';

describe('the desktop by MCP', () => {
  let daemon: StandIn;
  let client: McpClient;
  beforeAll(async () => {
    daemon = standInForActions();
    client = await McpClient.start(['--url', daemon.url, '--sandbox', 'desk']);
  });
  afterAll(async () => {
    await client[Symbol.asyncDispose]();
    await daemon[Symbol.asyncDispose]();
  });

  const lastBatch = () => daemon.batches.at(-1)?.batch;

  test('each tool is the action of the vocabulary that it says', async () => {
    const look = { settle: {}, screenshot: { format: 'jpeg', quality: 85 } };
    const cases: readonly [string, object, object][] = [
      ['click', { at: [0, 0] }, { actions: [{ do: 'click', at: [0, 0] }] }],
      [
        'click',
        { at: [7, 0], count: 2, screenshot: true },
        { actions: [{ do: 'click', at: [7, 0], count: 2 }], ...look },
      ],
      ['click', { screenshot: false }, { actions: [{ do: 'click' }] }],
      [
        'drag',
        {
          path: [
            [1, 2],
            [3, 4],
          ],
          hold: ['shift'],
        },
        {
          actions: [
            {
              do: 'drag',
              path: [
                [1, 2],
                [3, 4],
              ],
              hold: ['shift'],
            },
          ],
        },
      ],
      ['scroll', { at: [5, 6], dy: -3 }, { actions: [{ do: 'scroll', at: [5, 6], dy: -3 }] }],
      [
        'type_text',
        { text: 'grüße\n', sensitive: true },
        { actions: [{ do: 'type', text: 'grüße\n', sensitive: true }] },
      ],
      ['press_keys', { keys: 'ctrl+s', repeat: 2 }, { actions: [{ do: 'key', keys: 'ctrl+s', repeat: 2 }] }],
      ['clipboard_write', { text: '' }, { actions: [{ do: 'copy', text: '' }] }],
      ['clipboard_read', {}, { actions: [{ do: 'copied' }] }],
      ['open', { target: 'https://example.com' }, { actions: [{ do: 'open', target: 'https://example.com' }] }],
      [
        'launch',
        { app: 'xterm', args: ['-e', 'top'] },
        { actions: [{ do: 'launch', app: 'xterm', args: ['-e', 'top'] }] },
      ],
      ['windows', {}, { actions: [{ do: 'windows' }] }],
      ['wait', {}, { actions: [{ do: 'settle' }] }],
      ['wait', { for: 'rest', ms: 500 }, { actions: [{ do: 'settle', maxMs: 500 }] }],
      ['wait', { for: 'time', ms: 1 }, { actions: [{ do: 'wait', ms: 1 }] }],
      ['wait', { for: 'window', title: 'T', ms: 9 }, { actions: [{ do: 'waitWindow', title: 'T', timeoutMs: 9 }] }],
      ['screenshot', {}, { actions: [{ do: 'screenshot', format: 'jpeg', quality: 85 }] }],
      ['screenshot', { quality: 40 }, { actions: [{ do: 'screenshot', format: 'jpeg', quality: 40 }] }],
      ['screenshot', { format: 'png', cursor: true }, { actions: [{ do: 'screenshot', format: 'png', cursor: true }] }],
      [
        'zoom',
        { region: [0, 0, 9, 9], format: 'webp' },
        { actions: [{ do: 'zoom', region: [0, 0, 9, 9], format: 'webp' }] },
      ],
      ['computer_actions', { actions: [], goOn: true }, { actions: [], goOn: true }],
    ];
    for (const [name, args, batch] of cases) {
      const result = await client.call(name, args);
      expect([name, args, result.isError, lastBatch()]).toEqual([name, args, undefined, batch]);
    }
    expect(new Set(daemon.batches.map(({ sandbox }) => sandbox))).toEqual(new Set(['desk']));
  });

  test('a screenshot is an image, and its size is said', async () => {
    for (const format of ['png', 'jpeg', 'webp'] as const) {
      const result = await client.call('screenshot', { format });
      expect(result.content).toEqual([
        { type: 'text', text: expect.stringContaining(`"picture":{"format":"${format}","width":1,"height":1}`) },
        { type: 'image', data: pixels[format], mimeType: `image/${format}` },
      ]);
      // Several clients show their model nothing else of a result that has it.
      expect(result.structuredContent).toBeUndefined();
    }
  });

  test('what is no picture comes as text and as a document', async () => {
    const result = await client.call('windows');
    const [window] = [{ id: 5, title: 'Terminal', x: 0, y: 0, width: 640, height: 480, active: true }];
    expect(result.structuredContent).toMatchObject({ ok: true, windows: [window], screen });
    expect(JSON.parse(textOf(result))).toEqual(result.structuredContent);
    expect(await client.must('clipboard_read')).toMatchObject({ text: 'grüße' });
    expect(await client.must('launch', { app: 'xterm' })).toMatchObject({ pid: 4711 });
  });

  test('a batch is carried out in one request, its pictures in order', async () => {
    const before = daemon.batches.length;
    const result = await client.call('computer_actions', {
      space: { width: 640, height: 360 },
      actions: [
        { do: 'screenshot', format: 'png' },
        { do: 'click', at: [0, 0] },
        { do: 'zoom', region: [0, 0, 1, 1] },
      ],
      settle: { quietMs: 100 },
      screenshot: { format: 'webp' },
    });
    expect(daemon.batches.length).toBe(before + 1);
    expect(lastBatch()).toMatchObject({ space: { width: 640, height: 360 }, settle: { quietMs: 100 } });
    const types = result.content.map((block) => (block.type === 'image' ? block.mimeType : block.type));
    expect(types).toEqual(['text', 'image/png', 'image/jpeg', 'image/webp']);
    const document = JSON.parse(textOf(result));
    expect(document.results.map((one: { do: string }) => one.do)).toEqual(['screenshot', 'click', 'zoom']);
    expect(textOf(result)).not.toContain(pixels.png);
  });

  test('an action that fails is an error to the model, with what was done before', async () => {
    const actions = [{ do: 'click' }, { do: 'waitChange' }, { do: 'key', keys: 'a' }];
    const result = await client.call('computer_actions', { actions, screenshot: {} });
    expect(result.isError).toBe(true);
    const { results } = JSON.parse(textOf(result));
    expect(results).toMatchObject([
      { ok: true },
      { ok: false, error: { code: 'TIMED_OUT', message: 'nothing changed', hint: 'look at the screen' } },
      { ok: false, skipped: true },
    ]);
    expect(result.content.at(-1)).toMatchObject({ type: 'image' });
    const single = await client.call('wait', { for: 'change' });
    expect([single.isError, textOf(single)]).toEqual([true, expect.stringContaining('TIMED_OUT')]);
  });

  test('a batch that is none is refused, and nothing is asked of the daemon', async () => {
    const before = daemon.batches.length;
    for (const actions of [[{ do: 'hover' }], [{ do: 'click', at: [1, 2, 3] }], [{ do: 'wait', ms: 1e9 }], 'click'])
      expect((await client.error('computer_actions', { actions })).code).toBe('INVALID_ARGUMENT');
    expect(daemon.batches.length).toBe(before);
  });

  test('a call that is cancelled ends at the daemon, and is not answered', async () => {
    const cancelling = new AbortController();
    const before = { batches: daemon.batches.length, aborted: daemon.aborted() };
    const call = client.call(
      'computer_actions',
      { actions: [{ do: 'wait', ms: 60_000 }] },
      { signal: cancelling.signal },
    );
    await until(() => daemon.batches.length === before.batches + 1);
    cancelling.abort();
    expect(await rejectionOf(call)).toBeInstanceOf(Error);
    await until(() => daemon.aborted() === before.aborted + 1);
    await client.sdk.ping();
  });
});

describe('limits of the desktop by MCP', () => {
  test('what the scopes leave out is refused whole, before any of it is done', async () => {
    await using daemon = standInForActions();
    await using seeing = await McpClient.start(['--url', daemon.url, '--allow', 'see']);
    await using acting = await McpClient.start(['--url', daemon.url, '--allow', 'act']);
    const actions = [{ do: 'screenshot' }, { do: 'click' }];
    for (const client of [seeing, acting])
      expect((await client.error('computer_actions', { sandbox: 'x', actions })).code).toBe('FORBIDDEN');
    const peek = { sandbox: 'x', actions: [], screenshot: {} };
    expect((await acting.error('computer_actions', peek)).code).toBe('FORBIDDEN');
    expect((await acting.error('click', { sandbox: 'x', screenshot: true })).code).toBe('INVALID_ARGUMENT');
    expect(daemon.batches).toEqual([]);
    expect((await seeing.call('computer_actions', peek)).isError).toBeUndefined();
  });

  test('other sandboxes than those that are named are out of reach', async () => {
    await using daemon = standInForActions();
    await using client = await McpClient.start(['--url', daemon.url, '--sandbox', 'a', '--sandbox', 'b']);
    expect((await client.error('windows', {})).code).toBe('INVALID_ARGUMENT');
    for (const sandbox of ['c', 'A', 'a/../c', 'a?', '../a', 'a '])
      expect([sandbox, (await client.error('windows', { sandbox })).code]).toEqual([sandbox, 'FORBIDDEN']);
    expect(daemon.batches).toEqual([]);
    await client.must('windows', { sandbox: 'b' });
    expect(daemon.batches.map(({ sandbox }) => sandbox)).toEqual(['b']);
  });

  test('coordinates are meant in the space that was said at the start', async () => {
    await using daemon = standInForActions();
    await using client = await McpClient.start(['--url', daemon.url, '--sandbox', 'a', '--space', '640x360']);
    await client.call('click', { at: [1, 1] });
    await client.call('computer_actions', { actions: [], space: { width: 10, height: 10 } });
    expect(daemon.batches.map(({ batch }) => batch.space)).toEqual([
      { width: 640, height: 360 },
      { width: 10, height: 10 },
    ]);
  });

  test('a picture that is none is an error, not a broken message', async () => {
    await using daemon = standInForActions({ picture: 'not base64 at all!' });
    await using client = await McpClient.start(['--url', daemon.url, '--sandbox', 'a']);
    expect((await client.error('screenshot')).code).toBe('PROTOCOL_VIOLATION');
  });

  test('calls end with their client', async () => {
    await using daemon = standInForActions();
    for (const end of [(raw: RawMcp) => void raw.stdin.end(), (raw: RawMcp) => raw.kill('SIGTERM')]) {
      await using raw = new RawMcp(['--url', daemon.url, '--sandbox', 'a']);
      await raw.initialize();
      const before = { batches: daemon.batches.length, aborted: daemon.aborted() };
      const params = { name: 'wait', arguments: { for: 'time', ms: 60_000 } };
      await raw.send({ jsonrpc: '2.0', id: 7, method: 'tools/call', params });
      await until(() => daemon.batches.length === before.batches + 1);
      end(raw);
      expect(await raw.exited).toBe(0);
      await until(() => daemon.aborted() === before.aborted + 1);
      expect(raw.messages().some(({ id }) => id === 7)).toBe(false);
    }
  });
});
