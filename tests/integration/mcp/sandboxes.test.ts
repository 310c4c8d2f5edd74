import { afterAll, beforeAll, describe, expect, test } from 'bun:test';

import { titled, whyNoSandboxes } from '../../support/capability.ts';
import { TestDaemon } from '../../support/daemon.ts';
import { McpClient, RawMcp, rejectionOf, textOf } from '../../support/mcp.ts';
import { until } from '../../support/until.ts';

const why = whyNoSandboxes();

describe.skipIf(why !== undefined)(titled('sandboxes by MCP', why), () => {
  let daemon: TestDaemon;
  let client: McpClient;
  let env: { BHATTI_RUN_DIR: string };
  beforeAll(async () => {
    daemon = await TestDaemon.start();
    env = { BHATTI_RUN_DIR: daemon.runDir };
    await daemon.create({ name: 'box', image: 'minimal' });
    client = await McpClient.start(['--sandbox', 'box'], env);
  });
  afterAll(async () => {
    await client[Symbol.asyncDispose]();
    await daemon[Symbol.asyncDispose]();
  });

  const running = async (pattern: string) => Number(await daemon.sh('box', `pgrep -fc "${pattern}" || true`));

  test('a command gives its exit code and both streams, and failing is a result', async () => {
    const result = await client.call('exec', { command: ['sh', '-c', 'cat; echo err >&2; exit 7'], stdin: 'grüße\n' });
    expect(result.isError).toBeUndefined();
    expect(result.structuredContent).toEqual({ exitCode: 7, stdout: 'grüße\n', stderr: 'err\n' });
    expect(textOf(result)).toBe('exit code 7\nstdout:\ngrüße\n\nstderr:\nerr\n');
  });

  test('no shell reads a command', async () => {
    const command = ['echo', '$HOME', '; id', '`id`', "'"];
    expect((await client.must('exec', { command })).stdout).toBe(`${command.slice(1).join(' ')}\n`);
  });

  test('a command has its environment, directory and user', async () => {
    const script = 'echo "$A"; pwd; id -un';
    const args = { command: ['sh', '-c', script], env: { A: '1' }, cwd: '/usr', user: 'root' };
    expect((await client.must('exec', args)).stdout).toBe('1\n/usr\nroot\n');
  });

  test('long output keeps both ends and says what is missing', async () => {
    const command = ['seq', '1', '100000'];
    const whole = (await client.must('exec', { command, maxOutputBytes: 4_000_000 })).stdout;
    expect(whole.split('\n').length).toBe(100_001);
    const cut = await client.must('exec', { command });
    expect(cut.stdout).toMatch(/^1\n2\n[^]*\n\[… 556127 bytes left out …\]\n[^]*\n100000\n$/);
    expect(cut.stdoutOmittedBytes).toBe(whole.length - 32_768);
    expect(Buffer.byteLength(cut.stdout)).toBeLessThan(33_000);
  });

  test('what is endless is ended, and what it said is given', async () => {
    const result = await client.must('exec', { command: ['sh', '-c', 'echo so far; sleep 1000'], timeoutMs: 300 });
    expect(result).toMatchObject({ exitCode: 124, timedOut: true, stdout: 'so far\n' });
  });

  test('a detached command goes on, its output in a file', async () => {
    const command = ['sh', '-c', 'echo begun; exec sleep 4711'];
    const { pid, outputFile } = await client.must('exec', { command, detach: true });
    await until(async () => (await client.must('file_read', { path: outputFile })).content === 'begun\n');
    expect((await client.must('exec', { command: ['kill', String(pid)] })).exitCode).toBe(0);
  });

  test('a cancelled command is killed', async () => {
    const cancelling = new AbortController();
    const call = client.call('exec', { command: ['sleep', '4712'] }, { signal: cancelling.signal });
    await until(async () => (await running('^sleep 4712')) === 1);
    cancelling.abort();
    expect(await rejectionOf(call)).toBeInstanceOf(Error);
    await until(async () => (await running('^sleep 4712')) === 0);
  });

  test('a command ends with the client that asked for it, however it goes', async () => {
    const ends: readonly ((raw: RawMcp) => void)[] = [
      (raw) => void raw.stdin.end(),
      (raw) => raw.kill('SIGTERM'),
      (raw) => raw.kill('SIGKILL'),
    ];
    for (const end of ends) {
      await using raw = new RawMcp(['--sandbox', 'box'], env);
      await raw.initialize();
      const params = { name: 'exec', arguments: { command: ['sleep', '4713'] } };
      await raw.send({ jsonrpc: '2.0', id: 1, method: 'tools/call', params });
      await until(async () => (await running('^sleep 4713')) === 1);
      end(raw);
      await raw.exited;
      await until(async () => (await running('^sleep 4713')) === 0);
    }
  });

  test('a file is written, listed and read, text or not, whole or in parts', async () => {
    const text = 'aü€😀'.repeat(10);
    await daemon.sh('box', 'mkdir -p /tmp/dir');
    expect(await client.must('file_write', { path: '/tmp/dir/t', content: text, mode: '0640' })).toMatchObject({
      bytes: 100,
    });
    expect(await client.must('file_read', { path: '/tmp/dir/t' })).toEqual({
      path: '/tmp/dir/t',
      sizeBytes: 100,
      offset: 0,
      bytes: 100,
      encoding: 'text',
      content: text,
    });
    const binary = Buffer.from([0, 255, 254, 1, 2, 3]).toString('base64');
    await client.must('file_write', { path: '/tmp/dir/b', content: binary, encoding: 'base64' });
    expect(await client.must('file_read', { path: '/tmp/dir/b' })).toMatchObject({
      encoding: 'base64',
      content: binary,
    });
    expect((await client.error('file_read', { path: '/tmp/dir/b', encoding: 'text' })).code).toBe('INVALID_ARGUMENT');
    const { entries } = await client.must('file_list', { path: '/tmp/dir' });
    expect(entries).toMatchObject([
      { name: 'b', size: 6, is_dir: false },
      { name: 't', size: 100, mode: '0640' },
    ]);

    let read = '';
    for (let at = 0; at < 100;) {
      const part = await client.must('file_read', { path: '/tmp/dir/t', offset: at, maxBytes: 16 });
      expect(part.encoding).toBe('text');
      expect(part.truncated ?? false).toBe(at + part.bytes < 100);
      read += part.content;
      at += part.bytes;
    }
    expect(read).toBe(text);
  });

  test('a large file is not read further than was asked', async () => {
    await daemon.sh('box', 'truncate -s 100M /tmp/large');
    const result = await client.call('file_read', { path: '/tmp/large', offset: 5, maxBytes: 16 });
    expect(result.structuredContent).toMatchObject({ sizeBytes: 104_857_600, bytes: 16, truncated: true });
    expect(textOf(result)).toContain('[bytes 5 to 21 of 104857600; go on with offset 21]');
  });

  test('a file that is not there is an error with its code', async () => {
    expect((await client.error('file_read', { path: '/no/such' })).code).toBe('FILE_NOT_FOUND');
    expect((await client.error('file_read', { path: 'relative' })).code).toBe('INVALID_ARGUMENT');
    expect((await client.error('file_list', { path: '/etc/passwd' })).code).toBe('INVALID_ARGUMENT');
  });

  test('a port is published, listed and taken back', async () => {
    const rule = await client.must('publish', { port: 8000, alias: 'mine' });
    expect(rule.url).toContain('mine.localhost');
    expect((await client.must('published')).rules).toMatchObject([{ port: 8000, url: rule.url }]);
    await client.must('unpublish', { port: 8000 });
    expect((await client.must('published')).rules).toEqual([]);
    expect((await client.error('unpublish', { port: 8000 })).code).toBe('PUBLISH_RULE_NOT_FOUND');
  });

  test('an image without a desktop says that it has none', async () => {
    expect((await client.call('screenshot')).isError).toBe(true);
  });

  test('a named sandbox is looked at, and not managed', async () => {
    expect(await client.must('sandbox_list')).toMatchObject({ sandboxes: [{ name: 'box', status: 'running' }] });
    expect(await client.must('sandbox_get')).toMatchObject({ name: 'box' });
    expect(await rejectionOf(client.call('sandbox_stop'))).toMatchObject({ code: -32602 });
    expect((await client.error('exec', { sandbox: 'other', command: ['id'] })).code).toBe('FORBIDDEN');
  });

  test('by default those are used that were made through it, and no others', async () => {
    await using own = await McpClient.start([], env);
    expect((await own.must('sandbox_list')).sandboxes).toEqual([]);
    for (const [name, args] of [
      ['exec', { command: ['id'] }],
      ['file_read', { path: '/etc/passwd' }],
      ['sandbox_get', {}],
      ['sandbox_stop', {}],
      ['sandbox_destroy', {}],
      ['screenshot', {}],
      ['publish', { port: 80 }],
    ] as const) {
      const error = await own.error(name, { sandbox: 'box', ...args });
      expect([name, error.code, error.hint]).toEqual([name, 'FORBIDDEN', expect.stringContaining('--sandbox box')]);
    }
    expect((await own.error('sandbox_create', { name: 'box' })).code).toMatch(/ALREADY_EXISTS|FORBIDDEN/);
    expect((await own.error('exec', { sandbox: 'nobody', command: ['id'] })).code).toBe('SANDBOX_NOT_FOUND');

    const made = await own.must('sandbox_create', { name: 'mine', image: 'minimal', labels: { mcp: 'false', a: 'b' } });
    expect(made).toMatchObject({ name: 'mine', status: 'running', labels: { mcp: 'true', a: 'b' }, existing: false });
    expect((await own.must('exec', { sandbox: 'mine', command: ['id', '-un'] })).stdout).toBe('lohar\n');
    expect((await own.must('sandbox_create', { name: 'mine', image: 'minimal', labels: { a: 'b' } })).existing).toBe(
      true,
    );
    expect((await own.must('sandbox_pause', { sandbox: 'mine' })).thermal).toBe('warm');
    expect((await own.must('sandbox_resume', { sandbox: 'mine' })).thermal).toBe('hot');
    expect((await own.must('sandbox_stop', { sandbox: 'mine' })).status).toBe('stopped');
    expect((await own.must('sandbox_start', { sandbox: 'mine' })).status).toBe('running');

    // Another server of this kind knows it as well; its owner may take it away.
    await using later = await McpClient.start([], env);
    expect((await later.must('sandbox_list')).sandboxes).toMatchObject([{ name: 'mine' }]);
    await daemon.call('PATCH', '/sandboxes/mine', { body: { labels_remove: ['mcp'] } });
    expect((await own.error('exec', { sandbox: 'mine', command: ['id'] })).code).toBe('FORBIDDEN');
    await daemon.call('PATCH', '/sandboxes/mine', { body: { labels_add: { mcp: 'true' } } });
    expect(await own.must('sandbox_destroy', { sandbox: 'mine' })).toEqual({ destroyed: made.id });
    expect((await daemon.call('GET', '/sandboxes/mine')).status).toBe(404);
  });

  test('a server that manages named sandboxes creates those and no others', async () => {
    await using manager = await McpClient.start(['--allow', 'manage', '--sandbox', 'named'], env);
    expect((await manager.error('sandbox_create', { name: 'else', image: 'minimal' })).code).toBe('FORBIDDEN');
    expect(await manager.must('sandbox_create', { image: 'minimal' })).toMatchObject({ name: 'named' });
    expect((await manager.error('sandbox_destroy', { sandbox: 'box' })).code).toBe('FORBIDDEN');
    expect(await manager.must('sandbox_destroy')).toEqual({ destroyed: 'named' });
  });

  test('scopes that were given in words reach every sandbox', async () => {
    await using wide = await McpClient.start(['--allow', 'exec'], env);
    expect(await wide.tools()).toEqual(['exec']);
    expect((await wide.must('exec', { sandbox: 'box', command: ['true'] })).exitCode).toBe(0);
  });

  test('several calls at once do not wait for each other', async () => {
    const slow = client.call('exec', {
      command: ['sh', '-c', 'while [ ! -e /tmp/go ]; do sleep 0.05; done; echo went'],
    });
    await client.must('exec', { command: ['touch', '/tmp/go'] });
    expect((await slow).structuredContent).toMatchObject({ stdout: 'went\n' });
  });
});
