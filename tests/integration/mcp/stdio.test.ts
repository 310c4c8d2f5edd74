import { describe, expect, test } from 'bun:test';

import { executable } from '../../support/capability.ts';
import { McpClient, RawMcp, rejectionOf, textOf } from '../../support/mcp.ts';

const quick = { jsonrpc: '2.0', id: 'after', method: 'ping' };

describe('bhatti mcp on standard input and output', () => {
  test('says who it is and what it may do', async () => {
    await using client = await McpClient.start(['--sandbox', 'desk', '--allow', 'see']);
    expect(client.sdk.getServerVersion()).toMatchObject({ name: 'bhatti' });
    expect(client.sdk.getServerCapabilities()).toEqual({ tools: {} });
    expect(client.sdk.getInstructions()).toContain('these sandboxes only: desk');
    await client.sdk.ping();
  });

  test('serves without a daemon, and says that none is there when it is needed', async () => {
    await using client = await McpClient.start([]);
    expect(await client.tools()).toContain('sandbox_list');
    const result = await client.call('sandbox_list');
    expect(result.isError).toBe(true);
    expect(result.structuredContent).toMatchObject({
      error: { code: 'DAEMON_UNREACHABLE', hint: 'start it with "sudo bhatti serve"', retry: true },
    });
    expect(textOf(result)).toMatch(/^DAEMON_UNREACHABLE: cannot reach the daemon .*\nhint: start it/);
  });

  test('knows no other tools than its own', async () => {
    await using client = await McpClient.start(['--allow', 'see']);
    for (const name of ['no_such_tool', 'exec', 'click', '__proto__', 'constructor', ''])
      expect(await rejectionOf(client.call(name, { sandbox: 'x' }))).toMatchObject({ code: -32602 });
    expect(await client.tools()).not.toContain('exec');
  });

  test('names the argument that is wrong', async () => {
    await using client = await McpClient.start(['--allow', 'see,act,exec,files,publish,manage']);
    const cases: readonly [string, object, RegExp][] = [
      ['exec', { sandbox: 'x' }, /"command"/],
      ['exec', { sandbox: 'x', command: 'ls -l' }, /"command"/],
      ['exec', { sandbox: 'x', command: [] }, /"command"/],
      ['exec', { command: ['ls'] }, /"sandbox"/],
      ['exec', { sandbox: '', command: ['ls'] }, /"sandbox"/],
      ['exec', { sandbox: 'x', command: ['ls'], timeoutMs: -1 }, /"timeoutMs"/],
      ['exec', { sandbox: 'x', command: ['ls'], shell: true }, /"shell"/],
      ['click', { sandbox: 'x', at: [1] }, /"at/],
      ['click', { sandbox: 'x', at: [1, Number.MAX_VALUE * 2] }, /"at/],
      ['wait', { sandbox: 'x', for: 'window' }, /"title"/],
      ['publish', { sandbox: 'x', port: 70_000 }, /"port"/],
      ['publish', { sandbox: 'x', port: 80, alias: 'Not A Label' }, /"alias"/],
      ['file_write', { sandbox: 'x', path: '/a', content: 'no base64!', encoding: 'base64' }, /"content"/],
      ['sandbox_create', { name: '../etc' }, /"name"/],
      ['sandbox_create', { name: 'a', init: 'id' }, /"init"/],
    ];
    for (const [name, args, wanted] of cases) {
      const result = await client.call(name, args);
      expect([name, args, result.isError, textOf(result)]).toEqual([name, args, true, expect.stringMatching(wanted)]);
    }
  });

  test('answers what is no message, and goes on', async () => {
    await using raw = new RawMcp([]);
    await raw.initialize();
    const lines: readonly [string, number, string | number | null][] = [
      ['{', -32700, null],
      ['hello', -32700, null],
      ['\u0000\u0001', -32700, null],
      ['[]', -32600, null],
      ['[{"jsonrpc":"2.0","id":1,"method":"ping"}]', -32600, null],
      ['null', -32600, null],
      ['7', -32600, null],
      ['{"id":11,"method":"ping"}', -32600, 11],
      ['{"jsonrpc":"1.0","id":"old","method":"ping"}', -32600, 'old'],
      ['{"jsonrpc":"2.0","id":{},"method":"ping"}', -32600, null],
      ['{"jsonrpc":"2.0","id":12,"method":7}', -32600, 12],
      ['{"jsonrpc":"2.0","id":13,"method":"no/such/method"}', -32601, 13],
      ['{"jsonrpc":"2.0","id":14,"method":"tools/call","params":{"name":7}}', -32602, 14],
      ['{"jsonrpc":"2.0","id":15,"method":"tools/call"}', -32602, 15],
      [`${'['.repeat(100_000)}${']'.repeat(100_000)}`, -32600, null],
    ];
    for (const [index, [line, code, id]] of lines.entries()) {
      const ping = { ...quick, id: `ping ${index}` };
      const before = raw.messages().length;
      await raw.send(`${line}\r\n`);
      await raw.send(ping);
      await raw.reply(ping.id);
      const answers = raw
        .messages()
        .slice(before)
        .filter((message) => message.id !== ping.id);
      expect([line.slice(0, 80), answers]).toEqual([
        line.slice(0, 80),
        [{ jsonrpc: '2.0', id, error: { code, message: expect.any(String) } }],
      ]);
    }
    expect(raw.stderr).toBe('');
  });

  test('ignores what it need not answer', async () => {
    await using raw = new RawMcp([]);
    await raw.initialize();
    const before = raw.messages().length;
    await raw.send('\n\n   \n');
    await raw.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 'nobody' } });
    await raw.send({ jsonrpc: '2.0', method: 'notifications/no-such-thing' });
    await raw.send({ jsonrpc: '2.0', id: 99, result: {} });
    await raw.send(quick);
    await raw.reply(quick.id);
    expect(raw.messages().length).toBe(before + 1);
  });

  test('keeps nothing of a line of 100 MB, refuses it, and goes on', async () => {
    await using raw = new RawMcp([]);
    await raw.initialize();
    const chunk = 'x'.repeat(1_000_000);
    for (let sent = 0; sent < 100; sent += 1) await raw.send(chunk);
    const peakMib = await memoryMib(raw.pid);
    await raw.send('\n');
    await raw.send(quick);
    await raw.reply(quick.id);
    expect(raw.messages().at(-2)).toMatchObject({ id: null, error: { code: -32600 } });
    expect(peakMib).toBeLessThan(250);
  }, 60_000);

  test('takes a message that comes in pieces', async () => {
    await using raw = new RawMcp([]);
    await raw.initialize();
    for (const character of JSON.stringify({ ...quick, id: 'ü€😀' })) await raw.send(character);
    await raw.send('\n');
    expect(await raw.reply('ü€😀')).toEqual({ jsonrpc: '2.0', id: 'ü€😀', result: {} });
  });

  test('ends with 0 when its client closes, and on a signal', async () => {
    for (const [how, end] of [
      ['close', (raw: RawMcp) => void raw.stdin.end()],
      ['SIGTERM', (raw: RawMcp) => raw.kill('SIGTERM')],
      ['SIGINT', (raw: RawMcp) => raw.kill('SIGINT')],
    ] as const) {
      await using raw = new RawMcp([]);
      await raw.initialize();
      end(raw);
      expect([how, await raw.exited, raw.stderr]).toEqual([how, 0, '']);
    }
  });

  test('answers what was asked before its client closed', async () => {
    await using raw = new RawMcp([]);
    await raw.send({ jsonrpc: '2.0', id: 1, method: 'ping' });
    await raw.stdin.end();
    expect(await raw.exited).toBe(0);
    expect(raw.messages()).toEqual([{ jsonrpc: '2.0', id: 1, result: {} }]);
  });

  test('ends when nobody reads it any more', async () => {
    const { stderr } = await inShell(`
      while :; do echo '${JSON.stringify(quick)}'; sleep 0.05; done | { "$0" mcp; echo "ended $?" >&2; } | head -c 1 > /dev/null`);
    expect(stderr).toBe('ended 0\n');
  });

  test('is not held by replies that its client never reads', async () => {
    const list = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' });
    // The shell ends with `ended`, long before the one that does not read.
    const { stderr } = await inShell(`
      exec 3> >(exec sleep 60 > /dev/null 2>&1); reader=$!
      { for i in $(seq 20); do echo '${list}'; done; } | "$0" mcp >&3; echo "ended \${PIPESTATUS[1]}" >&2; kill $reader`);
    expect(stderr).toContain('ended 0\n');
  });

  test('keeps little for a client that asks and never reads, and a signal ends it', async () => {
    const list = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' });
    const { stdout, stderr } = await inShell(`
      exec 3> >(exec sleep 60 > /dev/null 2>&1); reader=$!
      "$0" mcp >&3 < <(while :; do echo '${list}'; done) & pid=$!
      # Long enough for hundreds of megabytes.
      sleep 3; sed -n 's/VmHWM: *//p' /proc/$pid/status
      kill $pid; wait $pid; echo "ended $?" >&2; kill $reader`);
    expect(stderr).toContain('ended 0\n');
    expect(Number(/\d+/.exec(stdout)?.[0])).toBeLessThan(300_000);
  }, 60_000);
});

describe('what bhatti mcp is told', () => {
  test('is refused before anybody is served where it is not exact', async () => {
    const cases: readonly [readonly string[], RegExp][] = [
      [['--allow', ''], /empty scope/],
      [['--allow', 'see,'], /empty scope/],
      [['--allow', 'see,evrything'], /unknown scope "evrything"/],
      [['--allow', 'all'], /unknown scope "all"/],
      [['--allow'], /needs a value/],
      [['--sandbox', ''], /--sandbox/],
      [['--sandbox', 'a/b'], /--sandbox/],
      [['--space', '0x0'], /--space/],
      [['--http', 'x'], /--http/],
      [['--http', '0', '--http-name', 'mcp.example:443'], /--http-name/],
      [['--http', '0', '--http-token', ''], /token/],
      [['--http', '0', '--http-token', 'short'], /token/],
      [['desk'], /too many arguments/],
      [['--alow', 'see'], /unknown option "--alow"/],
    ];
    for (const [args, wanted] of cases) {
      await using raw = new RawMcp(args);
      await raw.send(quick);
      expect([args, await raw.exited, raw.stdout, raw.stderr]).toEqual([args, 2, '', expect.stringMatching(wanted)]);
    }
  }, 60_000);

  test('an empty token of the environment is refused as well', async () => {
    await using raw = new RawMcp(['--http', '0'], { BHATTI_MCP_TOKEN: '' });
    expect([await raw.exited, raw.stderr]).toEqual([2, expect.stringContaining('invalid token')]);
  });
});

/** A script of bash, to which the executable is `$0`. */
async function inShell(script: string): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const child = Bun.spawn(['bash', '-c', script, executable], {
    env: { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  await child.exited;
  return { stdout, stderr };
}

async function memoryMib(pid: number): Promise<number> {
  const status = await Bun.file(`/proc/${pid}/status`).text();
  return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024;
}
