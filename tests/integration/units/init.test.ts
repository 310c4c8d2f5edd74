import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { titled, whyNoSandboxes } from '../../support/capability.ts';
import { TestGuest } from '../../support/guest.ts';
import { until } from '../../support/until.ts';

const why = whyNoSandboxes();

describe.skipIf(why !== undefined)(titled('a sandbox from its first process on', why), () => {
  let guest: TestGuest;
  beforeAll(async () => {
    guest = await TestGuest.start({ env: { SECRET: 'x y' } });
  });
  afterAll(() => guest[Symbol.asyncDispose]());

  test('has a small program as PID 1 that reaps', async () => {
    expect(await guest.root('cat /proc/1/comm')).toBe('s6-svscan\n');
    await guest.exec(['sh', '-c', 'for i in 1 2 3 4 5; do setsid -f true; done']);
    await until(async () => (await guest.root('grep -l "^State:.Z" /proc/[0-9]*/status 2>/dev/null || true')) === '');
  });

  test('knows its name, its hosts and its resolver, and has an identity of its own', async () => {
    expect((await guest.exec(['hostname'])).stdout).toBe('box\n');
    expect((await guest.exec(['cat', '/etc/hostname'])).stdout).toBe('box\n');
    const hosts = (await guest.exec(['cat', '/etc/hosts'])).stdout;
    expect(hosts).toContain('127.0.0.1\tlocalhost\n');
    expect(hosts).toMatch(/^10\.\d+\.\d+\.\d+\tbox$/m);
    expect((await guest.exec(['cat', '/etc/resolv.conf'])).stdout).toMatch(/^nameserver 10\./);
    expect((await guest.exec(['cat', '/etc/machine-id'])).stdout).toMatch(/^[0-9a-f]{32}\n$/);
    expect((await guest.exec(['getent', 'hosts', 'box'])).exitCode).toBe(0);
  });

  test('hands its agent socket to nobody but lohar', async () => {
    const socket = await guest.root('readlink /proc/$(pgrep -x lohar)/fd/3');
    expect(socket).toStartWith('socket:[');
    await guest.unit('fds.service', "[Service]\nType=oneshot\nExecStart=/bin/sh -c 'ls -l /proc/self/fd'\n");
    await guest.exec(['systemctl', 'start', 'fds']);
    const seen =
      (await guest.exec(['journalctl', '-u', 'fds', '-o', 'cat'])).stdout +
      (await guest.exec(['ls', '-l', '/proc/self/fd'])).stdout;
    expect(seen).toContain(' 2 -> ');
    expect(seen).not.toContain(socket.trim());
    expect(
      await guest.root(
        'stat -c "%a %U:%G" /run/bhatti/agent.sock /run/bhatti/systemctl.sock /run/bhatti/systemctl-admin.sock',
      ),
    ).toBe('600 root:root\n666 root:root\n660 root:sudo\n');
  });

  test('starts lohar again and again', async () => {
    for (let at = 0; at < 5; at += 1) await guest.killLohar();
    expect((await guest.exec(['true'])).exitCode).toBe(0);
  });

  test('brings its enabled units up at each start, and stops them in order', async () => {
    const unit = (name: string, after: string) => `[Unit]
After=${after}
[Service]
ExecStart=/bin/sh -c 'echo +${name} >>/var/order; trap "sleep 0.1; echo -${name} >>/var/order; exit 0" TERM; while :; do sleep 0.02; done'
[Install]
WantedBy=multi-user.target
`;
    await guest.unit('first.service', unit('first', 'network.target'));
    await guest.unit('second.service', unit('second', 'first.service'));
    await guest.exec(['systemctl', 'enable', '--now', 'first', 'second']);
    await until(async () => (await guest.root('sort /var/order')) === '+first\n+second\n');
    await guest.root('rm /var/order; journalctl -u first -o cat >/dev/null');
    const bootId = async () => JSON.parse((await guest.call('GET', '/hello')).text).bootId;
    const before = await bootId();

    expect((await guest.daemon.call('POST', `/sandboxes/${guest.id}/stop`)).status).toBe(200);
    expect((await guest.daemon.call('POST', `/sandboxes/${guest.id}/start`)).status).toBe(200);
    await until(async () => JSON.parse((await guest.call('GET', '/hello')).text).phase === 'ready');
    expect(await bootId()).not.toBe(before);
    await until(
      async () => (await guest.root('grep -c . /var/order || true')).trim() === '4',
      () => guest.root('cat /var/order'),
    );
    const order = (await guest.root('cat /var/order')).split('\n');
    expect(order.slice(0, 2)).toEqual(['-second', '-first']);
    expect(order.slice(2, 4).toSorted()).toEqual(['+first', '+second']);
    expect((await guest.exec(['sh', '-c', 'printf %s "$SECRET"'])).stdout).toBe('x y');
    expect((await guest.exec(['systemctl', 'is-system-running'])).stdout).toBe('running\n');
  });

  test('tells its journal of one boot from that of the others', async () => {
    const all = (await guest.exec(['journalctl', '-u', 'first', '-o', 'cat'])).stdout;
    const one = (await guest.exec(['journalctl', '-b', '-u', 'first', '-o', 'cat'])).stdout;
    expect(all.match(/^Started first\.service\.$/gm)?.length).toBe(2);
    expect(one.match(/^Started first\.service\.$/gm)?.length).toBe(1);
  });
});
