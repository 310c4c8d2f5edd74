import { describe, expect, test } from 'bun:test';

import { standInForActions } from '../../support/actions-stand-in.ts';
import { HttpMcp, initializeMessage, McpClient, rejectionOf } from '../../support/mcp.ts';
import { until } from '../../support/until.ts';

const token = 'a-token-of-some-length';

describe('bhatti mcp --http', () => {
  test('serves several clients, each for itself', async () => {
    await using server = await HttpMcp.start(['--allow', 'see']);
    expect(server.token).toMatch(/^[0-9a-f]{64}$/);
    await using one = await McpClient.connect(server.url, server.token);
    await using other = await McpClient.connect(server.url, server.token);
    expect(await one.tools()).toEqual(await other.tools());
    expect(await one.tools()).toContain('screenshot');
    expect((await one.error('sandbox_list')).code).toBe('DAEMON_UNREACHABLE');
    expect(await rejectionOf(one.call('exec'))).toMatchObject({ code: -32602 });
  });

  test('does not say a token that it was given', async () => {
    await using byFlag = await HttpMcp.start(['--http-token', token]);
    await using byEnvironment = await HttpMcp.start([], { BHATTI_MCP_TOKEN: token });
    for (const server of [byFlag, byEnvironment]) {
      expect([server.token, server.process.stdout.includes(token)]).toEqual(['', false]);
      await using client = await McpClient.connect(server.url, token);
      expect(await client.tools()).toContain('exec');
    }
  });

  test('refuses whoever has no token, another name, or comes from a page', async () => {
    await using server = await HttpMcp.start(['--http-token', token, '--http-name', 'mcp.example']);
    const authorization = `Bearer ${token}`;
    const answer = async (headers: Readonly<Record<string, string>>) => {
      const reply = await server.post(initializeMessage, headers);
      const text = await reply.text();
      return reply.status === 200 ? 200 : [reply.status, JSON.parse(text).code];
    };
    expect(await answer({ authorization })).toBe(200);
    expect(await answer({ authorization, host: 'mcp.example' })).toBe(200);
    expect(await answer({ authorization: 'Bearer wrong' })).toEqual([401, 'UNAUTHENTICATED']);
    expect(await answer({ authorization: '' })).toEqual([401, 'UNAUTHENTICATED']);
    expect(await answer({ authorization, host: 'evil.example' })).toEqual([421, 'UNKNOWN_HOST']);
    expect(await answer({ authorization, origin: 'http://evil.example' })).toEqual([403, 'FORBIDDEN']);
    expect(await answer({ authorization, 'sec-fetch-site': 'cross-site' })).toEqual([403, 'FORBIDDEN']);
    for (const method of ['GET', 'DELETE', 'OPTIONS', 'PUT']) {
      const reply = await fetch(server.url, { method });
      expect([method, reply.status, reply.headers.get('access-control-allow-origin')]).toEqual([method, 401, null]);
    }
    const elsewhere = await fetch(server.url.replace('/mcp', '/'), { headers: { authorization } });
    expect(elsewhere.status).toBe(404);
  });

  test('refuses what is no message, or too large, and goes on', async () => {
    await using server = await HttpMcp.start(['--http-token', token]);
    const authorization = `Bearer ${token}`;
    const status = async (body: unknown, headers: Readonly<Record<string, string>> = {}) => {
      const reply = await server.post(body, { authorization, ...headers });
      await reply.text();
      return reply.status;
    };
    expect(await status('{')).toBe(400);
    expect(await status('null')).toBe(400);
    expect(await status({ jsonrpc: '2.0', id: 1, method: 'tools/list' })).toBe(400);
    expect(await status(initializeMessage, { 'mcp-session-id': 'nobody' })).toBe(404);
    expect(await status(initializeMessage, { 'content-type': 'text/plain' })).toBe(415);
    expect(await status('x'.repeat(17_000_000))).toBe(413);
    await using client = await McpClient.connect(server.url, token);
    await client.sdk.ping();
  });

  test('a call that is cancelled ends at the daemon', async () => {
    await using daemon = standInForActions();
    await using server = await HttpMcp.start(['--url', daemon.url, '--allow', 'see']);
    await using client = await McpClient.connect(server.url, server.token);
    const cancelling = new AbortController();
    const call = client.call('wait', { sandbox: 'box', for: 'time', ms: 60_000 }, { signal: cancelling.signal });
    await until(() => daemon.batches.length === 1);
    cancelling.abort();
    expect(await rejectionOf(call)).toBeInstanceOf(Error);
    await until(() => daemon.aborted() === 1);
    await client.sdk.ping();
  });

  test('a client that says goodbye takes its calls with it', async () => {
    await using daemon = standInForActions();
    await using server = await HttpMcp.start(['--url', daemon.url, '--allow', 'see']);
    const client = await McpClient.connect(server.url, server.token);
    const call = client.call('wait', { sandbox: 'box', for: 'time', ms: 60_000 });
    await until(() => daemon.batches.length === 1);
    await client[Symbol.asyncDispose]();
    expect(await rejectionOf(call)).toBeInstanceOf(Error);
    await until(() => daemon.aborted() === 1);
  });

  test('makes room for new clients, the one that was silent longest first', async () => {
    await using server = await HttpMcp.start(['--http-token', token]);
    const authorization = `Bearer ${token}`;
    const sessions: string[] = [];
    for (let begun = 0; begun < 70; begun += 1) {
      const reply = await server.post(initializeMessage, { authorization });
      await reply.text();
      expect(reply.status).toBe(200);
      sessions.push(reply.headers.get('mcp-session-id') ?? '');
    }
    const statusOf = async (session: string | undefined) => {
      const ping = { jsonrpc: '2.0', id: 2, method: 'ping' };
      const reply = await server.post(ping, { authorization, 'mcp-session-id': session ?? '' });
      await reply.text();
      return reply.status;
    };
    expect([await statusOf(sessions[0]), await statusOf(sessions.at(-1))]).toEqual([404, 200]);
  });

  test('ends with 0 on a signal, with clients and calls or without', async () => {
    await using daemon = standInForActions();
    await using server = await HttpMcp.start(['--url', daemon.url, '--allow', 'see']);
    const client = await McpClient.connect(server.url, server.token);
    const call = client.call('wait', { sandbox: 'box', for: 'time', ms: 60_000 });
    call.catch(() => {});
    await until(() => daemon.batches.length === 1);
    server.process.kill('SIGTERM');
    expect([await server.process.exited, server.process.stderr]).toEqual([0, '']);
    await until(() => daemon.aborted() === 1);
    await client.sdk.close();
  });

  test('warns where others can listen', async () => {
    await using server = await HttpMcp.start([]);
    expect(server.url).toStartWith('http://127.0.0.1:');
    await using open = await HttpMcp.start(['--http', '0.0.0.0:0']);
    await until(() => open.process.stderr.includes('in the clear'));
  });
});
