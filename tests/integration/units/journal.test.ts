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
    const refusals: [string[], string][] = [
      [['-n', 'many'], "Failed to add match 'many': Invalid argument"],
      [['--lines=many'], "Failed to parse lines 'many'"],
      [['-o', 'sideways'], "Unknown output format 'sideways'."],
      [['-p', 'loud'], 'Unknown log level loud'],
      [['-p', 'err..loud'], 'Failed to parse log level range err..loud'],
      [['-f', '-r'], 'Please specify either --reverse= or --follow=, not both.'],
      [['-S', 'tomorrow', '-U', 'yesterday'], '--since= must be before --until=.'],
      [['--cursor=x'], 'Failed to seek to cursor: Invalid argument'],
      [['-u', 'nope*'], 'Failed to add filter for units: No data available'],
      [['-b', '-5'], 'Data from the specified boot (-5) is not available: No such boot ID in journal'],
      [['--boot=x'], "Failed to parse boot descriptor 'x'"],
      [['+'], '"+" can only be used between terms'],
      [['--nope'], "journalctl: unrecognized option '--nope'"],
      [['--o', 'cat'], "journalctl: option '--o' is ambiguous; possibilities: '--output' '--output-fields'"],
      [['-Z'], "journalctl: invalid option -- 'Z'"],
      [['-u'], "journalctl: option requires an argument -- 'u'"],
      [['/nope'], "Couldn't canonicalize path: No such file or directory"],
    ];
    for (const [args, message] of refusals)
      expect(await guest.exec(['journalctl', ...args])).toMatchObject({
        exitCode: 1,
        stdout: '',
        stderr: `${message}\n`,
      });
    expect((await guest.exec(['journalctl', '-g', '('])).stderr).toStartWith('Bad pattern "(": ');
    expect(await journalctl('-u', 'nope')).toBe('-- No entries --\n');
    expect(await journalctl('-k')).toBe('-- No entries --\n');
    expect(await journalctl('-u', 'nope', '-q')).toBe('');
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
    expect(await journalctl('-u', 'one', '-n', '0')).toBe('-- No entries --\n');
    expect(await journalctl('-u', 'one', '-n', '0', '-o', 'cat')).toBe('');
    expect(await journalctl('-u', 'on?', '-u', 't*.service', '-o', 'cat')).toContain('from two\n');
    expect(await journalctl('--no-pager', '-xeu', 'two', '-o', 'cat')).toContain('from two\n');
    expect(await journalctl('-o', 'cat')).toContain('from two\n');
  });

  test('selects by priority, words and time', async () => {
    expect(await journalctl('-u', 'one', '-p', 'err', '-o', 'cat')).toBe('urgent\n');
    expect(await journalctl('-u', 'one', '-p', 'info..debug', '-t', 'sh', '-o', 'cat')).toBe('first\nno end\n');
    expect(await guest.exec(['journalctl', '-u', 'one', '-g', 'FIRST'])).toMatchObject({
      exitCode: 1,
      stdout: '-- No entries --\n',
    });
    expect(await journalctl('-u', 'one', '-g', 'FIRST', '--case-sensitive=no', '-o', 'cat')).toBe('first\n');
    expect(await journalctl('-u', 'one', '-g', 'fi[[:alpha:]]st', '-o', 'cat')).toBe('first\n');
    // As journalctl has it: with -n, the newest one comes first.
    expect(await journalctl('-u', 'one', '-g', 'e', '-n', '2', '-o', 'cat')).toBe('Finished one.service.\nno end\n');
    expect(await journalctl('-u', 'one', '--since', '1h ago', '--until', 'now', '-o', 'cat')).toContain('first\n');
    expect(await journalctl('-u', 'one', '--since', 'tomorrow')).toBe('-- No entries --\n');
    expect(await journalctl('-u', 'one', '-b', '-n', '1', '-o', 'cat')).toBe('Finished one.service.\n');
  });

  test('selects by fields', async () => {
    expect(await journalctl('_SYSTEMD_UNIT=one.service', 'PRIORITY=3', '-o', 'cat')).toBe('urgent\n');
    const words = ['SYSLOG_IDENTIFIER=second', '+', '_SYSTEMD_UNIT=one.service', 'PRIORITY=3', 'PRIORITY=2'];
    expect(await journalctl(...words, '-o', 'cat')).toBe('urgent\nfrom two\n');
    const invocation = await guest.property('two', 'InvocationID');
    expect(await journalctl(`_SYSTEMD_INVOCATION_ID=${invocation}`, '-o', 'cat')).toBe('from two\n');
    expect(await journalctl('NOPE=1')).toBe('-- No entries --\n');
    expect((await journalctl('-F', '_SYSTEMD_UNIT')).split('\n')).toContain('one.service');
    expect((await journalctl('-N')).split('\n')).toContain('_SYSTEMD_INVOCATION_ID');
  });

  test('goes on from a cursor', async () => {
    const all = (await journalctl('-u', 'one', '-o', 'cat')).trimEnd().split('\n');
    const first = await journalctl('-u', 'one', '-n', '3', '-r', '--show-cursor', '-o', 'cat');
    const cursor = /^-- cursor: (.*)$/m.exec(first)?.[1] ?? '';
    const shown = (...args: string[]) => journalctl('-u', 'one', '-o', 'cat', ...args);
    expect(await shown(`--cursor=${cursor}`)).toBe(`${all.slice(-3).join('\n')}\n`);
    expect(await shown(`--after-cursor=${cursor}`)).toBe(`${all.slice(-2).join('\n')}\n`);
    expect(await shown('--cursor-file=/tmp/cursor')).toBe(`${all.join('\n')}\n`);
    expect(await shown('--cursor-file=/tmp/cursor')).toBe('');
  });

  test('prints times and speakers in every form', async () => {
    const last = (output: string, ...more: string[]) => journalctl('-u', 'two', '-g', 'from', '-o', output, ...more);
    const forms: [string, RegExp][] = [
      ['short', /^[A-Z][a-z]{2} \d\d \d\d:\d\d:\d\d box second\[\d+\]: from two\n$/],
      ['short-full', /^[A-Z][a-z]{2} \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC box second\[\d+\]: from two\n$/],
      ['short-iso', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0000 box second\[\d+\]: from two\n$/],
      ['short-iso-precise', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+0000 box second\[\d+\]: from two\n$/],
      ['short-precise', /^[A-Z][a-z]{2} \d\d \d\d:\d\d:\d\d\.\d{6} box second\[\d+\]: from two\n$/],
      ['short-monotonic', /^\[ *\d+\.\d{6}\] box second\[\d+\]: from two\n$/],
      ['short-unix', /^\d{10}\.\d{6} box second\[\d+\]: from two\n$/],
      ['with-unit', /^[A-Z][a-z]{2} \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC box two\.service\[\d+\]: from two\n$/],
      ['verbose', /^[A-Z][a-z]{2} [-\d]+ [:.\d]+ UTC \[s=.*\]\n( {4}[A-Z_]+=.*\n)+ {4}MESSAGE=from two\n$/],
      ['export', /^__CURSOR=.*\n([A-Z_]+=.*\n)+MESSAGE=from two\n\n$/],
      ['cat', /^from two\n$/],
    ];
    for (const [output, form] of forms) expect(await last(output)).toMatch(form);
    expect(await last('short', '--no-hostname')).toMatch(/^[A-Z][a-z]{2} \d\d [:\d]+ second\[\d+\]: from two\n$/);
    expect(await last('cat', '--output-fields=PRIORITY,MESSAGE')).toBe('6\nfrom two\n');
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
    expect(await guest.exec(['journalctl', '--rotate'], { user: 'nobody' })).toMatchObject({
      exitCode: 1,
      stderr: 'Failed to rotate the journal: Access denied\n',
    });
    expect(await guest.exec(['journalctl', '--rotate', '--vacuum-size=1'], { user: 'nobody' })).toMatchObject({
      exitCode: 1,
    });
  });

  test('is rotated and vacuumed on request', async () => {
    await guest.unit('old.service', '[Service]\nType=oneshot\nExecStart=/bin/echo old words\n');
    await guest.exec(['systemctl', 'start', 'old']);
    expect((await guest.exec(['journalctl', '--rotate'], { user: 'root' })).exitCode).toBe(0);
    await guest.exec(['systemctl', 'start', 'old']);
    expect((await journalctl('-u', 'old', '-o', 'cat', '-t', 'echo')).trimEnd().split('\n').length).toBe(2);
    const vacuumed = await guest.exec(['journalctl', '--vacuum-files=1'], { user: 'root' });
    expect(vacuumed.stderr).toMatch(/^Deleted archived journal \/var\/log\/bhatti\/old\.service\/main\.1\.log/m);
    expect(vacuumed.stderr).toMatch(
      /Vacuuming done, freed [\d.]+[KM] of archived journals from \/var\/log\/bhatti\.\n$/,
    );
    expect((await journalctl('-u', 'old', '-o', 'cat', '-t', 'echo')).trimEnd().split('\n').length).toBe(1);
    expect(await journalctl('--disk-usage')).toMatch(
      /^Archived and active journals take up [\d.]+[BKMG] in the file system\.\n$/,
    );
  });

  test('is read without lohar', async () => {
    const socket = '/run/bhatti/systemctl.sock';
    const script = `mv ${socket} ${socket}.away; journalctl -u old -t echo -o cat; mv ${socket}.away ${socket}`;
    expect(await guest.root(script)).toBe('old words\n');
  });

  test('keeps boots apart', async () => {
    await guest.unit(
      'each.service',
      '[Service]\nType=oneshot\nExecStart=/bin/sh -c \'printf "in boot %%s" $$(cat /run/bhatti/boot-id)\'\n',
    );
    const boots = [await restarted(), await restarted()];
    const [before = '', now = ''] = boots;
    expect(await journalctl('-b', '-u', 'each', '-t', 'sh', '-o', 'cat')).toBe(`in boot ${now}\n`);
    expect(await journalctl('-b', '-1', '-u', 'each', '-t', 'sh', '-o', 'cat')).toBe(`in boot ${before}\n`);
    expect(await journalctl(`_BOOT_ID=${before}`, '-t', 'sh', '-o', 'cat')).toBe(`in boot ${before}\n`);
    expect(await journalctl('-u', 'each', '-t', 'sh', '-n', '2')).toMatch(
      new RegExp(`sh\\[\\d+\\]: in boot ${before}\n-- Boot ${now} --\n.* sh\\[\\d+\\]: in boot ${now}\n$`),
    );
    const listed = (await journalctl('--list-boots')).trimEnd().split('\n');
    expect(listed.slice(-2).map((line) => line.trim().split(' ').slice(0, 2))).toEqual([
      ['-1', before],
      ['0', now],
    ]);
  });

  /** Stops and starts the sandbox, starts a unit, and answers the id of the boot. */
  async function restarted(): Promise<string> {
    await guest.daemon.call('POST', `/sandboxes/${guest.id}/stop`);
    await guest.daemon.call('POST', `/sandboxes/${guest.id}/start`);
    await until(async () => JSON.parse((await guest.call('GET', '/hello')).text).phase === 'ready');
    await guest.exec(['systemctl', 'start', 'each']);
    return (await guest.root('cat /run/bhatti/boot-id')).trim();
  }
});
