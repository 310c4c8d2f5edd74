import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { titled, whyNoSandboxes } from '../../support/capability.ts';
import { TestGuest } from '../../support/guest.ts';
import { until } from '../../support/until.ts';

const why = whyNoSandboxes();

describe.skipIf(why !== undefined)(titled('units that depend on each other', why), () => {
  let guest: TestGuest;
  beforeAll(async () => {
    guest = await TestGuest.start();
  });
  afterAll(() => guest[Symbol.asyncDispose]());

  const systemctl = (...args: string[]) => guest.exec(['systemctl', ...args]);
  const states = async (...units: string[]) => (await systemctl('is-active', ...units)).stdout.trim().split('\n');
  /** A service that writes down when it starts and stops. */
  const noting = (name: string, unit: string, service = '') => `[Unit]
${unit}
[Service]
ExecStartPre=/bin/sh -c 'echo +${name} >>/tmp/order'
ExecStart=/bin/sleep 1000
ExecStopPost=/bin/sh -c 'echo -${name} >>/tmp/order'
${service}
`;
  const noted = async () => (await guest.root('cat /tmp/order 2>/dev/null || true')).trim().split('\n').join(' ');
  /** The same, and forgotten: legal while nothing starts or stops. */
  const order = async () => {
    await until(async () => (await systemctl('list-jobs')).stdout === 'No jobs running.\n');
    const text = await noted();
    await guest.root('rm -f /tmp/order');
    return text;
  };

  test('are refused when one that is required does not exist, and nothing is started', async () => {
    await guest.unit('wanting.service', noting('wanting', 'Wants=not-there.service'));
    await guest.unit('requiring.service', noting('requiring', 'Requires=not-there.service wanting.service'));
    expect(await systemctl('start', 'requiring')).toMatchObject({ exitCode: 5 });
    expect(await states('wanting', 'requiring')).toEqual(['inactive', 'inactive']);
    expect((await systemctl('start', 'wanting')).exitCode).toBe(0);
    await systemctl('stop', 'wanting');
    await order();
  });

  test('start together, each after those it is ordered after', async () => {
    await guest.unit(
      'base.service',
      noting('base', '', "ExecStartPost=/bin/sh -c 'sleep 0.2; echo =base >>/tmp/order'"),
    );
    await guest.unit('middle.service', noting('middle', 'Requires=base.service\nAfter=base.service'));
    await guest.unit('top.service', noting('top', 'Wants=middle.service\nAfter=middle.service'));
    expect((await systemctl('start', 'top')).exitCode).toBe(0);
    expect(await order()).toBe('+base =base +middle +top');
    expect(await states('base', 'middle', 'top')).toEqual(['active', 'active', 'active']);
  });

  test('are restarted through Requires= in order, and not through Wants=', async () => {
    await systemctl('restart', 'base');
    expect(await order()).toBe('-middle -base +base =base +middle');
    expect(await states('base', 'middle', 'top')).toEqual(['active', 'active', 'active']);
  });

  test('are restarted as well when the first one is started again by Restart=', async () => {
    await guest.unit('base.service', noting('base', '', 'Restart=on-failure\nRestartSec=10ms'));
    await systemctl('restart', 'base');
    await order();
    await guest.root(`kill -9 ${await guest.property('base', 'MainPID')}`);
    await until(async () => (await noted()).includes('+middle'), noted);
    expect(await order()).toBe('-base -middle +base +middle');
  });

  test('are stopped through Requires=', async () => {
    await systemctl('stop', 'base');
    expect(await states('base', 'middle', 'top')).toEqual(['inactive', 'inactive', 'active']);
    expect(await order()).toBe('-middle -base');
    await systemctl('stop', 'top');
    await order();
  });

  test('fail with the one that they require', async () => {
    await guest.unit('fails.service', '[Service]\nType=oneshot\nExecStart=/bin/sh -c "sleep 0.1; exit 1"\n');
    await guest.unit('needs.service', noting('needs', 'Requires=fails.service\nAfter=fails.service'));
    expect(await systemctl('start', 'needs')).toMatchObject({
      exitCode: 1,
      stderr: "A dependency job for needs.service failed. See 'journalctl -xe' for details.\n",
    });
    expect(await states('fails', 'needs')).toEqual(['failed', 'inactive']);
    expect(await order()).toBe('');
  });

  test('go with the one they are bound to, even when it goes by itself', async () => {
    await guest.unit('host.service', '[Service]\nExecStart=/bin/sleep 1000\n');
    await guest.unit(
      'bound.service',
      '[Unit]\nBindsTo=host.service\nAfter=host.service\n[Service]\nExecStart=/bin/sleep 1000\n',
    );
    await systemctl('start', 'bound');
    await guest.root(`kill ${await guest.property('host', 'MainPID')}`);
    await until(async () => (await states('bound'))[0] === 'inactive');
  });

  test('that conflict take turns', async () => {
    await guest.unit('left.service', '[Service]\nExecStart=/bin/sleep 1000\n');
    await guest.unit('right.service', '[Unit]\nConflicts=left.service\n[Service]\nExecStart=/bin/sleep 1000\n');
    await systemctl('start', 'left');
    await systemctl('start', 'right');
    expect(await states('left', 'right')).toEqual(['inactive', 'active']);
    await systemctl('start', 'left');
    expect(await states('left', 'right')).toEqual(['active', 'inactive']);
    await systemctl('stop', 'left');
  });

  test('that wait for each other are named, and one that nobody requires is left out', async () => {
    await guest.unit('ring-a.service', '[Unit]\nAfter=ring-b.service\n[Service]\nExecStart=/bin/sleep 1000\n');
    await guest.unit('ring-b.service', '[Unit]\nAfter=ring-a.service\n[Service]\nExecStart=/bin/sleep 1000\n');
    await guest.unit(
      'ring.service',
      '[Unit]\nRequires=ring-a.service\nWants=ring-b.service\n[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/true\n',
    );
    expect((await systemctl('start', 'ring')).exitCode).toBe(0);
    expect(await states('ring', 'ring-a', 'ring-b')).toEqual(['active', 'active', 'inactive']);
    expect((await guest.exec(['journalctl', '-u', 'ring', '-o', 'cat'])).stdout).toContain(
      'ring.service: Found ordering cycle on ',
    );
    await guest.unit(
      'hard.service',
      '[Unit]\nRequires=ring-a.service ring-b.service\n[Service]\nType=oneshot\nExecStart=/bin/true\n',
    );
    await systemctl('stop', 'ring-a');
    const { exitCode, stderr } = await systemctl('start', 'hard');
    expect(exitCode).toBe(1);
    expect(stderr).toContain('Transaction order is cyclic. See system logs for details.');
    expect((await guest.exec(['journalctl', '-u', 'hard', '-o', 'cat'])).stdout).toContain('Unable to break cycle');
  });

  test('do not hold each other up without an order', async () => {
    await guest.unit(
      'slow.service',
      '[Service]\nType=oneshot\nExecStart=/bin/sh -c "until [ -e /tmp/go-on ]; do sleep 0.02; done"\n',
    );
    await guest.unit('quick.service', '[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/true\n');
    const slow = systemctl('start', 'slow');
    await until(async () => (await guest.state('slow')) === 'activating/start');
    expect((await systemctl('start', 'quick')).exitCode).toBe(0);
    await guest.root('touch /tmp/go-on');
    expect((await slow).exitCode).toBe(0);
  });

  test('start those that are for a failure', async () => {
    await guest.unit('rescue.service', '[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/true\n');
    await guest.unit(
      'breaks.service',
      '[Unit]\nOnFailure=rescue.service\n[Service]\nType=oneshot\nExecStart=/bin/false\n',
    );
    await systemctl('start', 'breaks');
    await until(async () => (await states('rescue'))[0] === 'active');
  });

  test('are many, and all of them start', async () => {
    const script =
      'for i in $(seq 100); do printf "[Service]\\nExecStart=/bin/sleep 1000\\n" >/etc/systemd/system/many-$i.service; done';
    await guest.root(script);
    const names = Array.from({ length: 100 }, (_, at) => `many-${at + 1}`);
    expect((await systemctl('start', ...names)).exitCode).toBe(0);
    expect(new Set(await states(...names))).toEqual(new Set(['active']));
    expect((await systemctl('stop', 'many-*')).exitCode).toBe(0);
    expect(new Set(await states(...names))).toEqual(new Set(['inactive']));
  });
});
