import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { titled, whyNoSandboxes } from '../../support/capability.ts';
import { TestGuest } from '../../support/guest.ts';
import { until } from '../../support/until.ts';

const why = whyNoSandboxes();

describe.skipIf(why !== undefined)(titled('timers and paths', why), () => {
  let guest: TestGuest;
  beforeAll(async () => {
    guest = await TestGuest.start();
  });
  afterAll(() => guest[Symbol.asyncDispose]());

  const systemctl = (...args: string[]) => guest.exec(['systemctl', ...args], { user: 'root' });
  const journal = async (unit: string) => (await guest.exec(['journalctl', '-u', unit, '-o', 'cat'])).stdout;

  describe('a timer', () => {
    test('is refused without a time, and without a unit to start', async () => {
      await guest.unit('empty.timer', '[Timer]\nAccuracySec=1\nOnCalendar=when it suits\n');
      expect((await systemctl('start', 'empty.timer')).stderr).toContain('has a bad unit file setting');
      const text = await journal('empty.timer');
      expect(text).toContain('empty.timer:3: Failed to parse calendar specification, ignoring: when it suits');
      expect(text).toContain('Timer unit lacks value setting. Refusing.');
      await guest.unit('lone.timer', '[Timer]\nOnActiveSec=1\n');
      expect((await systemctl('start', 'lone.timer')).stderr).toBe('Job failed. See "journalctl -xe" for details.\n');
      expect(await journal('lone.timer')).toContain('Refusing to start, unit lone.service to trigger not loaded.');
    });

    test('starts its unit, again and again, and tells it so', async () => {
      await guest.unit('tick.timer', '[Timer]\nOnActiveSec=20ms\nOnUnitActiveSec=50ms\nAccuracySec=1us\n');
      await guest.unit(
        'tick.service',
        "[Unit]\nStartLimitIntervalSec=0\n[Service]\nType=oneshot\nExecStart=/bin/sh -c 'echo $$TRIGGER_UNIT >>/tmp/ticks'\n",
      );
      await systemctl('start', 'tick.timer');
      await until(async () => (await ticks()) > 3);
      expect(await guest.root('sort -u /tmp/ticks')).toBe('tick.timer\n');
      await guest.killLohar();
      const before = await ticks();
      await until(async () => (await ticks()) > before + 2);
      await systemctl('stop', 'tick.timer');
      await until(async () => (await guest.state('tick')) === 'inactive/dead');
      const after = await ticks();
      // A moment in which it would have fired: another one does.
      await fires('probe');
      expect(await ticks()).toBe(after);
      expect(await guest.state('tick.timer')).toBe('inactive/dead');
    });

    test('made by systemd-run goes with its unit when that has run', async () => {
      const run = ['systemd-run', '--on-active=1s', '--unit=soon', 'touch', '/tmp/ran-soon'];
      expect(await guest.exec(run, { user: 'root' })).toMatchObject({
        exitCode: 0,
        stderr: 'Running timer as unit: soon.timer\nWill run service as unit: soon.service\n',
      });
      expect(await guest.state('soon.timer')).toBe('active/waiting');
      expect((await systemctl('list-timers', 'soon*')).stdout).toMatch(/soon\.timer +soon\.service\n/);
      await guest.killLohar();
      await until(async () => (await guest.root('ls /tmp/ran-soon 2>/dev/null || true')) !== '');
      await until(async () => (await guest.root('ls /run/systemd/transient')) === '');
      expect(await guest.property('soon.timer', 'LoadState')).toBe('not-found');
      expect(await guest.property('soon.service', 'LoadState')).toBe('not-found');
      const wrong = ['systemd-run', '--on-calendar=when it suits', 'true'];
      expect((await guest.exec(wrong, { user: 'root' })).stderr).toBe(
        'Failed to parse OnCalendar= property: when it suits\n',
      );
      expect(await guest.root('ls /run/systemd/transient')).toBe('');
    });

    test('elapses once and stays, or goes', async () => {
      await guest.unit('once.timer', '[Timer]\nOnActiveSec=10ms\n');
      await guest.unit('once.service', '[Service]\nType=oneshot\nExecStart=/bin/true\n');
      await systemctl('start', 'once.timer');
      await until(async () => (await guest.state('once.timer')) === 'active/elapsed');
      expect((await systemctl('status', 'once.timer')).stdout).toContain(
        '    Trigger: n/a\n   Triggers: ● once.service\n',
      );
      await guest.unit('gone.timer', '[Timer]\nOnActiveSec=10ms\nRemainAfterElapse=no\nUnit=once.service\n');
      await systemctl('start', 'gone.timer');
      await until(async () => (await guest.state('gone.timer')) === 'inactive/dead');
      await systemctl('stop', 'once.timer');
    });

    test('is listed with its next time, by the calendar too', async () => {
      await guest.unit('yearly.timer', '[Timer]\nOnCalendar=2100-01-01 12:00 UTC\nOnUnitActiveSec=1y\n');
      await guest.unit('yearly.service', '[Service]\nType=oneshot\nExecStart=/bin/true\n');
      await systemctl('start', 'yearly.timer');
      const { stdout } = await systemctl('list-timers', 'yearly.timer');
      const [head, row, , footer, hint] = stdout.split('\n');
      expect(head).toMatch(/^NEXT +LEFT +LAST +PASSED UNIT +ACTIVATES$/);
      expect(row).toMatch(/^Fri 2100-01-01 12:00:00 UTC \d+ years .* left - +- +yearly\.timer yearly\.service$/);
      expect([footer, hint]).toEqual(['1 timers listed.', 'Pass --all to see loaded but inactive timers, too.']);
      expect(await guest.property('yearly.timer', 'NextElapseUSecRealtime')).toBe('Fri 2100-01-01 12:00:00 UTC');
      expect(await guest.property('yearly.timer', 'TimersCalendar')).toBe(
        '{ OnCalendar=2100-01-01 12:00:00 UTC ; next_elapse=Fri 2100-01-01 12:00:00 UTC }',
      );
      await systemctl('stop', 'yearly.timer');
      expect((await systemctl('list-timers', 'yearly.timer')).stdout).toContain('0 timers listed.');
      expect((await systemctl('list-timers', '--all', 'yearly.timer')).stdout).toContain('1 timers listed.');
    });

    test('that is persistent makes up for what was missed', async () => {
      await guest.unit('daily.timer', '[Timer]\nOnCalendar=daily\nPersistent=yes\n');
      await guest.unit('daily.service', "[Service]\nType=oneshot\nExecStart=/bin/sh -c 'echo caught up'\n");
      await systemctl('start', 'daily.timer');
      // The first time there is nothing to make up for.
      expect(await guest.state('daily.timer')).toBe('active/waiting');
      await systemctl('stop', 'daily.timer');
      await guest.root('touch -d "2 days ago" /var/lib/systemd/timers/stamp-daily.timer');
      await systemctl('start', 'daily.timer');
      await until(async () => (await journal('daily')).includes('caught up\n'));
      await until(async () => (await guest.state('daily.timer')) === 'active/waiting');
      const age = await guest.root('echo $(( $(date +%s) - $(stat -c %Y /var/lib/systemd/timers/stamp-daily.timer) ))');
      expect(Number(age)).toBeLessThan(3_600);
    });

    test('that was due while no lohar was there is made up for by the next', async () => {
      await guest.unit('due.timer', '[Timer]\nOnActiveSec=300ms\n');
      await guest.unit('due.service', "[Service]\nType=oneshot\nExecStart=/bin/sh -c 'echo was due'\n");
      await systemctl('start', 'due.timer');
      await guest.whileAway('sleep 0.4');
      await until(async () => (await journal('due')).includes('was due\n'));
    });
  });

  describe('a path', () => {
    test('starts its unit when a file comes, wherever on the way it was not', async () => {
      await guest.unit('come.path', '[Path]\nPathExists=/tmp/some/where/come\n');
      await guest.unit('come.service', '[Service]\nType=oneshot\nExecStart=/bin/rm -r /tmp/some\n');
      await systemctl('start', 'come.path');
      expect(await guest.state('come.path')).toBe('active/waiting');
      for (let round = 0; round < 2; round += 1) {
        await guest.root('mkdir /tmp/some; mkdir /tmp/some/where; : >/tmp/some/where/come');
        await until(async () => (await guest.root('ls /tmp/some 2>/dev/null || echo gone')) === 'gone\n');
        await until(async () => (await guest.state('come.path')) === 'active/waiting');
      }
      await guest.killLohar();
      await guest.root('mkdir -p /tmp/some/where; : >/tmp/some/where/come');
      await until(async () => (await guest.root('ls /tmp/some 2>/dev/null || echo gone')) === 'gone\n');
      await systemctl('stop', 'come.path');
      await guest.root('mkdir -p /tmp/some/where; : >/tmp/some/where/come');
      await fires('probe');
      expect(await guest.root('ls /tmp/some/where')).toBe('come\n');
    });

    test('tells a file that is written from one that has been', async () => {
      await guest.unit('closed.path', '[Path]\nPathChanged=/tmp/closed\n');
      await guest.unit(
        'closed.service',
        '[Service]\nType=oneshot\nExecStart=/bin/sh -c "echo $TRIGGER_PATH >>/tmp/seen"\n',
      );
      await guest.unit('written.path', '[Path]\nPathModified=/tmp/closed\n');
      await guest.unit('written.service', '[Service]\nType=oneshot\nExecStart=/bin/sh -c "echo written >>/tmp/seen"\n');
      await guest.root(': >/tmp/closed; : >/tmp/seen');
      await systemctl('start', 'closed.path', 'written.path');
      await guest.root('mkfifo /tmp/hold; setsid -f sh -c "exec 3>>/tmp/closed; echo x >&3; read line </tmp/hold"');
      await until(async () => (await guest.root('cat /tmp/seen')) === 'written\n');
      await until(async () => (await guest.state('written.path')) === 'active/waiting');
      await systemctl('stop', 'written.path');
      await guest.root('echo >/tmp/hold');
      await until(async () => (await guest.root('cat /tmp/seen')) === 'written\n/tmp/closed\n');
      // What changes while no lohar is there is seen by the next.
      await until(async () => (await guest.state('closed.path')) === 'active/waiting');
      await guest.whileAway('echo more >>/tmp/closed');
      await until(async () => (await guest.root('cat /tmp/seen')) === 'written\n/tmp/closed\n/tmp/closed\n');
    });

    test('watches directories and patterns, and makes what it watches', async () => {
      await guest.unit('spool.path', '[Path]\nDirectoryNotEmpty=/tmp/spool\nMakeDirectory=yes\nDirectoryMode=0700\n');
      await guest.unit('spool.service', '[Service]\nType=oneshot\nExecStart=/bin/sh -c "rm /tmp/spool/*"\n');
      await guest.unit('glob.path', '[Path]\nPathExistsGlob=/tmp/spool/.*.job\nUnit=glob-run.service\n');
      await guest.unit('glob-run.service', '[Service]\nType=oneshot\nExecStart=/bin/sh -c "rm /tmp/spool/.*.job"\n');
      await systemctl('start', 'spool.path', 'glob.path');
      expect(await guest.root('stat -c %a /tmp/spool')).toBe('700\n');
      await guest.root(': >/tmp/spool/mail');
      await until(async () => (await guest.root('ls /tmp/spool')) === '');
      await guest.root(': >/tmp/spool/.a.job');
      await until(async () => (await guest.root('ls -A /tmp/spool')) === '');
      // Hidden files do not make a directory full.
      await guest.root(': >/tmp/spool/.hidden');
      await fires('probe');
      expect(await guest.root('ls -A /tmp/spool')).toBe('.hidden\n');
    });

    test('fails with a unit that leaves things as they are', async () => {
      await guest.unit('loop.path', '[Path]\nPathExists=/etc/passwd\n');
      await guest.unit('loop.service', '[Service]\nType=oneshot\nExecStart=/bin/true\n');
      await systemctl('start', 'loop.path');
      await until(async () => (await guest.state('loop.path')) === 'failed/failed');
      expect(await guest.property('loop.path', 'Result')).toBe('unit-start-limit-hit');
    });
  });

  async function ticks(): Promise<number> {
    return (await guest.root('cat /tmp/ticks 2>/dev/null || true')).split('\n').length - 1;
  }

  /** Waits until a timer that was started after all that came before has fired. */
  async function fires(name: string): Promise<void> {
    await guest.unit(`${name}.timer`, '[Timer]\nOnActiveSec=100ms\n');
    await guest.unit(`${name}.service`, '[Service]\nType=oneshot\nExecStart=/bin/true\n');
    await systemctl('restart', `${name}.timer`);
    await until(async () => (await guest.state(`${name}.timer`)) === 'active/elapsed');
  }
});
