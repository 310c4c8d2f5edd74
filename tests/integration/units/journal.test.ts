import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { channelStdout } from '@bhatti/wire/agent/exec.ts';
import { titled, whyNoSandboxes } from '../../support/capability.ts';
import { TestGuest } from '../../support/guest.ts';
import { until } from '../../support/until.ts';

const why = whyNoSandboxes();

describe.skipIf(why !== undefined)(titled('journalctl', why), () => {
  let guest: TestGuest;
  beforeAll(async () => {
    guest = await TestGuest.start();
    await guest.unit(
      'one.service',
      '[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStartPre=/bin/echo before\nExecStart=/bin/sh -c \'echo first; echo "<3>urgent"; printf "no end"\'\n',
    );
    await guest.unit(
      'two.service',
      '[Service]\nType=oneshot\nRemainAfterExit=yes\nSyslogIdentifier=second\nExecStart=/bin/echo from two\n',
    );
    await guest.exec(['systemctl', 'start', 'one']);
    await guest.exec(['systemctl', 'start', 'two']);
  });
  afterAll(() => guest[Symbol.asyncDispose]());

  const journalctl = async (...args: string[]) => (await guest.exec(['journalctl', ...args])).stdout;

  test('refuses what it does not know', async () => {
    expect(await guest.exec(['journalctl', '--since', 'whenever'])).toMatchObject({
      exitCode: 1,
      stderr: 'Failed to parse timestamp: whenever\n',
    });
    expect(await guest.exec(['journalctl', '-n', 'many'])).toMatchObject({ exitCode: 1 });
    expect(await guest.exec(['journalctl', '-o', 'sideways'])).toMatchObject({ exitCode: 1 });
    expect(await guest.exec(['journalctl', '-g', '('])).toMatchObject({ exitCode: 1 });
    expect(await journalctl('-u', 'nope')).toBe('-- No entries --\n');
  });

  test('prints what a unit wrote and what was said about it, in order, with time and speaker', async () => {
    const lines = (await journalctl('-u', 'one')).trimEnd().split('\n');
    expect(
      lines.map((line) => line.replace(/^[A-Z][a-z]{2} \d\d \d\d:\d\d:\d\d box /, '').replace(/\[\d+\]/, '')),
    ).toEqual([
      'lohar: Starting one.service...',
      'echo: before',
      'sh: first',
      'sh: urgent',
      'sh: no end',
      'lohar: Finished one.service.',
    ]);
    expect(await journalctl('-u', 'two')).toMatch(/ box second\[\d+\]: from two\n/);
  });

  test('joins units by time, takes the last, turns them round', async () => {
    const both = (await journalctl('-u', 'one', '-u', 'two', '-o', 'cat')).split('\n');
    expect(both.indexOf('from two')).toBeGreaterThan(both.indexOf('first'));
    expect(await journalctl('-u', 'one', '-n', '2', '-o', 'cat')).toBe('no end\nFinished one.service.\n');
    expect(await journalctl('-u', 'one', '-n2', '-r', '-o', 'cat')).toBe('Finished one.service.\nno end\n');
    expect(await journalctl('-u', 'one', '-n', '0', '-o', 'cat')).toBe('-- No entries --\n');
    expect(await journalctl('--no-pager', '-xeu', 'two', '-o', 'cat')).toContain('from two\n');
    expect(await journalctl('-o', 'cat')).toContain('from two\n');
  });

  test('selects by priority, words and time', async () => {
    expect(await journalctl('-u', 'one', '-p', 'err', '-o', 'cat')).toBe('urgent\n');
    expect(await journalctl('-u', 'one', '-g', 'FIRST', '-o', 'cat')).toBe('-- No entries --\n');
    expect(await journalctl('-u', 'one', '-g', 'first', '-o', 'cat')).toBe('first\n');
    expect(await journalctl('-u', 'one', '--since', '1h ago', '--until', 'now', '-o', 'cat')).toContain('first\n');
    expect(await journalctl('-u', 'one', '--since', 'tomorrow')).toBe('-- No entries --\n');
    expect(await journalctl('-u', 'one', '-b', '-n', '1', '-o', 'cat')).toBe('Finished one.service.\n');
  });

  test('prints JSON', async () => {
    const entries = (await journalctl('-u', 'one', '-o', 'json'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(entries[3]).toMatchObject({
      MESSAGE: 'urgent',
      PRIORITY: '3',
      SYSLOG_IDENTIFIER: 'sh',
      _SYSTEMD_UNIT: 'one.service',
    });
  });

  test('follows', async () => {
    await guest.unit(
      'ticks.service',
      "[Service]\nExecStart=/bin/sh -c 'echo start; until [ -e /tmp/tick ]; do sleep 0.01; done; echo tick; sleep 1000'\n",
    );
    await guest.exec(['systemctl', 'start', 'ticks']);
    const stream = await guest.stream({ argv: ['journalctl', '-f', '-u', 'ticks', '-o', 'cat'] });
    await until(() => stream.output(channelStdout).includes('start\n'));
    await guest.root('touch /tmp/tick');
    await until(() => stream.output(channelStdout).includes('tick\n'));
    await guest.exec(['systemctl', 'stop', 'ticks']);
    await until(() => stream.output(channelStdout).includes('Stopped ticks.service.\n'));
    stream.close();
    await until(async () => (await guest.exec(['pgrep', '-x', 'journalctl'])).exitCode === 1);
  });

  test('ends when whoever reads has had enough', async () => {
    expect((await guest.exec(['sh', '-c', 'journalctl -f -o cat | head -n 1'])).exitCode).toBe(0);
  });

  test('keeps a flood within bounds, and the agent answers meanwhile', async () => {
    await guest.unit(
      'flood.service',
      '[Service]\nExecStart=/usr/bin/yes a line of some length that is said very often\n',
    );
    await guest.exec(['systemctl', 'start', 'flood']);
    const size = async () => Number((await guest.root('du -sm /var/log/bhatti/flood.service')).split('\t')[0]);
    await until(async () => (await guest.root('ls /var/log/bhatti/flood.service')).includes('main.3.log'));
    for (let at = 0; at < 20; at += 1) expect((await guest.exec(['true'])).exitCode).toBe(0);
    expect(await size()).toBeLessThan(80);
    expect((await journalctl('-u', 'flood', '-n', '1000', '-o', 'cat')).trimEnd().split('\n').length).toBe(1_000);
    await guest.exec(['systemctl', 'stop', 'flood']);
  });

  test('cuts what never ends its line', async () => {
    await guest.unit(
      'endless.service',
      '[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/sh -c \'head -c 200000 /dev/zero | tr "\\\\0" x; echo; echo after\'\n',
    );
    await guest.exec(['systemctl', 'start', 'endless']);
    const lines = (await journalctl('-u', 'endless', '-o', 'cat')).split('\n').filter((line) => /^x+$/.test(line));
    expect(lines.join('').length).toBe(200_000);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(48 * 1024);
    expect(await journalctl('-u', 'endless', '-n', '2', '-o', 'cat')).toBe('after\nFinished endless.service.\n');
  });

  test('may be read by everyone and written by nobody', async () => {
    expect((await guest.exec(['journalctl', '-u', 'two', '-o', 'cat'], { user: 'nobody' })).stdout).toContain(
      'from two\n',
    );
    expect((await guest.exec(['sh', '-c', 'echo x >>/var/log/bhatti/two.service/main.log'])).exitCode).not.toBe(0);
  });
});
