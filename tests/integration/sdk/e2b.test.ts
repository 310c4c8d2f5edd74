// Scripts for E2B Desktop against ours: actions with a server that takes what the contract allows, all else with a real desktop.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test';
import { hasCode } from '@bhatti/client';
import { CommandExitError, Sandbox } from '@bhatti/client/e2b';
import { join } from 'node:path';

import { titled, whyNoSandboxes } from '../../support/capability.ts';
import { TestDaemon } from '../../support/daemon.ts';
import { StandInDesktop } from '../../support/stand-in-desktop.ts';
import { until } from '../../support/until.ts';

const why = whyNoSandboxes('computer');
const failure = (promise: Promise<unknown>) => promise.catch((reason: unknown) => reason);

describe.skipIf(why !== undefined)(titled('a script for E2B Desktop', why), () => {
  let daemon: TestDaemon;
  let stand: StandInDesktop;
  let sandbox: Sandbox;
  let options: { socketPath: string };

  beforeAll(async () => {
    daemon = await TestDaemon.start({ images: ['computer', 'minimal'] });
    const socketPath = join(daemon.dir, 'stand.sock');
    stand = await StandInDesktop.start({ listen: socketPath, upstream: daemon.socketPath });
    options = { socketPath };
    sandbox = await Sandbox.create({ ...options, resolution: [1024, 768], envs: { WORD: 'x' }, metadata: { a: 'b' } });
  });
  afterAll(async () => {
    await stand[Symbol.asyncDispose]();
    await daemon[Symbol.asyncDispose]();
  });
  afterEach(() => void stand.batches.splice(0));

  test('has a desktop of its resolution', async () => {
    expect((await sandbox.sandbox.desktop.status()).screen).toMatchObject({ width: 1024, height: 768 });
    expect(await sandbox.isRunning()).toBe(true);
    expect(sandbox.sandbox.info.labels).toEqual({ a: 'b' });
  });

  test('is refused what there is not, before anything is made', async () => {
    const before = (await daemon.call('GET', '/sandboxes')).json.length;
    expect(hasCode(await failure(Sandbox.create({ ...options, dpi: 192 })), 'HOST_UNSUPPORTED')).toBe(true);
    expect(hasCode(await failure(Sandbox.create({ ...options, display: ':0' })), 'HOST_UNSUPPORTED')).toBe(true);
    const foreign = { ...options, apiKey: 'e2b_x' };
    expect(hasCode(await failure(Sandbox.create(foreign)), 'INVALID_ARGUMENT')).toBe(true);
    expect((await daemon.call('GET', '/sandboxes')).json.length).toBe(before);
    const absent = [
      () => sandbox.fork(),
      () => sandbox.createSnapshot(),
      () => sandbox.getMetrics(),
      () => sandbox.updateNetwork(),
      () => sandbox.pty,
      () => sandbox.git,
      () => sandbox.files.watchDir(),
      () => sandbox.commands.list(),
    ];
    for (const call of absent) expect(call).toThrow(expect.objectContaining({ code: 'HOST_UNSUPPORTED' }));
  });

  test('clicks at 0, presses a capital A, and drags as a hand does', async () => {
    await sandbox.leftClick(0, 0);
    await sandbox.leftClick(0, 5);
    await sandbox.rightClick();
    await sandbox.middleClick(1, 2);
    await sandbox.doubleClick(3, 4);
    await sandbox.moveMouse(0, 0);
    await sandbox.mousePress();
    await sandbox.mouseRelease('right');
    await sandbox.drag([0, 0], [100, 0]);
    await sandbox.scroll('up', 3);
    await sandbox.scroll('right');
    await sandbox.press('A');
    await sandbox.press('enter');
    await sandbox.press(['ctrl', 'shift', 'T']);
    await sandbox.press('f5');
    expect(stand.actions).toEqual([
      { do: 'click', at: [0, 0] },
      { do: 'click', at: [0, 5] },
      { do: 'click', button: 'right' },
      { do: 'click', at: [1, 2], button: 'middle' },
      { do: 'click', at: [3, 4], count: 2 },
      { do: 'move', to: [0, 0] },
      { do: 'down', button: 'left' },
      { do: 'up', button: 'right' },
      {
        do: 'drag',
        path: [
          [0, 0],
          [100, 0],
        ],
        steps: 25,
      },
      { do: 'scroll', dy: -3 },
      { do: 'scroll', dx: 1 },
      { do: 'key', keys: 'A' },
      { do: 'key', keys: 'Return' },
      { do: 'key', keys: 'ctrl+shift+T' },
      { do: 'key', keys: 'F5' },
    ]);
    expect(hasCode(await failure(sandbox.leftClick(5)), 'INVALID_ARGUMENT')).toBe(true);
  });

  test('writes text of any length whole, in chunks only where it asks for a delay', async () => {
    const long = '😀ä'.repeat(20_000);
    await sandbox.write(long);
    const typed = () => stand.actions.map((action) => (action.do === 'type' ? action.text : '')).join('');
    expect(typed()).toBe(long);
    stand.batches.splice(0);
    await sandbox.write('abcdef', { chunkSize: 2, delayInMs: 5 });
    expect(stand.actions).toEqual([
      { do: 'type', text: 'ab' },
      { do: 'wait', ms: 5 },
      { do: 'type', text: 'cd' },
      { do: 'wait', ms: 5 },
      { do: 'type', text: 'ef' },
    ]);
  });

  test('opens and launches without a shell', async () => {
    await sandbox.open('https://example.com/?a=1&b=$(id)');
    await sandbox.launch('google-chrome', 'https://example.com');
    await sandbox.launch('xfce4-terminal; id');
    expect(stand.actions).toEqual([
      { do: 'open', target: 'https://example.com/?a=1&b=$(id)' },
      { do: 'launch', app: 'chromium-browser', args: ['https://example.com'] },
      { do: 'launch', app: 'xfce4-terminal; id', args: [] },
    ]);
  });

  test('asks about the screen, the pointer and the windows', async () => {
    expect(await sandbox.getCursorPosition()).toEqual({ x: 0, y: 7 });
    expect(await sandbox.getScreenSize()).toEqual({ width: 1280, height: 720 });
    expect(await sandbox.getCurrentWindowId()).toBe('7');
    expect(await sandbox.getWindowTitle('7')).toBe('Terminal');
    expect(hasCode(await failure(sandbox.getWindowTitle('8')), 'INVALID_ARGUMENT')).toBe(true);
    expect((await sandbox.getApplicationWindows('xfce4-panel')).length).toBeGreaterThan(0);
    expect(await sandbox.getApplicationWindows('--help')).toEqual([]);
    expect((await sandbox.screenshot()).subarray(1, 4)).toEqual(Uint8Array.of(80, 78, 71));
    expect((await sandbox.screenshot('blob')).type).toBe('image/png');
  });

  test('runs lines of bash, and is told of another exit code by an error', async () => {
    expect(await sandbox.commands.run('echo "$WORD $(pwd) $(id -un)"')).toMatchObject({
      stdout: 'x /home/lohar lohar\n',
    });
    expect((await sandbox.commands.run('id -un', { user: 'root', cwd: '/' })).stdout).toBe('root\n');
    const error = await failure(sandbox.commands.run('echo out; echo err >&2; exit 4'));
    expect(error).toBeInstanceOf(CommandExitError);
    expect(error).toMatchObject({ code: 'COMMAND_FAILED', exitCode: 4, stdout: 'out\n', stderr: 'err\n' });
    expect(hasCode(await failure(sandbox.commands.run('sleep 9', { timeoutMs: 20 })), 'TIMED_OUT')).toBe(true);
    expect(await sandbox.waitAndVerify('cat /tmp/none', ({ exitCode }) => exitCode === 1, 5, 0.01)).toBe(true);
    expect(await sandbox.waitAndVerify('true', () => false, 0.05, 0.01)).toBe(false);
  });

  test('has commands in the background, with input and an end', async () => {
    const seen: string[] = [];
    const handle = await sandbox.commands.run('read word; echo "got $word"', {
      background: true,
      stdin: true,
      onStdout: (data) => seen.push(data),
    });
    await sandbox.commands.sendStdin(handle.pid, 'this\n');
    expect(await handle.wait()).toMatchObject({ exitCode: 0, stdout: 'got this\n' });
    expect(seen.join('')).toBe('got this\n');
    const sleeping = await sandbox.commands.run('sleep 60', { background: true });
    expect(await sandbox.commands.kill(sleeping.pid)).toBe(true);
    expect(await failure(sleeping.wait())).toBeInstanceOf(CommandExitError);
    expect(hasCode(await failure(sandbox.commands.connect(sleeping.pid)), 'INVALID_ARGUMENT')).toBe(true);
  });

  test('reads and writes files, also below the home directory', async () => {
    expect(await sandbox.files.write('notes/a.txt', 'ä')).toMatchObject({ path: '/home/lohar/notes/a.txt', size: 2 });
    await sandbox.files.write([{ path: '/tmp/b', data: Uint8Array.of(1).buffer }]);
    expect(await sandbox.files.read('notes/a.txt')).toBe('ä');
    expect(await sandbox.files.read('/tmp/b', { format: 'bytes' })).toEqual(Uint8Array.of(1));
    expect(await new Response(await sandbox.files.read('/tmp/b', { format: 'stream' })).bytes()).toEqual(
      Uint8Array.of(1),
    );
    expect(await sandbox.files.list('notes')).toEqual([
      { name: 'a.txt', type: 'file', path: '/home/lohar/notes/a.txt', size: 2 },
    ]);
    expect((await sandbox.files.rename('notes/a.txt', '/tmp/-c')).name).toBe('-c');
    expect(await sandbox.files.makeDir('notes/deep/er')).toBe(true);
    expect(await sandbox.files.makeDir('notes')).toBe(false);
    await sandbox.files.remove('notes');
    expect(await sandbox.files.exists('notes')).toBe(false);
  });

  test('streams the desktop to those who have the address, onlookers by an account that may only look', async () => {
    expect(() => sandbox.stream.getUrl()).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
    await sandbox.stream.start({ requireAuth: true });
    const authKey = sandbox.stream.getAuthKey();
    expect(new URL(sandbox.stream.getUrl()).password).toBe('');
    expect(() => sandbox.stream.getUrl({ viewOnly: true })).toThrow();
    expect(() => sandbox.stream.getUrl({ authKey: 'guess' })).toThrow();
    const control = new URL(sandbox.stream.getUrl({ authKey, resize: 'remote' }));
    expect([control.password, control.searchParams.get('resize')]).toEqual([authKey, 'remote']);
    const look = new URL(sandbox.stream.getUrl({ authKey, viewOnly: true }));
    expect(look.href).not.toContain(authKey);
    expect(await until(async () => (await statusOf(look)) === 200)).toBe(true);
    expect(await statusOf(control)).toBe(200);
    expect(await rightsOf(look)).toEqual({ rights: 'r' });

    await sandbox.stream.start();
    expect(new URL(sandbox.stream.getUrl()).password).toBe(authKey);
    expect(hasCode(await failure(sandbox.stream.start({ windowId: '7' })), 'HOST_UNSUPPORTED')).toBe(true);
    expect(sandbox.getHost(6080)).toBe(new URL(look.href).host);
    await sandbox.stream.stop();
    expect(await statusOf(control)).toBe(404);
    expect((await sandbox.sandbox.exec(['grep', '-c', 'view-', '/root/.kasmpasswd'], { user: 'root' })).stdout).toBe(
      '0\n',
    );
  });

  test('names the host of a port that was published, and of no other', async () => {
    expect(() => sandbox.getHost(3000)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
    const { url } = await sandbox.publish(3000);
    expect(`http://${sandbox.getHost(3000)}/`).toBe(url);
  });

  test('is paused, found again awake, and ended by its own timer', async () => {
    await sandbox.pause();
    expect((await sandbox.sandbox.refresh()).residency).toBe('warm');
    const again = await Sandbox.connect(sandbox.sandboxId, options);
    expect((await again.sandbox.refresh()).residency).toBe('hot');
    await again.setTimeout(10);
    await until(async () => (await daemon.call('GET', `/sandboxes/${sandbox.sandboxId}`)).status === 404);
  });

  /** What the desktop's page answers to whoever comes with the login of this address. */
  async function statusOf(url: URL): Promise<number> {
    return (await daemon.call('GET', '/', { isTcp: true, headers: loginOf(url) })).status;
  }

  /** The letters that the password file has for the user of an address. */
  async function rightsOf(url: URL): Promise<{ rights: string | undefined }> {
    const { stdout } = await sandbox.sandbox.exec(['cat', '/root/.kasmpasswd'], { user: 'root' });
    const line = stdout.split('\n').find((text) => text.startsWith(`${url.username}:`));
    return { rights: line?.split(':').at(-1) };
  }
});

function loginOf(url: URL): Record<string, string> {
  return { host: url.host, authorization: `Basic ${btoa(`${url.username}:${url.password}`)}` };
}
