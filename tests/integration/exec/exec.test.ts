import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import type { ExecDetachedReply } from '@bhatti/wire/agent/exec.ts';
import { titled, whyNoSandboxes } from '../../support/capability.ts';
import { TestGuest } from '../../support/guest.ts';
import { until } from '../../support/until.ts';

const why = whyNoSandboxes();

describe.skipIf(why !== undefined)(titled('a command', why), () => {
  let guest: TestGuest;
  beforeAll(async () => {
    guest = await TestGuest.start({ env: { FROM_CREATE: 'a b$c"', OVERRIDDEN: 'create' } });
  });
  afterAll(() => guest[Symbol.asyncDispose]());

  describe('is refused as env(1) would', () => {
    test('with 127 when there is no such program', async () => {
      const ran = await guest.exec(['no-such-program']);
      expect(ran).toMatchObject({ exitCode: 127, stderr: "env: 'no-such-program': No such file or directory\n" });
    });

    test('with 126 when it may not be executed', async () => {
      expect(await guest.exec(['/etc/passwd'])).toMatchObject({
        exitCode: 126,
        stderr: "env: '/etc/passwd': Permission denied\n",
      });
      expect(await guest.exec(['/tmp'])).toMatchObject({ exitCode: 126 });
    });

    test('with 126 when only others may execute it', async () => {
      await guest.root(
        'printf "#!/bin/sh\\necho no\\n" >/root/tool && cp /root/tool /opt/rootonly && chmod 700 /opt/rootonly',
      );
      expect(await guest.exec(['/opt/rootonly'])).toMatchObject({ exitCode: 126 });
    });

    test('with 125 when the directory is not there', async () => {
      expect(await guest.exec(['true'], { cwd: '/no/such/place' })).toMatchObject({ exitCode: 125 });
    });

    test('with INVALID_ARGUMENT when the user does not exist', async () => {
      const { status, text } = await guest.call(
        'POST',
        '/exec',
        JSON.stringify({ argv: ['true'], user: 'nobody-here' }),
      );
      expect({ status, code: JSON.parse(text).code }).toEqual({ status: 400, code: 'INVALID_ARGUMENT' });
    });

    test('with INVALID_ARGUMENT for a document that is none', async () => {
      for (const body of ['{', '{}', '{"argv":[]}', '{"argv":["a\\u0000b"]}', '{"argv":["true"],"env":{"A=B":"c"}}']) {
        const { status, text } = await guest.call('POST', '/exec', body);
        expect({ body, status, code: JSON.parse(text).code }).toEqual({ body, status: 400, code: 'INVALID_ARGUMENT' });
      }
    });
  });

  test('runs as lohar with all of its groups, in its own session', async () => {
    await guest.root('groupadd -f docker && usermod -aG docker lohar');
    const { stdout } = await guest.exec(['sh', '-c', 'id -un; id -Gn; ps -o pid=,pgid=,sid= -p $$']);
    const [user, groups = '', ids = ''] = stdout.split('\n');
    expect(user).toBe('lohar');
    expect(groups.split(' ').toSorted()).toEqual(['docker', 'lohar', 'sudo']);
    expect(new Set(ids.trim().split(/\s+/)).size).toBe(1);
  });

  test('leaves the agent with its own rights', async () => {
    await Promise.all(Array.from({ length: 20 }, () => guest.exec(['id'])));
    const threads = await guest.root('cat /proc/$(pgrep -x lohar)/task/*/status | grep -E "^(Uid|Gid)" | sort -u');
    expect(threads.replaceAll('\t', ' ').trim().split('\n')).toEqual(['Gid: 0 0 0 0', 'Uid: 0 0 0 0']);
  });

  test('runs as root when it is asked to, by name and by number', async () => {
    expect((await guest.exec(['sh', '-c', 'id -u; echo $HOME $USER'], { user: 'root' })).stdout).toBe(
      '0\n/root root\n',
    );
    expect((await guest.exec(['id', '-u'], { user: '0' })).stdout).toBe('0\n');
    expect((await guest.exec(['sudo', '-n', 'id', '-u'])).stdout).toBe('0\n');
  });

  test('keeps nothing of root', async () => {
    const { stdout } = await guest.exec([
      'sh',
      '-c',
      'grep -E "^(Uid|Cap(Eff|Prm|Inh|Amb)|SigIgn|SigBlk)" /proc/self/status; ls /proc/self/fd',
    ]);
    expect(stdout).toMatch(/^Uid:\t1000\t1000\t1000\t1000$/m);
    for (const name of ['CapInh', 'CapPrm', 'CapEff', 'CapAmb', 'SigIgn', 'SigBlk'])
      expect(stdout).toMatch(new RegExp(`^${name}:\\t0{16}$`, 'm'));
    // Standard streams, and the one that ls itself opened.
    expect(stdout.split('\n').filter((line) => /^\d+$/.test(line))).toEqual(['0', '1', '2', '3']);
  });

  describe('has an environment', () => {
    const variable = async (name: string, more: object = {}) =>
      (await guest.exec(['sh', '-c', `printf %s "$${name}"`], more)).stdout;

    test('of the account, the creation, /run/bhatti/env and the request, in that order', async () => {
      expect(await variable('HOME')).toBe('/home/lohar');
      expect(await variable('FROM_CREATE')).toBe('a b$c"');
      expect(await variable('OVERRIDDEN')).toBe('create');
      await guest.root('echo "OVERRIDDEN=\'run env\'" >/run/bhatti/env');
      expect(await variable('OVERRIDDEN')).toBe('run env');
      expect(await variable('OVERRIDDEN', { env: { OVERRIDDEN: 'request' } })).toBe('request');
      await guest.root('rm /run/bhatti/env');
      expect(await variable('OVERRIDDEN')).toBe('create');
    });

    test('whose PATH finds the program', async () => {
      await guest.root(
        'mkdir -p /opt/bin && printf "#!/bin/sh\\necho mine\\n" >/opt/bin/mine && chmod 755 /opt/bin/mine',
      );
      expect((await guest.exec(['mine'])).exitCode).toBe(127);
      expect((await guest.exec(['mine'], { env: { PATH: '/opt/bin:/usr/bin' } })).stdout).toBe('mine\n');
    });

    test('that nobody else may read where secrets are', async () => {
      expect(await guest.root('stat -c "%a %u" /run/bhatti/config-env')).toBe('600 0\n');
    });
  });

  test('may open its standard streams again by name', async () => {
    const { stdout, stderr } = await guest.exec(['sh', '-c', 'echo out >/dev/stdout; echo err >/dev/stderr']);
    expect({ stdout, stderr }).toEqual({ stdout: 'out\n', stderr: 'err\n' });
  });

  test('gets and gives every byte', async () => {
    const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, at) => (at * 7919) % 256));
    const { reply } = await guest.exec(['cat'], { stdinBase64: bytes.toString('base64') });
    expect(Buffer.from(reply.stdoutBase64, 'base64').equals(bytes)).toBe(true);
  });

  test('finds its input at the end when none is given', async () => {
    expect(await guest.exec(['cat'])).toMatchObject({ exitCode: 0, stdout: '' });
  });

  test('is a script without a first line, too', async () => {
    await guest.root("echo 'echo script $1' >/opt/bare && chmod 755 /opt/bare");
    expect((await guest.exec(['/opt/bare', 'x'])).stdout).toBe('script x\n');
  });

  test('answers with 128 and the signal that ended it', async () => {
    expect((await guest.exec(['sh', '-c', 'kill -9 $$'])).reply).toMatchObject({ exitCode: 137, signal: 'SIGKILL' });
    expect((await guest.exec(['sh', '-c', 'kill -SEGV $$'])).reply).toMatchObject({ exitCode: 139, signal: 'SIGSEGV' });
  });

  test('is cut at 10 MiB of output and runs to its end', async () => {
    const { reply } = await guest.exec(['sh', '-c', 'head -c 12000000 /dev/zero; touch /tmp/ran-to-its-end']);
    expect(reply.truncated).toBe(true);
    expect(Buffer.from(reply.stdoutBase64, 'base64').length).toBe(10 * 1024 * 1024);
    expect((await guest.exec(['test', '-e', '/tmp/ran-to-its-end'])).exitCode).toBe(0);
  });

  test('does not wait for a grandchild that keeps its output open, and does not kill it', async () => {
    const { stdout } = await guest.exec(['sh', '-c', '(while :; do echo noise; sleep 0.02; done) & echo $!']);
    const pid = stdout.split('\n').find((line) => /^\d+$/.test(line));
    const alive = await guest.exec(['sh', '-c', `sleep 0.2; kill -0 ${pid} && kill ${pid}`]);
    expect(alive.exitCode).toBe(0);
  });

  test('has its time, then its whole group is ended', async () => {
    const ran = await guest.exec(['sh', '-c', 'trap "" TERM; sh -c "trap \\"\\" TERM; sleep 4242"; sleep 4242'], {
      timeoutMs: 100,
    });
    expect(ran.reply).toMatchObject({ exitCode: 124, timedOut: true, signal: 'SIGKILL' });
    await until(async () => (await guest.exec(['pgrep', '-f', '^sleep 4242'])).exitCode === 1);
  });

  test('runs on its own when detached, its output in a file of its user', async () => {
    const argv = ['sh', '-c', 'echo out; echo err >&2; sleep 0.1; echo late'];
    const { text } = await guest.call('POST', '/exec', JSON.stringify({ argv, detach: true }));
    const { outputFile, pid }: ExecDetachedReply = JSON.parse(text);
    expect(pid).toBeGreaterThan(1);
    await until(async () => (await guest.exec(['cat', outputFile])).stdout === 'out\nerr\nlate\n');
    expect((await guest.exec(['stat', '-c', '%U', outputFile])).stdout).toBe('lohar\n');
  });

  test('cannot write its output where its user may not', async () => {
    const body = JSON.stringify({ argv: ['true'], detach: true, outputFile: '/etc/shadow' });
    const { status, text } = await guest.call('POST', '/exec', body);
    expect({ status, code: JSON.parse(text).code }).toEqual({ status: 400, code: 'INVALID_ARGUMENT' });
  });

  test('runs beside a hundred others', async () => {
    const ran = await Promise.all(
      Array.from({ length: 100 }, (_, at) => guest.exec(['sh', '-c', `sleep 0.1; echo ${at}`])),
    );
    expect(ran.map(({ stdout }) => stdout)).toEqual(Array.from({ length: 100 }, (_, at) => `${at}\n`));
  });

  test('leaves no descriptor behind in the agent', async () => {
    const count = async () => Number(await guest.root('ls /proc/$(pgrep -x lohar)/fd | wc -l'));
    await guest.exec(['true']);
    const before = await count();
    for (let at = 0; at < 30; at += 1) await guest.exec(['sh', '-c', 'echo x; cat'], { stdinBase64: 'eA==' });
    await until(async () => (await count()) <= before + 1, count);
  });
});
