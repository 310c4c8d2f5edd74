import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { titled, whyNoSandboxes } from '../../support/capability.ts';
import { TestGuest } from '../../support/guest.ts';
import { until } from '../../support/until.ts';

const why = whyNoSandboxes();

describe.skipIf(why !== undefined)(titled('a dependency', why), () => {
  let guest: TestGuest;
  beforeAll(async () => {
    guest = await TestGuest.start();
  });
  afterAll(() => guest[Symbol.asyncDispose]());
  beforeEach(() =>
    guest.root(
      'systemctl stop "d-*"; systemctl reset-failed; rm -f /etc/systemd/system/d-* /tmp/order /tmp/go; systemctl daemon-reload',
    ),
  );

  const systemctl = (...args: string[]) => guest.exec(['systemctl', ...args]);
  const states = async (...units: string[]) => (await systemctl('is-active', ...units)).stdout.trim().split('\n');
  const settled = () => until(async () => (await systemctl('list-jobs')).stdout === 'No jobs running.\n');
  /** A service that writes down when it starts, stops and reloads. */
  const noting = (name: string, unit = '', service = '') =>
    guest.unit(
      `d-${name}.service`,
      `[Unit]\n${unit}\n[Service]\nExecStartPre=/bin/sh -c 'echo +${name} >>/tmp/order'\nExecStart=/bin/sleep 1000\nExecReload=/bin/sh -c 'echo ~${name} >>/tmp/order'\nExecStopPost=/bin/sh -c 'echo -${name} >>/tmp/order'\n${service}\n`,
    );
  const order = async () => {
    await settled();
    const text = await guest.root('cat /tmp/order 2>/dev/null; rm -f /tmp/order');
    return text.trim().split('\n').join(' ');
  };
  const slow = (name: string, unit = '') =>
    guest.unit(
      `d-${name}.service`,
      `[Unit]\n${unit}\n[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/sh -c 'until [ -e /tmp/go ]; do sleep 0.01; done'\n`,
    );

  test('of the desktop restarts the session with the display', async () => {
    const names = ['kasmvnc-firstboot', 'kasmvnc', 'xfce-session'];
    for (const name of names) {
      const text = readFileSync(
        join(import.meta.dir, `../../../images/computer/files/etc/systemd/system/${name}.service`),
        'utf8',
      );
      const [unitSection = ''] = text.split('[Service]');
      await noting(name, unitSection.replace(/^\[Unit\]|^Condition.*$/gm, '').replace(/kasmvnc|xfce/g, 'd-$&'));
    }
    await systemctl('start', 'd-xfce-session');
    expect(await order()).toBe('+kasmvnc-firstboot +kasmvnc +xfce-session');
    await systemctl('restart', 'd-kasmvnc');
    expect(await order()).toBe('-xfce-session -kasmvnc +kasmvnc +xfce-session');
  });

  test('PartOf= goes with stop and restart, and not with start', async () => {
    await noting('whole');
    await noting('part', 'PartOf=d-whole.service\nAfter=d-whole.service');
    await systemctl('start', 'd-whole');
    expect(await order()).toBe('+whole');
    await systemctl('start', 'd-part');
    await systemctl('restart', 'd-whole');
    expect(await order()).toBe('+part -part -whole +whole +part');
    await systemctl('stop', 'd-whole');
    expect(await order()).toBe('-part -whole');
  });

  test('PropagatesStopTo= and StopPropagatedFrom= go with a stop', async () => {
    await noting('a', 'PropagatesStopTo=d-b.service');
    await noting('b');
    await noting('c', 'StopPropagatedFrom=d-a.service');
    await systemctl('start', 'd-a', 'd-b', 'd-c');
    await systemctl('stop', 'd-a');
    expect(await states('d-a', 'd-b', 'd-c')).toEqual(['inactive', 'inactive', 'inactive']);
  });

  test('PropagatesReloadTo= and ReloadPropagatedFrom= go with a reload of those that run', async () => {
    await noting('a', 'PropagatesReloadTo=d-b.service d-idle.service');
    await noting('b');
    await noting('idle');
    await noting('c', 'ReloadPropagatedFrom=d-a.service');
    await systemctl('start', 'd-a', 'd-b', 'd-c');
    await order();
    await systemctl('reload', 'd-a');
    expect((await order()).split(' ').toSorted().join(' ')).toBe('~a ~b ~c');
  });

  test('Requisite= fails at once where the other does not run, and starts nothing', async () => {
    await noting('base');
    await noting('top', 'Requisite=d-base.service\nAfter=d-base.service');
    const { exitCode, stderr } = await systemctl('start', 'd-top');
    expect(exitCode).toBe(1);
    expect(stderr).toContain('A dependency job for d-top.service failed.');
    expect(await states('d-base', 'd-top')).toEqual(['inactive', 'inactive']);
    await systemctl('start', 'd-base');
    expect((await systemctl('start', 'd-top')).exitCode).toBe(0);
  });

  test('BindsTo= with After= does not start beside one that was skipped', async () => {
    await noting('skipped', 'ConditionPathExists=/nowhere');
    await noting('bound', 'BindsTo=d-skipped.service\nAfter=d-skipped.service');
    expect((await systemctl('start', 'd-bound')).exitCode).toBe(1);
    expect(await states('d-bound')).toEqual(['inactive']);
    expect((await guest.exec(['journalctl', '-u', 'd-bound', '-o', 'cat'])).stdout).toContain(
      "Bound to unit d-skipped.service, but unit isn't active.",
    );
  });

  test('Conflicts= holds in both directions', async () => {
    await noting('left');
    await noting('right', 'Conflicts=d-left.service');
    for (const [start, stopped] of [
      ['left', 'right'],
      ['right', 'left'],
      ['left', 'right'],
    ]) {
      await systemctl('start', `d-${start}`);
      expect(await states(`d-${start}`, `d-${stopped}`)).toEqual(['active', 'inactive']);
    }
  });

  test('Upholds= starts again what goes, as long as it is up itself', async () => {
    await noting('held');
    await noting('holder', 'Upholds=d-held.service');
    await systemctl('start', 'd-holder');
    await until(async () => (await states('d-held'))[0] === 'active');
    for (const end of [() => systemctl('stop', 'd-held'), () => systemctl('kill', '-s', 'KILL', 'd-held')]) {
      const pid = await guest.property('d-held', 'MainPID');
      await end();
      await until(async () => !['0', pid].includes(await guest.property('d-held', 'MainPID')));
    }
    await systemctl('stop', 'd-holder');
    await systemctl('stop', 'd-held');
    await settled();
    expect(await states('d-held')).toEqual(['inactive']);
  });

  test('lets go of a unit with StopWhenUnneeded=', async () => {
    await noting('tool', 'StopWhenUnneeded=yes');
    await noting('user', 'Requires=d-tool.service\nAfter=d-tool.service');
    await noting('friend', 'Wants=d-tool.service');
    await systemctl('start', 'd-user', 'd-friend');
    await systemctl('stop', 'd-user');
    await settled();
    expect(await states('d-tool')).toEqual(['active']);
    await systemctl('stop', 'd-friend');
    await until(async () => (await states('d-tool'))[0] === 'inactive');
  });

  test('OnSuccess= and OnFailure= start what is for that end, OnFailure= only when it is not started again', async () => {
    await noting('good');
    await noting('bad');
    await guest.unit(
      'd-task.service',
      '[Unit]\nOnSuccess=d-good.service\nOnFailure=d-bad.service\n[Service]\nType=oneshot\nExecStart=/bin/sh -c "[ ! -e /tmp/go ]"\n',
    );
    await systemctl('start', 'd-task');
    await until(async () => (await states('d-good'))[0] === 'active');
    expect(await states('d-bad')).toEqual(['inactive']);
    await guest.root('touch /tmp/go');
    await systemctl('start', 'd-task');
    await until(async () => (await states('d-bad'))[0] === 'active');
    await systemctl('stop', 'd-bad');
    await guest.unit(
      'd-again.service',
      '[Unit]\nOnFailure=d-bad.service\n[Service]\nRestart=on-failure\nRestartSec=1h\nExecStart=/bin/false\n',
    );
    await systemctl('start', 'd-again');
    await until(async () => (await guest.state('d-again')) === 'activating/auto-restart');
    expect(await states('d-bad')).toEqual(['inactive']);
  });

  test('JobTimeoutSec= ends a job and leaves the unit alone', async () => {
    await slow('slow', 'JobTimeoutSec=200ms');
    const { exitCode, stderr } = await systemctl('start', 'd-slow');
    expect([exitCode, stderr]).toEqual([1, 'Job for d-slow.service timed out.\n']);
    expect(await guest.state('d-slow')).toBe('activating/start');
    await guest.root('touch /tmp/go');
    await until(async () => (await guest.state('d-slow')) === 'active/exited');
  });

  test('JobRunningTimeoutSec= does not count the time in which a job waits', async () => {
    await slow('first');
    await noting('second', 'After=d-first.service\nJobRunningTimeoutSec=1500ms');
    const first = systemctl('start', 'd-first');
    await until(async () => (await guest.state('d-first')) === 'activating/start');
    const second = systemctl('start', 'd-second');
    await until(async () => (await systemctl('list-jobs')).stdout.includes('d-second.service start waiting'));
    await guest.root('sleep 1.6; touch /tmp/go');
    expect([(await first).exitCode, (await second).exitCode]).toEqual([0, 0]);
  });

  test('is refused by hand where the unit says so, and followed otherwise', async () => {
    await noting('shy', 'RefuseManualStart=yes\nRefuseManualStop=yes');
    await noting('bold', 'Requires=d-shy.service');
    for (const verb of ['start', 'restart'])
      expect((await systemctl(verb, 'd-shy')).stderr).toContain(
        'Operation refused, unit d-shy.service may be requested by dependency only (it is configured to refuse manual start/stop).',
      );
    await systemctl('start', 'd-bold');
    expect(await states('d-shy')).toEqual(['active']);
    expect((await systemctl('stop', 'd-shy')).exitCode).not.toBe(0);
    await guest.unit('d-shy.service', '[Service]\nExecStart=/bin/sleep 1000\n');
  });

  test('gives way to a job mode', async () => {
    await slow('slow');
    await noting('needs', 'Requires=d-slow.service\nAfter=d-slow.service');
    const waiting = systemctl('start', 'd-needs');
    await until(async () => (await systemctl('list-jobs')).stdout.includes('d-needs.service start waiting'));
    expect((await systemctl('stop', '--job-mode=fail', 'd-needs')).stderr).toContain(
      "Transaction for d-needs.service/stop is destructive (d-needs.service has 'start' job queued, but 'stop' is included in transaction).",
    );
    expect((await systemctl('stop', 'd-needs')).exitCode).toBe(0);
    expect((await waiting).stderr).toBe('Job for d-needs.service canceled.\n');
    expect((await systemctl('start', '--job-mode=ignore-dependencies', 'd-needs')).exitCode).toBe(0);
    expect(await states('d-needs')).toEqual(['active']);
    expect((await systemctl('start', '--job-mode=sometimes', 'd-needs')).stderr).toContain(
      'Job mode sometimes invalid',
    );
    await guest.root('touch /tmp/go');
  });

  test('isolates a target from all that it does not need', async () => {
    await noting('kept');
    await noting('ignored', 'IgnoreOnIsolate=yes');
    await noting('other');
    await guest.unit('d-only.target', '[Unit]\nAllowIsolate=yes\nRequires=d-kept.service multi-user.target\n');
    await guest.unit('d-no.target', '[Unit]\nRequires=d-kept.service\n');
    await systemctl('start', 'd-other', 'd-ignored');
    expect((await systemctl('start', '--job-mode=isolate', 'd-no.target')).stderr).toContain(
      'Operation refused, unit may not be isolated.',
    );
    await systemctl('start', '--job-mode=isolate', 'd-only.target');
    await settled();
    expect(await states('d-kept', 'd-ignored', 'd-other', 'multi-user.target')).toEqual([
      'active',
      'active',
      'inactive',
      'active',
    ]);
    await systemctl('stop', 'd-only.target');
  });

  test('in a chain of a hundred is followed to its end', async () => {
    await guest.root(
      'for i in $(seq 100); do printf "[Unit]\\nRequires=d-link-$((i-1)).service\\nAfter=d-link-$((i-1)).service\\n[Service]\\nExecStart=/bin/sleep 1000\\n" >/etc/systemd/system/d-link-$i.service; done; printf "[Service]\\nExecStart=/bin/sleep 1000\\n" >/etc/systemd/system/d-link-0.service',
    );
    expect((await systemctl('start', 'd-link-100')).exitCode).toBe(0);
    expect(new Set(await states(...Array.from({ length: 101 }, (_, at) => `d-link-${at}`)))).toEqual(
      new Set(['active']),
    );
    expect((await systemctl('stop', 'd-link-0')).exitCode).toBe(0);
    expect(await states('d-link-100')).toEqual(['inactive']);
  });

  test('forgets a failure with CollectMode=inactive-or-failed', async () => {
    await guest.unit(
      'd-gone.service',
      '[Unit]\nCollectMode=inactive-or-failed\n[Service]\nType=oneshot\nExecStart=/bin/false\n',
    );
    await systemctl('start', 'd-gone');
    await until(async () => (await guest.state('d-gone')) === 'inactive/dead');
  });
});
