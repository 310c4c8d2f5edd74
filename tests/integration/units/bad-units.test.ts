import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { titled, whyNoSandboxes } from '../../support/capability.ts';
import { TestGuest } from '../../support/guest.ts';
import { until } from '../../support/until.ts';

const why = whyNoSandboxes();
const mostKib = 400_000; // resident at its worst, 120 MB of them pages of the executable

describe.skipIf(why !== undefined)(titled('lohar', why), () => {
  let guest: TestGuest;
  let lohar = '';
  beforeAll(async () => {
    guest = await TestGuest.start();
    lohar = (await guest.root('pgrep -x lohar')).trim();
  });
  afterAll(() => guest[Symbol.asyncDispose]());

  const start = (unit: string) => guest.exec(['systemctl', 'start', unit]);
  const log = async (unit: string) => (await guest.exec(['journalctl', '-u', unit, '-o', 'cat'])).stdout;

  /** It is the same process, and has not grown. */
  async function expectAlive(): Promise<void> {
    expect((await guest.root('pgrep -x lohar')).trim()).toBe(lohar);
    const status = await guest.root(`cat /proc/${lohar}/status`);
    expect(Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1])).toBeLessThan(mostKib);
  }

  describe('reads a unit file of 10 MB', () => {
    test('of many lines, and starts it', async () => {
      await guest.root(
        `{ printf '[Unit]\\nDescription=Big\\n[Service]\\nType=oneshot\\nExecStart=/bin/echo $V7\\n'; seq 220000 | sed 's/.*/Environment=V7=aaaaaaaaaaaaaaaaaaaaaaaaaaaaa&/'; } >/etc/systemd/system/lines.service; systemctl daemon-reload`,
      );
      expect(Number(await guest.root('stat -c %s /etc/systemd/system/lines.service'))).toBeGreaterThan(10_000_000);
      expect((await start('lines')).stderr).toBe('');
      expect(await log('lines')).toContain('aaa220000\n');
      await expectAlive();
    });

    test('of one line, which it refuses in systemd’s words', async () => {
      await guest.root(
        `{ printf '[Service]\\nExecStart=/bin/true\\nEnvironment=A='; head -c 10000000 /dev/zero | tr '\\0' x; echo; } >/etc/systemd/system/line.service; systemctl daemon-reload`,
      );
      const { exitCode, stderr } = await start('line');
      expect(exitCode).toBe(1);
      expect(stderr).toStartWith(
        'Failed to start line.service: Unit line.service failed to load properly, please adjust/correct and reload service manager: No buffer space available\n',
      );
      expect(await guest.property('line', 'LoadState')).toBe('error');
      await expectAlive();
    });

    test('of lines that only go on, and of backslashes', async () => {
      await guest.root(
        `{ printf '[Service]\\nExecStart=/bin/true \\\\\\n'; seq 1000000 | sed 's/.*/arg& \\\\/'; } >/etc/systemd/system/goes-on.service; { printf '[Service]\\nExecStart=/bin/true '; head -c 1000000 /dev/zero | tr '\\0' '\\\\'; echo x; } >/etc/systemd/system/slashes.service; systemctl daemon-reload`,
      );
      expect((await start('goes-on')).stderr).toContain('No buffer space available');
      await start('slashes');
      await expectAlive();
    });

    test('of nothing but mistakes, and warns about some of them', async () => {
      await guest.root(
        `{ printf '[Service]\\nType=oneshot\\nExecStart=/bin/true\\n'; seq 400000 | sed 's/.*/this is no assignment &/'; } >/etc/systemd/system/mistakes.service; systemctl daemon-reload`,
      );
      expect((await start('mistakes')).exitCode).toBe(0);
      const lines = (await log('mistakes')).split('\n');
      expect(lines).toContain("/etc/systemd/system/mistakes.service:4: Missing '=', ignoring line.");
      expect(lines).toContain('mistakes.service: 399900 more lines are wrong.');
      expect(lines.length).toBeLessThan(500);
      await expectAlive();
    });

    test('of random bytes, which it refuses', async () => {
      await guest.root(
        `{ printf '[Service]\\nExecStart=/bin/true\\n'; head -c 10000000 /dev/urandom; } >/etc/systemd/system/noise.service; systemctl daemon-reload`,
      );
      const { exitCode, stderr } = await start('noise');
      expect({ exitCode, isSaid: stderr.includes('failed to load properly') }).toEqual({ exitCode: 1, isSaid: true });
      await expectAlive();
    });
  });

  test('warns about a line that is wrong with its file and number, and goes on without it', async () => {
    await guest.unit(
      'wrong.service',
      '[Service]\nType=oneshot\nnonsense\nRestartSec=soon\nLimitNOFILE=many\nTasksMax=0\nEnvironment=A=1 2B=x C=3\nExecStart=/bin/sh -c "echo $A$C"\n',
    );
    expect((await start('wrong')).exitCode).toBe(0);
    const lines = (await log('wrong')).split('\n');
    const file = '/etc/systemd/system/wrong.service';
    for (const expected of [
      `${file}:3: Missing '=', ignoring line.`,
      `${file}:4: Failed to parse sec value, ignoring: soon`,
      `${file}:5: Failed to parse resource value, ignoring: many`,
      `${file}:6: Maximum tasks value '0' out of range, ignoring.`,
      `${file}:7: Invalid environment assignment, ignoring: 2B=x`,
      '13',
    ])
      expect(lines).toContain(expected);
  });

  test('has no unit of a name with slashes, control characters, or one that is too long', async () => {
    for (const name of [
      '../../etc/passwd',
      'a/b.service',
      'a\nb.service',
      '\x1b[2Jx.service',
      'a b',
      `${'n'.repeat(300)}.service`,
    ]) {
      expect((await guest.exec(['systemctl', 'is-active', '--', name])).stdout).not.toContain('active\nactive');
      await guest.exec(['systemctl', 'enable', '--', name]);
    }
    expect((await guest.exec(['systemctl', 'start', '--', 'a/b.service'])).exitCode).not.toBe(0);
    expect(await guest.root('find /etc/systemd /run/bhatti/units -name "*passwd*" -o -name "*[[:cntrl:] ]*"')).toBe('');
    await expectAlive();
  });

  test('fails a unit whose user, group, directory or program is not there, each at its step', async () => {
    const cases = [
      ['User=nobody-here', '217', 'Failed to determine user credentials: No such process', 'USER'],
      ['User=4242', '217', 'Failed to determine user credentials: No such process', 'USER'],
      ['Group=nobody-here', '216', 'Failed to determine group credentials: No such process', 'GROUP'],
      [
        'WorkingDirectory=/no/such',
        '200',
        'Changing to the requested working directory failed: No such file or directory',
        'CHDIR',
      ],
      [
        'ExecStart=\nExecStart=/no/such',
        '203',
        'Failed to locate executable /no/such: No such file or directory',
        'EXEC',
      ],
      [
        'ExecStart=\nExecStart=/etc/passwd',
        '203',
        'Failed to locate executable /etc/passwd: Permission denied',
        'EXEC',
      ],
      [
        'ExecStart=\nExecStart=no-such',
        '203',
        'Failed to locate executable no-such: No such file or directory',
        'EXEC',
      ],
    ] as const;
    for (const [at, [setting, status, message, step]] of cases.entries()) {
      const unit = `step-${at}.service`;
      await guest.unit(unit, `[Service]\nType=oneshot\nExecStart=/bin/true\n${setting}\n`);
      expect((await start(unit)).exitCode).toBe(1);
      expect(await guest.property(unit, 'ExecMainStatus')).toBe(status);
      const said = await log(unit);
      expect(said).toContain(`${unit}: ${message}\n`);
      expect(said).toContain(`${unit}: Failed at step ${step} spawning `);
      expect(said).toContain(`status=${status}/${step}`);
    }
  });

  test('keeps up with a unit that writes without a line’s end for as long as it likes', async () => {
    await guest.unit(
      'flood.service',
      `[Service]\nType=oneshot\nExecStart=/bin/sh -c 'head -c 500M /dev/zero | tr "\\\\0" x; echo; echo it came to its end'\n`,
    );
    expect((await start('flood')).stderr).toBe('');
    const { stdout } = await guest.exec(['journalctl', '-u', 'flood', '-o', 'cat', '-n', '4']);
    expect(stdout).toContain('it came to its end\n');
    expect(Number(await guest.root('du -sk /var/log/bhatti/flood.service | cut -f1'))).toBeLessThan(100_000);
    await expectAlive();
  });

  test('is there for the others while a unit floods', async () => {
    await guest.unit('torrent.service', `[Service]\nExecStart=/bin/sh -c 'cat /dev/zero'\n`);
    await guest.root('systemctl start torrent');
    await guest.unit('beside.service', '[Service]\nType=oneshot\nExecStart=/bin/echo heard\n');
    expect((await start('beside')).exitCode).toBe(0);
    expect(await log('beside')).toContain('heard\n');
    await guest.root('systemctl stop torrent');
    await until(async () => (await guest.state('torrent')) !== 'deactivating/stop-sigterm');
    expect(await guest.state('torrent')).toBe('inactive/dead');
    await expectAlive();
  });
});
