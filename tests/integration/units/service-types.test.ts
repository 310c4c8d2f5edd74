import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test';
import { titled, whyNoSandboxes } from '../../support/capability.ts';
import { TestGuest } from '../../support/guest.ts';
import { until } from '../../support/until.ts';

const why = whyNoSandboxes();

describe.skipIf(why !== undefined)(titled('a service by its type', why), () => {
  let guest: TestGuest;
  beforeAll(async () => {
    guest = await TestGuest.start();
  });
  afterAll(() => guest[Symbol.asyncDispose]());
  beforeEach(() => guest.root('systemctl stop "t-*"; systemctl reset-failed; rm -f /tmp/go'));

  const systemctl = (...args: string[]) => guest.exec(['systemctl', ...args]);
  const journal = async (name: string) => (await guest.exec(['journalctl', '-u', name, '-o', 'cat'])).stdout;

  test('exec has not started until its program runs, and fails with it', async () => {
    await guest.unit('t-exec.service', '[Service]\nType=exec\nExecStart=/bin/sleep 1000\n');
    expect((await systemctl('start', 't-exec')).exitCode).toBe(0);
    expect(await guest.root(`cat /proc/${await guest.property('t-exec', 'MainPID')}/comm`)).toBe('sleep\n');
    await guest.unit('t-none.service', '[Service]\nType=exec\nExecStart=/bin/not-there\n');
    expect((await systemctl('start', 't-none')).exitCode).toBe(1);
    expect(await guest.property('t-none', 'ExecMainStatus')).toBe('203');
    for (const [program, state] of [
      ['/bin/true', 'inactive/dead'],
      ['/bin/false', 'failed/failed'],
    ]) {
      await guest.unit('t-quick.service', `[Service]\nType=exec\nExecStart=${program}\n`);
      expect((await systemctl('start', 't-quick')).exitCode).toBe(0);
      await until(async () => (await guest.state('t-quick')) === state);
    }
    await guest.unit('t-simple.service', '[Service]\nType=simple\nExecStart=/bin/not-there\n');
    expect((await systemctl('start', 't-simple')).exitCode).toBe(0);
  });

  test('idle waits with its program until the others have started', async () => {
    await guest.unit('t-idle.service', "[Service]\nType=idle\nExecStart=/bin/sh -c 'cat /tmp/go; sleep 1000'\n");
    await guest.unit(
      't-busy.service',
      "[Service]\nType=oneshot\nExecStart=/bin/sh -c 'sleep 0.3; echo they are all there >/tmp/go'\n",
    );
    await systemctl('start', 't-idle', 't-busy');
    await until(async () => (await journal('t-idle')).includes('they are all there'));
  });

  test('idle runs its program once, when lohar dies while it waits', async () => {
    await guest.unit('t-still.service', "[Service]\nType=idle\nExecStart=/bin/sh -c 'echo here; sleep 1000'\n");
    await guest.unit(
      't-late.service',
      "[Service]\nType=oneshot\nExecStart=/bin/sh -c 'until [ -e /tmp/go ]; do sleep 0.01; done'\n",
    );
    await systemctl('start', '--no-block', 't-late', 't-still');
    await until(async () => (await guest.state('t-still')) === 'active/running');
    await guest.killLohar();
    await guest.root('touch /tmp/go');
    await until(async () => (await journal('t-still')).includes('here\n'));
    expect((await journal('t-still')).match(/^here$/gm)).toEqual(['here']);
    expect(await guest.root(`cat /proc/${await guest.property('t-still', 'MainPID')}/comm`)).toBe('sh\n');
  });

  test('forking finds its daemon by itself where there is one', async () => {
    await guest.unit('t-fork.service', "[Service]\nType=forking\nExecStart=/bin/sh -c '/bin/sleep 8282 &'\n");
    await systemctl('start', 't-fork');
    expect(await guest.property('t-fork', 'MainPID')).toBe((await guest.root('pgrep -f "^/bin/sleep 8282"')).trim());
    await guest.unit(
      't-two.service',
      "[Service]\nType=forking\nExecStart=/bin/sh -c '/bin/sleep 8283 & /bin/sleep 8284 &'\n",
    );
    await systemctl('start', 't-two');
    expect([await guest.state('t-two'), await guest.property('t-two', 'MainPID')]).toEqual(['active/running', '0']);
    await guest.root('pkill -f "^/bin/sleep 828[34]"');
    await until(async () => (await guest.state('t-two')) === 'inactive/dead');
  });

  test('forking does not believe a PID file of somebody else’s that names a stranger', async () => {
    await guest.unit(
      't-liar.service',
      "[Service]\nType=forking\nUser=lohar\nPIDFile=/tmp/t-liar.pid\nTimeoutStartSec=1s\nExecStart=/bin/sh -c '/bin/sleep 8285 & pgrep -o s6-supervise >/tmp/t-liar.pid'\n",
    );
    expect((await systemctl('start', 't-liar')).exitCode).toBe(1);
    expect(await journal('t-liar')).toContain(
      'does not belong to service, and PID file is not owned by root. Refusing.',
    );
    expect(await guest.property('t-liar', 'Result')).toBe('timeout');
  });

  test('with ExitType=cgroup lives as long as any of its processes', async () => {
    await guest.unit(
      't-group.service',
      '[Service]\nExitType=cgroup\nExecStart=/bin/sh -c \'setsid /bin/sh -c "until [ -e /tmp/go ]; do sleep 0.01; done" & exit 0\'\n',
    );
    await systemctl('start', 't-group');
    await until(async () => (await guest.property('t-group', 'MainPID')) === '0');
    expect(await guest.state('t-group')).toBe('active/running');
    await guest.root('touch /tmp/go');
    await until(async () => (await guest.state('t-group')) === 'inactive/dead');
  });

  test('meets a step that takes too long as it says', async () => {
    const deaf = (mode: string) =>
      `[Service]\nType=oneshot\nTimeoutStartSec=100ms\nTimeoutStartFailureMode=${mode}\nWatchdogSignal=USR1\nExecStart=/bin/bash -c 'trap "echo asked; exit 0" TERM; trap "echo aborted; exit 0" USR1; while :; do sleep 0.01; done'\n`;
    for (const [mode, word, heard] of [
      ['terminate', 'Terminating', 'asked'],
      ['abort', 'Aborting', 'aborted'],
      ['kill', 'Killing', undefined],
    ] as const) {
      await guest.unit(`t-${mode}.service`, deaf(mode));
      await systemctl('start', `t-${mode}`);
      const text = await journal(`t-${mode}`);
      expect(text).toContain(`t-${mode}.service: start operation timed out. ${word}.`);
      expect([text.includes('asked'), text.includes('aborted')]).toEqual([heard === 'asked', heard === 'aborted']);
      expect(await guest.property(`t-${mode}`, 'Result')).toBe('timeout');
    }
  });

  test('is asked by another signal when it is to come back', async () => {
    await guest.unit(
      't-back.service',
      '[Service]\nRestartKillSignal=SIGUSR1\nExecStart=/bin/bash -c \'trap "echo for good; exit 0" TERM; trap "echo for a moment; exit 0" USR1; echo ready; while :; do sleep 0.01; done\'\n',
    );
    await systemctl('start', 't-back');
    await until(async () => (await journal('t-back')).includes('ready\n'));
    await systemctl('restart', 't-back');
    await until(async () => (await journal('t-back')).split('ready\n').length === 3);
    await systemctl('stop', 't-back');
    expect((await journal('t-back')).match(/^for .*$/gm)).toEqual(['for a moment', 'for good']);
  });

  test('runs what is beside its program as root with PermissionsStartOnly=', async () => {
    await guest.unit(
      't-root.service',
      '[Service]\nType=oneshot\nUser=lohar\nPermissionsStartOnly=yes\nExecStartPre=/usr/bin/id -un\nExecStart=/usr/bin/id -un\n',
    );
    await systemctl('start', 't-root');
    expect((await journal('t-root')).match(/^(root|lohar)$/gm)?.toSorted()).toEqual(['lohar', 'root']);
  });

  test('lives no longer than RuntimeMaxSec=, and lohar’s death does not lengthen it', async () => {
    await guest.unit('t-short.service', '[Service]\nRuntimeMaxSec=2s\nExecStart=/bin/sleep 1000\n');
    await systemctl('start', 't-short');
    await guest.killLohar();
    await until(async () => (await guest.state('t-short')) === 'failed/failed');
    expect(await guest.property('t-short', 'Result')).toBe('timeout');
  });
});
