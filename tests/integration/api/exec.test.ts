import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { request } from 'node:http';
import { openWebSocket, type WebSocketClient } from '@bhatti/sys/net/websocket-client.ts';
import { channelStdin } from '@bhatti/wire/agent/exec.ts';
import { titled, whyNoSandboxes } from '../../support/capability.ts';
import { TestDaemon } from '../../support/daemon.ts';
import { until } from '../../support/until.ts';

const why = whyNoSandboxes();

describe.skipIf(why !== undefined)(titled('exec over the API', why), () => {
  let daemon: TestDaemon;
  beforeAll(async () => {
    daemon = await TestDaemon.start();
    await daemon.create({ name: 'box', memory_mb: 512 });
  });
  afterAll(() => daemon[Symbol.asyncDispose]());

  const exec = (body: object, headers: Record<string, string> = {}) =>
    daemon.call('POST', '/sandboxes/box/exec', { body, headers });

  test('answers in our words and in the original’s', async () => {
    const { json } = await exec({ cmd: ['sh', '-c', 'printf "a\\303"; printf err >&2; exit 3'], timeout_sec: 5 });
    expect(json).toMatchObject({ exitCode: 3, exit_code: 3, stdout: 'a\ufffd', stderr: 'err' });
    expect(Buffer.from(json.stdoutBase64, 'base64')).toEqual(Buffer.from([0x61, 0xc3]));
  });

  test('takes environment, directory, user and standard input, every byte of them', async () => {
    const input = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    const { json } = await exec({
      argv: ['sh', '-c', 'id -un; pwd; printf %s "$X"; cat'],
      env: { X: 'y z' },
      cwd: '/usr',
      user: 'root',
      stdinBase64: input.toString('base64'),
    });
    expect(Buffer.from(json.stdoutBase64, 'base64')).toEqual(Buffer.concat([Buffer.from('root\n/usr\ny z'), input]));
  });

  test('ends a command at its time-out', async () => {
    const { json } = await exec({ argv: ['sleep', '1000'], timeoutMs: 100 });
    expect(json).toMatchObject({ exitCode: 124, timedOut: true });
  });

  test('ends a command whose client goes away', async () => {
    const sent = request({ socketPath: daemon.socketPath, method: 'POST', path: '/sandboxes/box/exec', agent: false });
    sent.on('error', () => {});
    sent.end(JSON.stringify({ argv: ['sleep', '4711'] }));
    const count = async () => Number(await daemon.sh('box', 'pgrep -fc "^sleep 4711" || true'));
    await until(async () => (await count()) === 1);
    sent.destroy();
    await until(async () => (await count()) === 0);
  });

  test('detaches a command', async () => {
    const { json } = await exec({ cmd: ['sh', '-c', 'echo detached'], detach: true });
    expect(json).toMatchObject({ detached: true, output_file: json.outputFile });
    await until(async () => (await daemon.sh('box', `cat ${json.outputFile}`)) === 'detached\n');
  });

  test('streams lines when asked to, in whole characters and exact bytes', async () => {
    const reply = await exec(
      { argv: ['sh', '-c', 'printf "\\303"; sleep 0.2; printf "\\244\\377"; echo oops >&2; exit 5'] },
      { accept: 'application/x-ndjson' },
    );
    expect(reply.headers['content-type']).toBe('application/x-ndjson');
    const lines = reply.text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const of = (type: string) => lines.filter((line) => line.type === type);
    expect(Buffer.concat(of('stdout').map((line) => Buffer.from(line.data_base64, 'base64')))).toEqual(
      Buffer.from([0xc3, 0xa4, 0xff]),
    );
    expect(
      of('stdout')
        .map((line) => line.data)
        .join(''),
    ).toBe('ä\ufffd');
    expect(
      of('stderr')
        .map((line) => line.data)
        .join(''),
    ).toBe('oops\n');
    expect(lines.at(-1)).toMatchObject({ type: 'exit', exit_code: 5, exitCode: 5 });
  });

  test('streams while the command runs, with standard input beyond one window', async () => {
    const input = Buffer.alloc(3_000_000, 'line\n');
    const reply = await exec(
      { argv: ['wc', '-c'], stdinBase64: input.toString('base64') },
      { accept: 'application/x-ndjson' },
    );
    expect(JSON.parse(reply.text.split('\n')[0] ?? '').data.trim()).toBe('3000000');
  });

  test('holds a command back whose output nobody takes', async () => {
    const sent = request({
      socketPath: daemon.socketPath,
      method: 'POST',
      path: '/sandboxes/box/exec',
      agent: false,
      headers: { accept: 'application/x-ndjson' },
    });
    const reply = await new Promise<import('node:http').IncomingMessage>((resolve) => {
      sent.once('response', resolve);
      sent.end(
        JSON.stringify({ argv: ['sh', '-c', 'dd if=/dev/zero bs=64k count=100000 of=/dev/stdout status=none'] }),
      );
    });
    reply.pause();
    const written = async () =>
      Number(
        (await daemon.sh('box', 'for p in $(pgrep -x dd); do awk "/^wchar/{print \\$2}" /proc/$p/io; done')).trim(),
      );
    let before = -1;
    const stuck = await until(async () => {
      const now = await written();
      const isStuck = now > 0 && now === before;
      before = now;
      return isStuck ? now : undefined;
    });
    expect(stuck).toBeLessThan(64 * 1024 * 1024);
    sent.destroy();
    await until(async () => (await daemon.sh('box', 'pgrep -xc dd || true')).trim() === '0');
  });

  test('passes the stream of the agent through, both ways', async () => {
    const socket = await openStream({ type: 'exec', argv: ['cat'], stdin: true });
    const seen = collect(socket);
    await until(
      () => seen.text.includes('"started"'),
      () => seen.text,
    );
    socket.send(Buffer.concat([Buffer.from([channelStdin]), Buffer.from('through and back')]));
    await until(
      () => seen.stdout.includes('through and back'),
      () => seen.text,
    );
    socket.send(JSON.stringify({ type: 'stdin-end' }));
    await until(
      () => seen.text.includes('"exit"'),
      () => seen.text,
    );
  });

  test('gives a terminal of the size that was asked for', async () => {
    const socket = await openStream({ type: 'exec', argv: ['stty', 'size'], tty: { rows: 33, cols: 77 } });
    const seen = collect(socket);
    await until(
      () => seen.text.includes('"exit"'),
      () => seen.text,
    );
    expect(seen.stdout.trim()).toBe('33 77');
  });

  test('ends a streamed command whose client vanishes', async () => {
    const socket = await openStream({ type: 'exec', argv: ['sleep', '4712'] });
    const seen = collect(socket);
    await until(
      () => seen.text.includes('"started"'),
      () => seen.text,
    );
    socket.close();
    await until(async () => (await daemon.sh('box', 'pgrep -fc "^sleep 4712" || true')).trim() === '0');
  });

  test('says why a stream is refused', async () => {
    const opening = await openWebSocket({
      connect: { unix: daemon.socketPath },
      host: 'x',
      path: '/sandboxes/nope/exec',
      headers: {},
    });
    expect(opening.kind).toBe('refused');
    if (opening.kind === 'refused') {
      expect(opening.status).toBe(404);
      expect(JSON.parse(opening.body).code).toBe('SANDBOX_NOT_FOUND');
    }
  });

  test('lists sessions that can be attached again', async () => {
    const socket = await openStream({ type: 'exec', argv: ['sh'], tty: { rows: 24, cols: 80 }, keep: true });
    const seen = collect(socket);
    await until(
      () => seen.text.includes('"session"'),
      () => seen.text,
    );
    const sessions = (await daemon.call('GET', '/sandboxes/box/sessions')).json;
    const running = sessions.find((session: { running: boolean }) => session.running);
    expect(running).toMatchObject({ argv: ['sh'], tty: true, attached: true, session_id: running.sessionId });
    socket.close();
  });

  async function openStream(first: object): Promise<WebSocketClient> {
    const opening = await openWebSocket({
      connect: { unix: daemon.socketPath },
      host: 'x',
      path: '/sandboxes/box/exec',
      headers: {},
    });
    if (opening.kind === 'refused') throw new Error(`${opening.status} ${opening.body}`);
    opening.socket.send(JSON.stringify(first));
    return opening.socket;
  }
});

/** What comes on a stream: all its text messages, and its output. */
function collect(socket: WebSocketClient): { text: string; stdout: string } {
  const seen = { text: '', stdout: '' };
  void (async () => {
    for await (const message of socket.messages)
      if (typeof message === 'string') seen.text += message;
      else seen.stdout += Buffer.from(message.subarray(1)).toString();
  })();
  return seen;
}
