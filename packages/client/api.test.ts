import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { hasCode } from '@bhatti/base/errors.ts';

import { connect } from './connect.ts';

// A server that answers as the contract says; the daemon itself is tested in tests/.
let server: ReturnType<typeof Bun.serve>;
let seen: { method: string; path: string; authorization: string | null; body: string }[] = [];
let answer: () => Response = () => new Response();
beforeAll(() => {
  server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    async fetch(request) {
      const { pathname, search } = new URL(request.url);
      seen.push({
        method: request.method,
        path: pathname + search,
        authorization: request.headers.get('authorization'),
        body: await request.text(),
      });
      return answer();
    },
  });
});
afterAll(() => server.stop(true));

const caller = { signal: new AbortController().signal };
const client = () => connect({ url: `http://127.0.0.1:${server.port}/`, token: 'bht_1' });

describe('a client', () => {
  test('escapes names and paths, and sends its key', async () => {
    seen = [];
    answer = () => Response.json([]);
    await client().files.list(caller, 'a/b?c', '/tmp/x y&ls=false');
    await client().sandboxes.list(caller, { 'a b': 'c&d' });
    expect(seen.map(({ path, authorization }) => [path, authorization])).toEqual([
      ['/sandboxes/a%2Fb%3Fc/files?path=%2Ftmp%2Fx%20y%26ls%3Dfalse&ls=true', 'Bearer bht_1'],
      ['/sandboxes?label=a%20b%3Dc%26d', 'Bearer bht_1'],
    ]);
  });

  test('throws the error of the daemon with its code, hint and log, freed of control characters', async () => {
    answer = () =>
      Response.json(
        { code: 'ALIAS_TAKEN', message: 'taken\u0007', hint: 'h', log: ['l'], details: {} },
        { status: 409 },
      );
    const error: unknown = await client()
      .publish.create(caller, 'desk', { port: 1 })
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'ALIAS_TAKEN', message: 'taken', hint: 'h', log: ['l'] });
  });

  test('says that it is no daemon when something else answers', async () => {
    answer = () => new Response('<html>', { status: 502 });
    expect(
      hasCode(
        await client()
          .health.get(caller)
          .catch((reason: unknown) => reason),
        'PROTOCOL_VIOLATION',
      ),
    ).toBe(true);
    answer = () => new Response('<html>');
    expect(
      hasCode(
        await client()
          .health.get(caller)
          .catch((reason: unknown) => reason),
        'PROTOCOL_VIOLATION',
      ),
    ).toBe(true);
    answer = () => Response.json({ status: 'ok' });
    expect(
      hasCode(
        await client()
          .health.get(caller)
          .catch((reason: unknown) => reason),
        'PROTOCOL_VIOLATION',
      ),
    ).toBe(true);
  });

  test('says DAEMON_UNREACHABLE where nothing listens, and ABORTED when the caller stops', async () => {
    const nobody = connect({ url: 'http://127.0.0.1:1' });
    expect(hasCode(await nobody.health.get(caller).catch((reason: unknown) => reason), 'DAEMON_UNREACHABLE')).toBe(
      true,
    );
    const controller = new AbortController();
    controller.abort();
    expect(
      hasCode(
        await client()
          .health.get(controller)
          .catch((reason: unknown) => reason),
        'ABORTED',
      ),
    ).toBe(true);
  });

  test('follows an image build line by line, whatever the cuts', async () => {
    const image = { name: 'minimal', digest: 'sha256:1', size_mb: 1, created_at: 'x', sandboxes: 0 };
    const lines = [
      { type: 'progress', step: 'downloading ä', fraction: 0.5, elapsedMs: 1 },
      { type: 'log', line: 'l' },
      { type: 'done', image },
    ];
    const bytes = new TextEncoder().encode(lines.map((line) => JSON.stringify(line)).join('\n'));
    answer = () =>
      new Response(
        new ReadableStream<Uint8Array>({
          start(controller) {
            for (let at = 0; at < bytes.length; at += 7) controller.enqueue(bytes.slice(at, at + 7));
            controller.close();
          },
        }),
      );
    const events: string[] = [];
    expect(await client().images.build(caller, 'minimal', (event) => void events.push(event.type))).toEqual(image);
    expect(events).toEqual(['progress', 'log']);
  });

  test("throws the build's own error, and CONNECTION_LOST when it ends in the middle", async () => {
    const build = () =>
      client()
        .images.build(caller, 'minimal', () => {})
        .catch((reason: unknown) => reason);
    answer = () => new Response('{"type":"error","code":"HOST_FULL","message":"no room","log":["tail"]}\n');
    expect(await build()).toMatchObject({ code: 'HOST_FULL', message: 'no room', log: ['tail'] });
    answer = () => new Response('{"type":"log","line":"x"}\n');
    expect(hasCode(await build(), 'CONNECTION_LOST')).toBe(true);
  });

  test('knows whether a created sandbox was there before', async () => {
    const sandbox = {
      id: '1',
      name: 'desk',
      status: 'running',
      engine: 'container',
      image: 'minimal',
      cpus: 1,
      memory_mb: 64,
      disk_size_mb: 64,
      keep_hot: false,
      labels: {},
      urls: [],
      created_by: 'local',
      created_at: 'x',
    };
    answer = () => Response.json(sandbox, { headers: { 'X-Bhatti-Existing': 'true' } });
    expect((await client().sandboxes.create(caller, { name: 'desk' })).isExisting).toBe(true);
    answer = () => Response.json(sandbox, { status: 201 });
    expect((await client().sandboxes.create(caller, { name: 'desk' })).isExisting).toBe(false);
  });
});
