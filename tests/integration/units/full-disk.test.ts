import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { titled, whyNoSandboxes } from '../../support/capability.ts';
import { TestGuest } from '../../support/guest.ts';
import { until } from '../../support/until.ts';

const why = whyNoSandboxes();

describe.skipIf(why !== undefined)(titled('a full disk', why), () => {
  let guest: TestGuest;
  beforeAll(async () => {
    guest = await TestGuest.start({ diskMib: 256 });
    await guest.unit(
      'talks.service',
      "[Service]\nExecStart=/bin/sh -c 'while :; do echo a line; sleep 0.01; done'\n[Install]\nWantedBy=multi-user.target\n",
    );
    await guest.unit(
      'new.service',
      "[Service]\nExecStart=/bin/sh -c 'while :; do echo another line; sleep 0.01; done'\n",
    );
    await guest.exec(['systemctl', 'enable', '--now', 'talks']);
    await guest.root(
      'for size in 64M 1M 4K; do n=0; while fallocate -l $size /var/fill-$size-$n 2>/dev/null; do n=$((n+1)); done; done; cat /dev/zero >/var/fill-rest 2>/dev/null || true',
    );
  });
  afterAll(() => guest[Symbol.asyncDispose]());

  test('stops no service and no agent', async () => {
    expect((await guest.exec(['sh', '-c', 'echo x >/home/lohar/x'])).exitCode).not.toBe(0);
    expect((await guest.exec(['systemctl', 'start', 'new'])).exitCode).toBe(0);
    expect((await guest.exec(['systemctl', 'restart', 'talks'])).exitCode).toBe(0);
    await guest.killLohar();
    expect((await guest.exec(['systemctl', 'is-active', 'talks', 'new'])).stdout).toBe('active\nactive\n');
  });

  test('hinders no start of the sandbox, and what is written after there is room says what was lost', async () => {
    expect((await guest.daemon.call('POST', `/sandboxes/${guest.id}/stop`)).status).toBe(200);
    expect((await guest.daemon.call('POST', `/sandboxes/${guest.id}/start`)).status).toBe(200);
    await until(async () => JSON.parse((await guest.call('GET', '/hello')).text).phase === 'ready');
    expect((await guest.exec(['hostname'])).stdout).toBe('box\n');
    expect((await guest.exec(['systemctl', 'is-active', 'talks'])).stdout).toBe('active\n');
    await guest.exec(['systemctl', 'start', 'new']);
    await guest.root('sleep 0.1; rm /var/fill-*');
    await until(async () =>
      (await guest.exec(['journalctl', '-u', 'new', '-o', 'cat'])).stdout.includes('another line'),
    );
    expect((await guest.exec(['journalctl', '-u', 'new', '-o', 'cat'])).stdout).toMatch(
      /\[\d+ bytes of output were lost: they could not be written\]/,
    );
  });

  test('of /run costs records, and not the service manager', async () => {
    await guest.root('cat /dev/zero >/run/fill 2>/dev/null || true');
    expect((await guest.exec(['systemctl', 'restart', 'talks'])).exitCode).toBe(0);
    expect((await guest.exec(['systemctl', 'stop', 'talks'])).exitCode).toBe(0);
    await guest.root('rm /run/fill');
    expect((await guest.exec(['systemctl', 'start', 'talks'])).exitCode).toBe(0);
  });
});
