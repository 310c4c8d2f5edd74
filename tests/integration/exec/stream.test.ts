import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { channelStderr, channelStdout, stdinWindowBytes } from '@bhatti/wire/agent/exec.ts';
import { titled, whyNoSandboxes } from '../../support/capability.ts';
import { TestGuest } from '../../support/guest.ts';
import { until } from '../../support/until.ts';

const why = whyNoSandboxes();

describe.skipIf(why !== undefined)(titled('a streamed command', why), () => {
  let guest: TestGuest;
  beforeAll(async () => {
    guest = await TestGuest.start();
  });
  afterAll(() => guest[Symbol.asyncDispose]());

  const isRunning = async (pattern: string) => (await guest.exec(['pgrep', '-f', pattern])).exitCode === 0;

  describe('is refused', () => {
    test('when a session does not exist', async () => {
      const stream = await guest.stream({ session: 's4711' });
      expect(await stream.ended()).toMatchObject({ type: 'error', code: 'NOT_FOUND' });
    });

    test('when it is to be kept without a terminal', async () => {
      const stream = await guest.stream({ argv: ['true'], keep: true });
      expect(await stream.ended()).toMatchObject({ type: 'error', code: 'INVALID_ARGUMENT' });
    });

    test('when its messages are none', async () => {
      const stream = await guest.stream({ argv: ['cat'], stdin: true });
      await until(() => stream.find('started'));
      stream.tell({ type: 'what?' });
      expect(await stream.ended()).toMatchObject({ type: 'error', code: 'INVALID_ARGUMENT' });
      await until(() => stream.isClosed);
    });

    test('when it sends more input than the window holds, and the others go on', async () => {
      const other = await guest.stream({ argv: ['cat'], stdin: true });
      const stream = await guest.stream({ argv: ['sleep', '1000'], stdin: true });
      await until(() => stream.find('started'));
      // The pipe itself takes a quarter of the window.
      for (let at = 0; at < 6; at += 1) stream.input(new Uint8Array(stdinWindowBytes / 4));
      expect(await stream.ended()).toMatchObject({ type: 'error', code: 'PROTOCOL_VIOLATION' });
      other.tell({ type: 'stdin-end' });
      expect(await other.ended()).toMatchObject({ exitCode: 0 });
    });
  });

  test('separates its streams and ends with its exit code', async () => {
    const stream = await guest.stream({ argv: ['sh', '-c', 'echo out; echo err >&2; exit 7'] });
    expect(await stream.ended()).toEqual({ type: 'exit', exitCode: 7 });
    expect(stream.output(channelStdout).toString()).toBe('out\n');
    expect(stream.output(channelStderr).toString()).toBe('err\n');
    await until(() => stream.isClosed);
  });

  test('that does not exist says so and ends with 127', async () => {
    const stream = await guest.stream({ argv: ['no-such-program'] });
    expect(await stream.ended()).toMatchObject({ exitCode: 127 });
    expect(stream.output(channelStderr).toString()).toBe("env: 'no-such-program': No such file or directory\n");
  });

  test('takes megabytes in and gives the same ones out', async () => {
    const stream = await guest.stream({ argv: ['cat'], stdin: true });
    const bytes = Buffer.alloc(4 * 1024 * 1024, Array.from({ length: 251 }, (_, at) => at).join(','));
    let sent = 0;
    while (sent < bytes.length) {
      await until(() => sent - stream.acknowledgedBytes + 65_536 <= stdinWindowBytes);
      stream.input(bytes.subarray(sent, sent + 65_536));
      sent += 65_536;
    }
    stream.tell({ type: 'stdin-end' });
    expect(await stream.ended()).toMatchObject({ exitCode: 0 });
    expect(stream.output(channelStdout).equals(bytes)).toBe(true);
    expect(stream.acknowledgedBytes).toBe(bytes.length);
  });

  test('may close its input without harm', async () => {
    const stream = await guest.stream({ argv: ['sh', '-c', 'exec <&-; sleep 0.2; echo still here'], stdin: true });
    await until(() => stream.find('started'));
    for (let at = 0; at < 3; at += 1) stream.input(new Uint8Array(65_536));
    expect(await stream.ended()).toMatchObject({ exitCode: 0 });
    expect(stream.output(channelStdout).toString()).toBe('still here\n');
  });

  test('waits while nobody reads its output', async () => {
    const socket = await guest.connect();
    socket.pause();
    const key = Buffer.alloc(16, 1).toString('base64');
    socket.write(
      `GET /exec HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
    );
    const message = Buffer.from(JSON.stringify({ type: 'exec', argv: ['sh', '-c', 'exec yes floods'] }));
    socket.write(Buffer.concat([Buffer.from([0x81, 0x80 | message.length, 0, 0, 0, 0]), message]));
    const written = async () =>
      Number(/wchar: (\d+)/.exec(await guest.root('cat /proc/$(pgrep -x yes)/io 2>/dev/null || true'))?.[1] ?? 0);
    await until(async () => (await written()) > 0);
    let last = -1;
    // Quiet when two looks in a row see the same.
    const total = await until(async () => {
      const now = await written();
      const isQuiet = now === last;
      last = now;
      return isQuiet ? now : undefined;
    });
    expect(total).toBeLessThan(64 * 1024 * 1024);
    socket.destroy();
    await until(async () => !(await isRunning('^yes floods')));
  });

  test('goes with its client, children and all', async () => {
    const stream = await guest.stream({ argv: ['sh', '-c', 'trap "" HUP; sleep 5151 & sleep 5151'] });
    await until(() => isRunning('^sleep 5151'));
    stream.close();
    await until(async () => !(await isRunning('^sleep 5151')));
  });

  test('gets signals', async () => {
    const stream = await guest.stream({
      argv: ['sh', '-c', 'trap "echo got it; exit 3" INT; echo ready; while :; do sleep 0.02; done'],
    });
    await until(() => stream.output(channelStdout).includes('ready'));
    stream.tell({ type: 'signal', name: 'INT' });
    expect(await stream.ended()).toMatchObject({ exitCode: 3 });
    expect(stream.output(channelStdout).toString()).toBe('ready\ngot it\n');
  });

  test('has its time', async () => {
    const stream = await guest.stream({ argv: ['sleep', '1000'], timeoutMs: 50 });
    expect(await stream.ended()).toMatchObject({ exitCode: 124, timedOut: true });
  });

  describe('on a terminal', () => {
    const size = { rows: 33, cols: 111 };

    test('has a controlling one of its own, of the asked size, that changes', async () => {
      const stream = await guest.stream({
        argv: ['bash', '-c', 'tty; stty size; stat -c %U $(tty); ps -o tty= -p $$; read; stty size'],
        tty: size,
      });
      await until(
        () =>
          /pts\/\d+\r\n$/.test(stream.output(channelStdout).toString().trimEnd() + '\r\n') &&
          stream.output(channelStdout).includes('lohar'),
      );
      stream.tell({ type: 'resize', rows: 50, cols: 140 });
      stream.input('\n');
      await stream.ended();
      const lines = stream.output(channelStdout).toString().split('\r\n');
      expect(lines[0]).toMatch(/^\/dev\/pts\/\d+$/);
      expect(lines.slice(1, 4)).toEqual(['33 111', 'lohar', lines[0]?.slice('/dev/'.length) ?? '']);
      expect(lines).toContain('50 140');
    });

    test('is interrupted by its keys', async () => {
      const stream = await guest.stream({ argv: ['bash', '-c', 'echo ready; sleep 1000'], tty: size });
      await until(() => stream.output(channelStdout).includes('ready'));
      stream.input('\x03');
      expect(await stream.ended()).toMatchObject({ exitCode: 130, signal: 'SIGINT' });
    });

    test('shows all of a long output', async () => {
      const stream = await guest.stream({ argv: ['seq', '1', '50000'], tty: size });
      expect(await stream.ended()).toMatchObject({ exitCode: 0 });
      const lines = stream.output(channelStdout).toString().trimEnd().split('\r\n');
      expect([lines.length, lines[0], lines.at(-1)]).toEqual([50_000, '1', '50000']);
    });

    test('is kept, listed, attached to again with what it showed, and taken over', async () => {
      const first = await guest.stream({ argv: ['bash', '--norc', '-i'], tty: size, keep: true, env: { PS1: '$ ' } });
      const session = (await until(() => first.find('started'))).session ?? '';
      first.input('echo the-first-$((1+1))\n');
      await until(() => first.output(channelStdout).includes('the-first-2'));
      first.close();
      const list = async () => JSON.parse((await guest.call('GET', '/sessions')).text);
      await until(
        async () =>
          (await list()).find((kept: { sessionId: string }) => kept.sessionId === session)?.attached === false,
      );

      const second = await guest.stream({ session });
      await until(() => second.output(channelStdout).includes('the-first-2'));
      const third = await guest.stream({ session });
      expect(await second.ended()).toMatchObject({ type: 'error', code: 'ABORTED' });
      third.input('exit 5\n');
      expect(await third.ended()).toMatchObject({ exitCode: 5 });

      const fourth = await guest.stream({ session });
      expect(await fourth.ended()).toMatchObject({ exitCode: 5 });
      expect((await list()).find((kept: { sessionId: string }) => kept.sessionId === session)).toMatchObject({
        running: false,
        exitCode: 5,
      });
    });

    test('is detached from by asking', async () => {
      const stream = await guest.stream({ argv: ['sleep', '6161'], tty: size, keep: true });
      await until(() => stream.find('started'));
      stream.tell({ type: 'detach' });
      await until(() => stream.isClosed);
      expect(await isRunning('^sleep 6161')).toBe(true);
      await guest.exec(['pkill', '-f', '^sleep 6161']);
    });

    test('that is not kept goes with its client', async () => {
      const stream = await guest.stream({ argv: ['sleep', '7171'], tty: size });
      await until(() => isRunning('^sleep 7171'));
      stream.close();
      await until(async () => !(await isRunning('^sleep 7171')));
    });
  });
});
