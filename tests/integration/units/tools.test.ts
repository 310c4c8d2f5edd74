import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { titled, whyNoSandboxes } from '../../support/capability.ts';
import { TestGuest } from '../../support/guest.ts';
import { until } from '../../support/until.ts';

const why = whyNoSandboxes();

// What is expected is what the programs of systemd 252 answered to the same commands.
describe.skipIf(why !== undefined)(titled("systemd's small programs", why), () => {
  let guest: TestGuest;
  beforeAll(async () => {
    guest = await TestGuest.start();
  });
  afterAll(() => guest[Symbol.asyncDispose]());

  const run = async (argv: readonly string[], more: Parameters<TestGuest['exec']>[1] = {}) => {
    const { exitCode, stdout, stderr } = await guest.exec(argv, more);
    return { exitCode, stdout, stderr: stderr.replaceAll(/run-r[0-9a-f]{32}/g, 'run-N') };
  };

  describe('systemd-run', () => {
    test('refuses what cannot be', async () => {
      const refusals: [string, string][] = [
        ['', 'Command line to execute required.\n'],
        ['--bogus', "systemd-run: unrecognized option '--bogus'\n"],
        ['--user true', 'Failed to connect to bus: No medium found\n'],
        ['-p Foo=bar true', 'Unknown assignment: Foo=bar\n'],
        ['-p Bad true', 'Not an assignment: Bad\n'],
        ['nosuchprogram', 'Failed to find executable nosuchprogram: No such file or directory\n'],
        ['--nice=99 true', 'Failed to parse nice value: 99\n'],
        ['--scope --wait true', '--wait may not be combined with --scope.\n'],
        ['--wait --no-block true', '--wait may not be combined with --no-block.\n'],
      ];
      for (const [args, stderr] of refusals) {
        const argv = ['systemd-run', ...args.split(' ').filter((word) => word !== '')];
        expect({ args, ...(await run(argv)) }).toEqual({ args, exitCode: 1, stdout: '', stderr });
      }
      expect(await run(['systemd-run', 'true'], { user: 'nobody' })).toEqual({
        exitCode: 1,
        stdout: '',
        stderr: 'Failed to start transient service unit: Access denied\n',
      });
    });

    test('makes a unit that lives as long as its command', async () => {
      expect(await run(['systemd-run', '--unit=held', '--description=My work', 'sleep', '1000'])).toEqual({
        exitCode: 0,
        stdout: '',
        stderr: 'Running as unit: held.service\n',
      });
      const status = (await guest.exec(['systemctl', 'status', 'held'])).stdout.split('\n');
      expect(status.slice(0, 3)).toEqual([
        '● held.service - My work',
        '     Loaded: loaded (/run/systemd/transient/held.service; transient)',
        '  Transient: yes',
      ]);
      expect(await run(['systemctl', 'is-enabled', 'held'])).toMatchObject({ exitCode: 1, stdout: 'transient\n' });
      expect(await run(['systemd-run', '--unit=held', 'true'])).toMatchObject({
        exitCode: 1,
        stderr:
          'Failed to start transient service unit: Unit held.service was already loaded or has a fragment file.\n',
      });
      await guest.killLohar();
      expect((await run(['systemctl', 'is-active', 'held'])).stdout).toBe('active\n');
      await guest.exec(['systemctl', 'stop', 'held']);
      await until(async () => (await run(['systemctl', 'status', 'held'])).exitCode === 4);
      expect(await guest.root('ls /run/systemd/transient')).toBe('');
      expect(await guest.root('ls /run/bhatti/log/main | grep held || true')).toBe('');
    });

    test('gives its own streams to the command, and its exit code back', async () => {
      expect(await run(['systemd-run', '-q', '--wait', '--pipe', 'cat'], { stdinBase64: btoa('hello\n') })).toEqual({
        exitCode: 0,
        stdout: 'hello\n',
        stderr: '',
      });
      const failed = await run(['systemd-run', '--wait', '--pipe', 'sh', '-c', 'echo out; echo err >&2; exit 3']);
      expect(failed.exitCode).toBe(3);
      expect(failed.stdout).toBe('out\n');
      // Who is first, the command or the word about it, is anybody's guess.
      expect(failed.stderr.replace('err\n', '')).toMatch(
        /^Running as unit: run-N\.service\nFinished with result: exit-code\nMain processes terminated with: code=exited\/status=3\nService runtime: \S+\n$/,
      );
      expect(failed.stderr).toContain('err\n');
      const timedOut = await run(['systemd-run', '--wait', '-G', '-p', 'RuntimeMaxSec=200ms', 'sleep', '1000']);
      expect(timedOut.exitCode).toBe(1);
      expect(timedOut.stderr).toContain('Finished with result: timeout\n');
    });

    test('runs as whom, where and with what it is told', async () => {
      const line = 'echo "$(id -un):$(id -gn):$PWD:$A:$(nice)"';
      const argv =
        'systemd-run -q --wait --pipe --uid=nobody --gid=nogroup --working-directory=/tmp -E A=b=c --nice=5'.split(' ');
      expect((await run([...argv, 'sh', '-c', line.replaceAll('$', '$$$$')])).stdout).toBe(
        'nobody:nogroup:/tmp:b=c:5\n',
      );
      expect((await run(['systemd-run', '-q', '--wait', '--pipe', 'echo', '100% "so" \\n'])).stdout).toBe(
        '100% "so" \\n\n',
      );
    });

    test('keeps a unit that failed until it is looked at', async () => {
      await run(['systemd-run', '--unit=wrong', 'false']);
      await until(async () => (await run(['systemctl', 'is-active', 'wrong'])).stdout === 'failed\n');
      await guest.exec(['systemctl', 'reset-failed', 'wrong']);
      await until(async () => (await run(['systemctl', 'status', 'wrong'])).exitCode === 4);
      await run(['systemd-run', '-r', '--unit=done', 'true']);
      await until(async () => (await guest.state('done')) === 'active/exited');
      await guest.exec(['systemctl', 'stop', 'done']);
    });

    test('puts a command of its own into a scope', async () => {
      expect(await run(['systemd-run', '--scope', '--unit=around', 'cat', '/proc/self/cgroup'])).toMatchObject({
        exitCode: 0,
        stdout: expect.stringContaining('/around.scope\n'),
        stderr: 'Running scope as unit: around.scope\n',
      });
      expect((await run(['systemd-run', '--scope', '-q', 'sh', '-c', 'exit 4'])).exitCode).toBe(4);
      // The answer goes with the lohar that is killed.
      const held = guest.exec(['systemd-run', '--scope', '-q', '--unit=held2', 'sleep', '1000']).catch(() => {});
      await until(async () => (await run(['systemctl', 'is-active', 'held2.scope'])).stdout === 'active\n');
      await guest.killLohar();
      expect((await run(['systemctl', 'is-active', 'held2.scope'])).stdout).toBe('active\n');
      await guest.exec(['systemctl', 'stop', 'held2.scope']);
      await held;
      await until(async () => (await run(['systemctl', 'status', 'held2.scope'])).exitCode === 4);
    });

    test('gives a terminal where it has one', async () => {
      const { stdout } = await run(['script', '-qec', 'systemd-run -q -t sh -c "tty; stty size"', '/dev/null']);
      expect(stdout).toMatch(/\/dev\/pts\/\d+\r\n\d+ \d+\r\n$/);
    });
  });

  describe('systemd-notify', () => {
    test('needs somebody to notify', async () => {
      expect(await run(['systemd-notify', '--ready'])).toEqual({
        exitCode: 1,
        stdout: '',
        stderr: 'No status data could be sent: $NOTIFY_SOCKET was not set\n',
      });
      expect((await run(['systemd-notify', '--pid=abc'])).stderr).toBe('Failed to parse PID abc.\n');
      expect((await run(['systemd-notify', '--booted'])).exitCode).toBe(0);
    });

    test('speaks for the script that calls it', async () => {
      const script =
        'systemd-notify --status="Half way"; sleep 0.2; systemd-notify --ready STATUS=There; exec sleep 1000';
      await guest.unit('speaks.service', `[Service]\nType=notify\nExecStart=/bin/bash -c '${script}'\n`);
      expect((await run(['systemctl', 'start', 'speaks'])).exitCode).toBe(0);
      expect(await guest.state('speaks')).toBe('active/running');
      expect((await run(['systemctl', 'status', 'speaks'])).stdout).toContain('     Status: "There"\n');
      await guest.exec(['systemctl', 'stop', 'speaks']);
    });
  });

  test('systemd-cat becomes the program', async () => {
    expect(await run(['systemd-cat', '-p', 'bogus', 'true'])).toMatchObject({
      exitCode: 1,
      stderr: 'Failed to parse priority value.\n',
    });
    expect(await run(['systemd-cat', 'nosuch'])).toMatchObject({
      exitCode: 1,
      stderr: 'Failed to execute process: No such file or directory\n',
    });
    // Whoever has the log's socket hears it; where nobody has, somebody is put there.
    const listen =
      'my $$socket = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Local => "/dev/log") or die; chmod 0666, "/dev/log"; sleep 1000';
    await guest.unit('heard.service', `[Service]\nExecStart=/usr/bin/perl -MIO::Socket::UNIX -e '${listen}'\n`);
    if ((await run(['test', '-S', '/dev/log'])).exitCode !== 0) await guest.exec(['systemctl', 'start', 'heard']);
    await until(async () => (await run(['test', '-w', '/dev/log'])).exitCode === 0);
    expect(await run(['systemd-cat', '-t', 'who', 'sh', '-c', 'echo words; exit 7'])).toEqual({
      exitCode: 7,
      stdout: '',
      stderr: '',
    });
  });

  test('loginctl knows of nobody', async () => {
    expect(await run(['loginctl'])).toMatchObject({ exitCode: 0, stdout: 'No sessions.\n' });
    expect(await run(['loginctl', 'list-users'])).toMatchObject({ exitCode: 0, stdout: 'No users.\n' });
    expect(await run(['loginctl', 'show-user', 'lohar'])).toMatchObject({
      exitCode: 1,
      stderr: 'Failed to get user: User ID 1000 is not logged in or lingering\n',
    });
    expect(await run(['loginctl', 'enable-linger', 'nobodyhere'])).toMatchObject({
      exitCode: 1,
      stderr: 'Failed to look up user nobodyhere: No such process\n',
    });
    expect((await run(['loginctl', 'enable-linger', 'lohar'])).exitCode).toBe(1);
    expect((await run(['loginctl', 'disable-linger', 'lohar'])).exitCode).toBe(0);
    expect(await run(['loginctl', 'show-session', '1'])).toMatchObject({
      exitCode: 1,
      stderr: "Failed to get session path: No session '1' known\n",
    });
  });

  test('hostnamectl says what this is', async () => {
    const { stdout } = await run(['hostnamectl']);
    expect(stdout).toStartWith(' Static hostname: box\n       Icon name: computer-container\n');
    expect(stdout).toContain('\nOperating System: Debian GNU/Linux 12 (bookworm)\n');
    expect((await run(['hostnamectl', 'hostname'])).stdout).toBe('box\n');
    expect((await run(['hostnamectl', 'set-hostname', 'other'])).exitCode).toBe(1);
  });

  test('systemd-escape and systemd-path answer', async () => {
    expect((await run(['systemd-escape', '--template=t@.service', 'a b', 'c'])).stdout).toBe(
      't@a\\x20b.service t@c.service\n',
    );
    expect((await run(['systemd-escape', '-u', '--template=t@.service', 't@a-b.service'])).stdout).toBe('a/b\n');
    expect((await run(['systemd-escape', '--suffix=mount', '-p', '/'])).stdout).toBe('-.mount\n');
    expect(await run(['systemd-escape', '-p', '../x'])).toMatchObject({
      exitCode: 1,
      stderr: "Input '../x' is not an absolute file system path, failed to escape.\n",
    });
    expect((await run(['systemd-path', 'tmpfiles'])).stdout).toBe('/usr/lib/tmpfiles.d\n');
    expect((await run(['systemd-path', 'bogus'])).exitCode).toBe(1);
  });
});
