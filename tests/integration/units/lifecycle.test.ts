import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { titled, whyNoSandboxes } from '../../support/capability.ts';
import { TestGuest } from '../../support/guest.ts';
import { until } from '../../support/until.ts';

const why = whyNoSandboxes();

describe.skipIf(why !== undefined)(titled('a service', why), () => {
  let guest: TestGuest;
  beforeAll(async () => {
    guest = await TestGuest.start();
  });
  afterAll(() => guest[Symbol.asyncDispose]());

  const systemctl = (...args: string[]) => guest.exec(['systemctl', ...args]);
  const log = async (unit: string) => (await guest.exec(['journalctl', '-u', unit, '-o', 'cat'])).stdout;

  describe('that cannot start says why', () => {
    test('when there is none', async () => {
      expect(await systemctl('start', 'nope')).toMatchObject({
        exitCode: 5,
        stderr: 'Failed to start nope.service: Unit nope.service not found.\n',
      });
      expect(await systemctl('status', 'nope')).toMatchObject({
        exitCode: 4,
        stderr: 'Unit nope.service could not be found.\n',
      });
    });

    test('when it is masked', async () => {
      await guest.unit('masked.service', '[Service]\nExecStart=/bin/true\n');
      await guest.root('rm /etc/systemd/system/masked.service; systemctl mask masked');
      expect(await systemctl('start', 'masked')).toMatchObject({
        exitCode: 1,
        stderr: 'Failed to start masked.service: Unit masked.service is masked.\n',
      });
      expect((await systemctl('is-enabled', 'masked')).stdout).toBe('masked\n');
    });

    test('when its file has no command', async () => {
      await guest.unit('empty.service', '[Unit]\nDescription=Nothing\n[Service]\nType=simple\n');
      expect(await systemctl('start', 'empty')).toMatchObject({
        exitCode: 1,
        stderr:
          'Failed to start empty.service: Unit empty.service has a bad unit file setting.\n' +
          "See system logs and 'systemctl status empty.service' for details.\n",
      });
      expect(await log('empty')).toContain('Service has no ExecStart=');
    });

    test('when its program does not exist', async () => {
      await guest.unit('missing.service', '[Service]\nType=oneshot\nExecStart=/no/such/program\n');
      const { exitCode, stderr } = await systemctl('start', 'missing');
      expect(exitCode).toBe(1);
      expect(stderr).toStartWith(
        'Job for missing.service failed because the control process exited with error code.\n',
      );
      expect(await guest.property('missing', 'ExecMainStatus')).toBe('203');
      expect(await guest.state('missing')).toBe('failed/failed');
      expect((await systemctl('is-failed', 'missing')).exitCode).toBe(0);
    });

    test('when its user does not exist', async () => {
      await guest.unit('nouser.service', '[Service]\nType=oneshot\nUser=nobody-here\nExecStart=/bin/true\n');
      expect((await systemctl('start', 'nouser')).exitCode).toBe(1);
      expect(await guest.property('nouser', 'ExecMainStatus')).toBe('217');
    });

    test('when a file of its environment is missing', async () => {
      await guest.unit('noenv.service', '[Service]\nEnvironmentFile=/no/such\nExecStart=/bin/sleep 1000\n');
      expect((await systemctl('start', 'noenv')).stderr).toContain(
        'because of unavailable resources or another system error',
      );
      expect(await guest.property('noenv', 'Result')).toBe('resources');
    });

    test('to those who may not ask', async () => {
      await guest.unit('others.service', '[Service]\nExecStart=/bin/sleep 1000\n');
      const refused = await guest.exec(['systemctl', 'start', 'others'], { user: 'nobody' });
      expect(refused).toMatchObject({ exitCode: 4 });
      expect(refused.stderr).toStartWith('Failed to start others.service: Access denied\n');
      expect((await guest.exec(['systemctl', 'is-active', 'others'], { user: 'nobody' })).stdout).toBe('inactive\n');
      const direct = await guest.exec(
        [
          'curl',
          '-s',
          '--unix-socket',
          '/run/bhatti/systemctl.sock',
          '-d',
          '{"verb":"start","units":["others"]}',
          'http://x/units',
        ],
        { user: 'nobody' },
      );
      expect(direct.stdout).toContain('Access denied');
      expect(await guest.state('others')).toBe('inactive/dead');
    });
  });

  test('runs with the user, directory, environment and arguments that its file says', async () => {
    await guest.root('printf "FILE=\'from file\'\\nBOTH=file\\n" >/etc/test.env');
    await guest.unit(
      'settings@.service',
      `[Unit]
Description=Settings of %i
[Service]
Type=oneshot
RemainAfterExit=yes
User=lohar
WorkingDirectory=~
UMask=0027
Environment="SPACED=a b" BOTH=unit LIST="x 'y z'"
EnvironmentFile=/etc/test.env
EnvironmentFile=-/no/such/file
ExecStart=/bin/sh -c 'id -un; id -Gn; pwd; umask; echo "$$SPACED|$$FILE|$$BOTH|$$HOME|$$INVOCATION_ID"' \\
    # a comment inside
    ignored
ExecStart=/usr/bin/printf '[%%s]' %n %i "two words" \${SPACED} $LIST $UNSET a\${UNSET}b $$HOME
`,
    );
    expect((await systemctl('start', 'settings@one')).stderr).toBe('');
    const lines = (await log('settings@one')).split('\n');
    const at = lines.indexOf('lohar');
    expect(lines.slice(at, at + 4)).toEqual(['lohar', 'lohar sudo', '/home/lohar', '0027']);
    expect(lines[at + 4]).toMatch(/^a b\|from file\|file\|\/home\/lohar\|[0-9a-f]{32}$/);
    expect(lines[at + 5]).toBe('[settings@one.service][one][two words][a b][x][y z][ab][$HOME]');
    expect(await guest.state('settings@one')).toBe('active/exited');
    expect(await guest.property('settings@one', 'Description')).toBe('Settings of one');
  });

  test('goes through its commands in order, forgives those with a dash, and is active only after the last', async () => {
    await guest.unit(
      'steps.service',
      `[Service]
ExecStartPre=-/bin/false
ExecStartPre=/bin/echo pre
ExecStart=/bin/sh -c 'echo main; exec sleep 1000'
ExecStartPost=/bin/sh -c 'until [ -e /tmp/post-may-end ]; do sleep 0.02; done; echo post main=$$MAINPID'
ExecStop=/bin/echo stop
ExecStopPost=/bin/sh -c 'echo stop-post $$SERVICE_RESULT $$EXIT_CODE $$EXIT_STATUS'
`,
    );
    const starting = systemctl('start', 'steps');
    await until(async () => (await guest.state('steps')) === 'activating/start-post');
    const pid = await guest.property('steps', 'MainPID');
    await guest.root('touch /tmp/post-may-end');
    expect((await starting).exitCode).toBe(0);
    expect(await guest.state('steps')).toBe('active/running');
    await systemctl('stop', 'steps');
    expect(await guest.state('steps')).toBe('inactive/dead');
    const said = (await log('steps')).split('\n').filter((line) => /^(pre|main|post|stop)/.test(line));
    expect(said).toEqual(['pre', 'main', `post main=${pid}`, 'stop', 'stop-post success killed TERM']);
  });

  test('fails where a command before it fails, and its program never runs', async () => {
    await guest.unit('pre.service', '[Service]\nExecStartPre=/bin/sh -c "exit 9"\nExecStart=/bin/touch /tmp/never\n');
    expect((await systemctl('start', 'pre')).exitCode).toBe(1);
    expect((await guest.exec(['test', '-e', '/tmp/never'])).exitCode).toBe(1);
    expect(await log('pre')).toContain('pre.service: Control process exited, code=exited, status=9/n/a');
  });

  /** A unit that rests and that nobody names is forgotten, as under systemd, with its reasons and its counters: here somebody names it. */
  const keep = async (name: string) => {
    await guest.unit(`keeps-${name}.service`, `[Unit]\nAfter=${name}.service\n[Service]\nExecStart=/bin/sleep 1000\n`);
    await systemctl('start', `keeps-${name}`);
  };

  test('is skipped without failing while a condition does not hold', async () => {
    await guest.unit(
      'condition.service',
      '[Unit]\nConditionPathExists=!/etc/passwd\n[Service]\nExecStart=/bin/sleep 1000\n',
    );
    await keep('condition');
    expect((await systemctl('start', 'condition')).exitCode).toBe(0);
    expect(await guest.state('condition')).toBe('inactive/dead');
    const { stdout, exitCode } = await systemctl('status', 'condition');
    expect(exitCode).toBe(3);
    expect(stdout).toContain('└─ ConditionPathExists=!/etc/passwd was not met');
    expect(await log('condition')).toContain(
      'was skipped because of an unmet condition check (ConditionPathExists=!/etc/passwd).',
    );
  });

  describe('is stopped', () => {
    test('by SIGTERM, and then by SIGKILL to all of it', async () => {
      await guest.unit(
        'stubborn.service',
        `[Service]
TimeoutStopSec=300ms
ExecStart=/bin/sh -c 'trap "" TERM; (trap "" TERM; setsid sleep 8181) & sleep 8181'
`,
      );
      await systemctl('start', 'stubborn');
      await until(async () => (await guest.exec(['pgrep', '-fc', '^sleep 8181'])).stdout.trim() === '2');
      await systemctl('stop', 'stubborn');
      expect((await guest.exec(['pgrep', '-f', '^sleep 8181'])).exitCode).toBe(1);
      expect(await guest.state('stubborn')).toBe('failed/failed');
      expect(await guest.property('stubborn', 'Result')).toBe('timeout');
      expect((await systemctl('reset-failed', 'stubborn')).exitCode).toBe(0);
      expect(await guest.state('stubborn')).toBe('inactive/dead');
    });

    test('with the processes that ran away from its session', async () => {
      await guest.unit(
        'daemon.service',
        "[Service]\nExecStart=/bin/sh -c 'setsid -f setsid -f sleep 9191; exec sleep 9191'\n",
      );
      await systemctl('start', 'daemon');
      await until(async () => (await guest.exec(['pgrep', '-fc', '^sleep 9191'])).stdout.trim() === '2');
      await systemctl('stop', 'daemon');
      expect((await guest.exec(['pgrep', '-f', '^sleep 9191'])).exitCode).toBe(1);
      expect(
        await guest.root(
          'ls -d /sys/fs/cgroup/*/system.slice/daemon.service /sys/fs/cgroup/system.slice/daemon.service 2>/dev/null || true',
        ),
      ).toBe('');
    });

    test('alone with KillMode=process', async () => {
      await guest.unit(
        'alone.service',
        "[Service]\nKillMode=process\nExecStart=/bin/sh -c 'setsid -f sleep 9292; exec sleep 1000'\n",
      );
      await systemctl('start', 'alone');
      await until(async () => (await guest.exec(['pgrep', '-f', '^sleep 9292'])).exitCode === 0);
      await systemctl('stop', 'alone');
      expect(await guest.state('alone')).toBe('inactive/dead');
      expect((await guest.exec(['pgrep', '-f', '^sleep 9292'])).exitCode).toBe(0);
      await guest.root('pkill -f "^sleep 9292"');
    });

    test('by the signal that it asks for', async () => {
      await guest.unit(
        'signal.service',
        '[Service]\nKillSignal=SIGUSR1\nExecStart=/bin/sh -c \'trap "echo usr1; exit 0" USR1; echo listens; while :; do sleep 0.02; done\'\n',
      );
      await systemctl('start', 'signal');
      await until(async () => (await log('signal')).includes('listens'));
      await systemctl('stop', 'signal');
      expect(await log('signal')).toContain('usr1');
      expect(await guest.state('signal')).toBe('inactive/dead');
    });

    test('while it starts', async () => {
      await guest.unit('slow.service', '[Service]\nType=oneshot\nExecStart=/bin/sleep 1000\n');
      const starting = systemctl('start', 'slow');
      await until(async () => (await guest.state('slow')) === 'activating/start');
      expect((await systemctl('stop', 'slow')).exitCode).toBe(0);
      expect(await starting).toMatchObject({ exitCode: 1, stderr: 'Job for slow.service canceled.\n' });
      expect(await guest.state('slow')).toBe('failed/failed');
    });
  });

  describe('is started again', () => {
    test('after a failure, and counts it', async () => {
      await guest.unit('again.service', '[Service]\nRestart=on-failure\nRestartSec=10ms\nExecStart=/bin/sleep 1000\n');
      await systemctl('start', 'again');
      const pid = await guest.property('again', 'MainPID');
      await guest.root(`kill -9 ${pid}`);
      await until(
        async () =>
          (await guest.state('again')) === 'active/running' && (await guest.property('again', 'MainPID')) !== pid,
      );
      expect(await guest.property('again', 'NRestarts')).toBe('1');
      expect(await log('again')).toContain('Main process exited, code=killed, status=9/KILL');
    });

    test('but not after a clean end, nor after a stop', async () => {
      await guest.unit('clean.service', '[Service]\nRestart=on-failure\nRestartSec=10ms\nExecStart=/bin/sleep 1000\n');
      await systemctl('start', 'clean');
      await guest.root(`kill -TERM ${await guest.property('clean', 'MainPID')}`);
      await until(async () => (await guest.state('clean')) === 'inactive/dead');
      await guest.unit('always.service', '[Service]\nRestart=always\nRestartSec=10ms\nExecStart=/bin/sleep 1000\n');
      await systemctl('start', 'always');
      await systemctl('stop', 'always');
      expect(await guest.state('always')).toBe('inactive/dead');
    });

    test('a limited number of times', async () => {
      await guest.unit(
        'limit.service',
        '[Unit]\nStartLimitBurst=3\n[Service]\nRestart=always\nRestartSec=1ms\nExecStart=/bin/false\n',
      );
      await systemctl('start', 'limit');
      await until(async () => (await guest.state('limit')) === 'failed/failed');
      expect(await guest.property('limit', 'Result')).toBe('exit-code');
      expect(await log('limit')).toContain('Start request repeated too quickly.');
      expect((await systemctl('start', 'limit')).exitCode).toBe(1);
      await guest.unit('often.service', '[Unit]\nStartLimitBurst=2\n[Service]\nType=oneshot\nExecStart=/bin/true\n');
      await keep('often');
      for (let at = 0; at < 2; at += 1) expect((await systemctl('start', 'often')).exitCode).toBe(0);
      const { exitCode, stderr } = await systemctl('start', 'often');
      expect(exitCode).toBe(1);
      expect(stderr).toContain('start of the service was attempted too often');
      await systemctl('reset-failed', 'often');
      expect((await systemctl('start', 'often')).exitCode).toBe(0);
    });

    test('but not for an exit status that is excepted', async () => {
      await guest.unit(
        'prevent.service',
        "[Service]\nRestart=always\nRestartPreventExitStatus=7\nExecStart=/bin/sh -c 'exit 7'\n",
      );
      await systemctl('start', 'prevent');
      await until(async () => (await guest.state('prevent')) === 'failed/failed');
    });
  });

  describe('says when it is there', () => {
    test('with READY=1', async () => {
      await guest.root(
        'cat >/opt/notify.pl <<\'X\'\nuse Socket; socket(S,PF_UNIX,SOCK_DGRAM,0); sub say_ { send(S,$_[0],0,sockaddr_un($ENV{NOTIFY_SOCKET})) } say_("STATUS=warming up"); select(undef,undef,undef,0.02) until -e \'/tmp/notify-ready\'; say_("READY=1\\nSTATUS=all is well"); sleep 1000;\nX',
      );
      await guest.unit('notify.service', '[Service]\nType=notify\nExecStart=/usr/bin/perl /opt/notify.pl\n');
      const starting = systemctl('start', 'notify');
      await until(async () => (await guest.property('notify', 'StatusText')) === 'warming up');
      expect(await guest.state('notify')).toBe('activating/start');
      await guest.root('touch /tmp/notify-ready');
      expect((await starting).exitCode).toBe(0);
      expect((await systemctl('status', 'notify')).stdout).toContain('Status: "all is well"');
      await systemctl('stop', 'notify');
    });

    test('or fails when it ends or waits without saying', async () => {
      await guest.unit('mute.service', '[Service]\nType=notify\nExecStart=/bin/true\n');
      expect((await systemctl('start', 'mute')).stderr).toContain(
        'did not take the steps required by its unit configuration',
      );
      await guest.unit('late.service', '[Service]\nType=notify\nTimeoutStartSec=100ms\nExecStart=/bin/sleep 1000\n');
      expect((await systemctl('start', 'late')).stderr).toContain('because a timeout was exceeded');
      expect(await guest.property('late', 'Result')).toBe('timeout');
    });

    test('by leaving a daemon, with a PID file or without', async () => {
      await guest.unit(
        'forking.service',
        '[Service]\nType=forking\nPIDFile=/run/forking.pid\nExecStart=/bin/sh -c \'setsid -f sh -c "sleep 0.1; echo \\$\\$ >/run/forking.pid; exec sleep 1000"\'\n',
      );
      expect(await systemctl('start', 'forking')).toMatchObject({ exitCode: 0, stderr: '' });
      expect(await guest.property('forking', 'MainPID')).toBe((await guest.root('cat /run/forking.pid')).trim());
      await guest.unit(
        'guessed.service',
        "[Service]\nType=forking\nRestart=on-failure\nRestartSec=10ms\nExecStart=/bin/sh -c 'setsid -f sleep 1000'\n",
      );
      await systemctl('start', 'guessed');
      const pid = await guest.property('guessed', 'MainPID');
      expect((await guest.root(`cat /proc/${pid}/comm`)).trim()).toBe('sleep');
      await guest.root(`kill -9 ${pid}`);
      await until(
        async () =>
          (await guest.state('guessed')) === 'active/running' && (await guest.property('guessed', 'MainPID')) !== pid,
      );
    });
  });

  test('is reloaded by its own command', async () => {
    await guest.unit(
      'reload.service',
      '[Service]\nExecStart=/bin/sh -c \'trap "echo reloaded" HUP; while :; do sleep 0.02; done\'\nExecReload=/bin/kill -HUP $MAINPID\n',
    );
    expect(await systemctl('reload', 'reload')).toMatchObject({ exitCode: 1 });
    await systemctl('start', 'reload');
    const pid = await guest.property('reload', 'MainPID');
    expect((await systemctl('reload', 'reload')).exitCode).toBe(0);
    await until(async () => (await log('reload')).includes('reloaded'));
    expect(await guest.property('reload', 'MainPID')).toBe(pid);
  });

  test('takes changes of its file at once while it rests, and with a warning while it runs', async () => {
    await guest.unit('change.service', '[Service]\nExecStart=/bin/sleep 1001\n');
    await systemctl('start', 'change');
    await guest.root(
      'mkdir -p /etc/systemd/system/change.service.d && printf "[Service]\\nExecStart=\\nExecStart=/bin/sleep 1002\\n" >/etc/systemd/system/change.service.d/10-x.conf; printf "[Service]\\nExecStart=/bin/sleep 1003\\n" >/etc/systemd/system/change.service',
    );
    const { stderr } = await systemctl('restart', 'change');
    expect(stderr).toContain('changed on disk');
    expect(await guest.root(`cat /proc/${await guest.property('change', 'MainPID')}/cmdline`)).toContain('1001');
    await systemctl('daemon-reload');
    await systemctl('restart', 'change');
    expect(await guest.root(`cat /proc/${await guest.property('change', 'MainPID')}/cmdline`)).toContain('1002');
    expect((await systemctl('status', 'change')).stdout).toContain('└─10-x.conf');
    await systemctl('stop', 'change');
    await guest.root('rm -r /etc/systemd/system/change.service.d');
    expect((await systemctl('start', 'change')).stderr).toBe('');
    expect(await guest.root(`cat /proc/${await guest.property('change', 'MainPID')}/cmdline`)).toContain('1003');
  });

  test('has lines that are wrong and goes on without them', async () => {
    await guest.unit(
      'lines.service',
      '[Unit]\nnonsense\nDescription=Lines\n[Service]\nRestartSec=soon\nFrobnicate=yes\nPrivateTmp=yes\nExecStart=/bin/sleep 1000\n[Nowhere]\nA=b\n',
    );
    expect((await systemctl('start', 'lines')).exitCode).toBe(0);
    const said = await log('lines');
    expect(said).toContain("/etc/systemd/system/lines.service:2: Missing '=', ignoring line.");
    expect(said).toContain('/etc/systemd/system/lines.service:5: Failed to parse sec value, ignoring: soon');
    expect(said).toContain(
      "/etc/systemd/system/lines.service:6: Unknown key 'Frobnicate' in section [Service], ignoring.",
    );
    expect(said).toContain("Unknown section 'Nowhere'. Ignoring.");
    expect(await guest.property('lines', 'IgnoredDirectives')).toBe('Service.PrivateTmp');
  });
});
