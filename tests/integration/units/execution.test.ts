import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { titled, whyNoSandboxes } from '../../support/capability.ts';
import { TestGuest } from '../../support/guest.ts';

const why = whyNoSandboxes();

describe.skipIf(why !== undefined)(titled('the environment of a service', why), () => {
  let guest: TestGuest;
  beforeAll(async () => {
    guest = await TestGuest.start();
  });
  afterAll(() => guest[Symbol.asyncDispose]());

  let runs = 0;

  /** One command with these settings: what it wrote, and how it ended. */
  async function run(settings: string, command: string) {
    const unit = `run-${(runs += 1)}.service`;
    await guest.unit(unit, `[Service]\nType=oneshot\n${settings}\nExecStart=${command}\n`);
    await guest.exec(['systemctl', 'start', unit]);
    const output = (await guest.exec(['journalctl', '-u', unit, '-o', 'cat'])).stdout;
    const property = (name: string) => guest.property(unit, name);
    return {
      unit,
      output,
      result: await property('Result'),
      status: await property('ExecMainStatus'),
      ignored: await property('IgnoredDirectives'),
    };
  }

  async function shown(unit: string, names: readonly string[]): Promise<string[]> {
    const { stdout } = await guest.exec(['systemctl', 'show', '-p', names.join(','), unit]);
    return stdout.trim().split('\n').toSorted();
  }

  describe('has the limits of its file', () => {
    test('soft and hard, in every unit of measure', async () => {
      const { output } = await run(
        'LimitNOFILE=100:200\nLimitCPU=1min:2min\nLimitSTACK=1M:infinity\nLimitFSIZE=1.5G\nLimitRTTIME=20ms\nLimitCORE=0',
        `/bin/cat /proc/self/limits`,
      );
      expect(output).toMatch(/^Max open files\s+100\s+200\s/m);
      expect(output).toMatch(/^Max cpu time\s+60\s+120\s/m);
      expect(output).toMatch(/^Max stack size\s+1048576\s+unlimited\s/m);
      expect(output).toMatch(/^Max file size\s+1610612736\s+1610612736\s/m);
      expect(output).toMatch(/^Max realtime timeout\s+20000\s+20000\s/m);
    });

    test('also as another user, and no more than there is', async () => {
      const hard = (await guest.root('ulimit -Hn')).trim();
      const { output, result } = await run('User=lohar\nLimitNOFILE=1000000000', '/bin/sh -c "id -un; ulimit -n"');
      expect(output).toContain(`lohar\n${hard}\n`);
      expect(result).toBe('success');
    });

    test('and says them as systemd does', async () => {
      const { unit } = await run('LimitNOFILE=100:200\nLimitNICE=-5\nLimitAS=10G', '/bin/true');
      expect(await shown(unit, ['LimitNOFILE', 'LimitNOFILESoft', 'LimitNICE', 'LimitAS', 'LimitCPU'])).toEqual([
        'LimitAS=10737418240',
        'LimitCPU=infinity',
        'LimitNICE=25',
        'LimitNOFILE=200',
        'LimitNOFILESoft=100',
      ]);
    });
  });

  describe('is scheduled as its file says', () => {
    test('by niceness, class, policy, cores, slack and what it is worth when memory is out', async () => {
      const { output } = await run(
        'Nice=5\nIOSchedulingClass=idle\nCPUSchedulingPolicy=batch\nCPUAffinity=0\nTimerSlackNSec=1ms\nOOMScoreAdjust=500\nUMask=0027',
        `/bin/sh -c 'nice; ionice; chrt -p $$$$; taskset -cp $$$$; cat /proc/self/timerslack_ns /proc/self/oom_score_adj; umask'`,
      );
      expect(output).toContain('5\nidle\n');
      expect(output).toContain('SCHED_BATCH');
      expect(output).toContain('affinity list: 0\n1000000\n500\n0027\n');
    });

    test('goes as low as it may, where systemd would', async () => {
      const { output, result } = await run(
        'Nice=-5\nOOMScoreAdjust=-500',
        '/bin/sh -c "nice; cat /proc/self/oom_score_adj"',
      );
      expect({ output: output.includes('0\n0\n'), result }).toEqual({ output: true, result: 'success' });
    });

    test('fails at the step that is refused, with its name and status', async () => {
      const policy = await run('CPUSchedulingPolicy=fifo', '/bin/true');
      expect(policy).toMatchObject({ result: 'exit-code', status: '214' });
      expect(policy.output).toContain(`${policy.unit}: Failed to set up CPU scheduling: Operation not permitted\n`);
      expect(policy.output).toContain(`Failed at step SETSCHEDULER spawning /bin/true: Operation not permitted\n`);
      expect(policy.output).toContain('status=214/SETSCHEDULER');
      expect((await run('IOSchedulingClass=realtime', '/bin/true')).status).toBe('211');
      expect((await run('CPUAffinity=777', '/bin/true')).status).toBe('215');
    });
  });

  describe('has the privileges of its file', () => {
    test('none that are new, no capability outside of the set', async () => {
      const { output } = await run(
        'NoNewPrivileges=yes\nCapabilityBoundingSet=CAP_CHOWN CAP_KILL',
        '/bin/cat /proc/self/status',
      );
      expect(output).toMatch(/^NoNewPrivs:\s1$/m);
      expect(output).toMatch(/^CapEff:\s0+21$/m);
      expect(output).toMatch(/^CapBnd:\s0+21$/m);
    });

    test('as a user with a capability of root’s', async () => {
      const { output } = await run(
        'User=lohar\nGroup=tty\nSupplementaryGroups=adm\nAmbientCapabilities=CAP_NET_BIND_SERVICE\nCapabilityBoundingSet=~CAP_CHOWN\nSecureBits=noroot',
        '/bin/sh -c "id -un; id -gn; id -Gn; cat /proc/self/status"',
      );
      expect(output).toContain('lohar\ntty\n');
      expect(output).toContain(' adm');
      expect(output).toMatch(/^CapEff:\s0+400$/m);
      expect(output).toMatch(/^CapAmb:\s0+400$/m);
      expect(output).toMatch(/^CapBnd:\s[0-9a-f]+[02468ace]$/m);
    });

    test('without those that nobody has here, as systemd starts it in a container', async () => {
      const { output, result } = await run(
        'User=lohar\nAmbientCapabilities=CAP_NET_ADMIN',
        '/bin/cat /proc/self/status',
      );
      expect(output).toMatch(/^CapEff:\s0+$/m);
      expect(result).toBe('success');
    });

    test('and a shell between that leaves nothing of its own', async () => {
      const { output } = await run('User=man\nNice=1\nNoNewPrivileges=yes', '/usr/bin/env');
      const names = output.split('\n').flatMap((line) => /^([A-Z_]+)=/.exec(line)?.[1] ?? []);
      expect(names.toSorted()).toEqual(
        ['HOME', 'INVOCATION_ID', 'LANG', 'LOGNAME', 'PATH', 'SYSTEMD_EXEC_PID', 'USER'].toSorted(),
      );
      const { output: open } = await run('User=man', '/bin/ls /proc/self/fd');
      expect(open).toContain('0\n1\n2\n3\n');
      expect(open).not.toContain('\n4\n');
    });
  });

  describe('has a view of its own only where the sandbox lets it', () => {
    test('goes without what only protects, and says so', async () => {
      const { output, result, ignored } = await run(
        'PrivateTmp=yes\nProtectSystem=strict\nProtectHome=yes\nReadWritePaths=/var\nPrivateNetwork=yes\nProtectHostname=yes',
        '/bin/sh -c "readlink /proc/self/ns/mnt; touch /etc/written && echo written"',
      );
      expect(result).toBe('success');
      expect(output).toContain((await guest.root('readlink /proc/1/ns/mnt')).trim());
      expect(output).toContain(
        'PrivateNetwork=yes is configured, but network namespace setup failed, ignoring: Operation not permitted',
      );
      expect(output).toContain('ProtectHostname=yes is configured, but UTS namespace setup is prohibited');
      expect(ignored.split(' ').toSorted()).toEqual(
        ['PrivateNetwork', 'PrivateTmp', 'ProtectHome', 'ProtectHostname', 'ProtectSystem', 'ReadWritePaths'].map(
          (name) => `Service.${name}`,
        ),
      );
    });

    test.each([
      ['BindPaths=/etc:/mnt', '226', 'NAMESPACE'],
      ['TemporaryFileSystem=/opt', '226', 'NAMESPACE'],
      ['RootDirectory=/mnt', '226', 'NAMESPACE'],
    ])('fails where it would see other files than it expects: %s', async (setting, status, step) => {
      const failed = await run(setting, '/bin/true');
      expect(failed).toMatchObject({ result: 'exit-code', status });
      expect(failed.output).toContain(`Failed at step ${step} spawning /bin/true: Operation not`);
    });

    test('goes without a namespace of users, and says so', async () => {
      const went = await run('PrivateUsers=yes', '/bin/true');
      expect(went).toMatchObject({ result: 'success', status: '0', ignored: 'Service.PrivateUsers' });
    });

    test('has a root directory without file systems of the kernel', async () => {
      await guest.root(
        'mkdir -p /srv/jail && cp -a --parents /bin/busybox /srv/jail 2>/dev/null; ldd /bin/dash | grep -o "/[^ ]*" | xargs -I{} cp -L --parents {} /srv/jail; mkdir -p /srv/jail/bin; cp /bin/dash /srv/jail/bin/inside; chmod 755 /srv/jail',
      );
      const { output, result } = await run(
        'RootDirectory=/srv/jail\nMountAPIVFS=no\nUser=lohar',
        `/bin/inside -c 'echo /*; [ -w / ] || echo "not root"'`,
      );
      expect(result).toBe('success');
      expect(output).toContain('/bin');
      expect(output).toContain('not root');
      expect(output).not.toContain('/etc');
    });
  });

  describe('has a user of its own with DynamicUser=', () => {
    test('who is nobody else and finds his state again', async () => {
      const settings = 'DynamicUser=yes\nStateDirectory=dynamic-state';
      const first = await run(
        settings,
        `/bin/sh -c 'id -u; id -G; echo kept >$STATE_DIRECTORY/file; stat -c %%u $STATE_DIRECTORY'`,
      );
      const uid = Number(/^\d{5}$/m.exec(first.output)?.[0]);
      expect(uid >= 61_184 && uid <= 65_519).toBe(true);
      expect(first.output).toContain(`${uid}\n${uid}\n${uid}\n`);
      await guest.unit(
        first.unit,
        `[Service]\nType=oneshot\n${settings}\nExecStart=/bin/sh -c 'id -u; cat $STATE_DIRECTORY/file'\n`,
      );
      await guest.exec(['systemctl', 'start', first.unit]);
      expect((await guest.exec(['journalctl', '-u', first.unit, '-o', 'cat'])).stdout).toContain(`${uid}\nkept\n`);
      expect(await guest.root('ls /run/bhatti/dynamic-users')).toBe('');
    });
  });

  describe('has directories of its own', () => {
    test('with owner, mode and links, in its environment', async () => {
      const { output } = await run(
        'User=man\nRuntimeDirectory=own-run\nRuntimeDirectoryMode=0700\nStateDirectory=own-state/deep:own-link\nCacheDirectory=own-cache\nLogsDirectory=own-logs\nConfigurationDirectory=own-conf',
        `/bin/sh -c 'stat -c "%%n %%U %%a" /run/own-run /var/lib/own-state /var/lib/own-state/deep; readlink /var/lib/own-link; env'`,
      );
      expect(output).toContain(
        '/run/own-run man 700\n/var/lib/own-state root 755\n/var/lib/own-state/deep man 755\nown-state/deep\n',
      );
      expect(output).toContain('RUNTIME_DIRECTORY=/run/own-run\n');
      expect(output).toContain('STATE_DIRECTORY=/var/lib/own-state/deep\n');
      expect(output).toContain('CONFIGURATION_DIRECTORY=/etc/own-conf\n');
    });

    test('whose files become the new user’s, without following links', async () => {
      await guest.root(
        'mkdir -p /var/lib/handed/sub; touch /var/lib/handed/sub/file /etc/not-handed; ln -s /etc/not-handed /var/lib/handed/link',
      );
      const { output } = await run(
        'User=man\nStateDirectory=handed',
        '/bin/sh -c "stat -c %%U /var/lib/handed/sub/file /etc/not-handed"',
      );
      expect(output).toContain('man\nroot\n');
    });

    test('of which the one in /run goes with it, unless it is to stay', async () => {
      const settings = (preserve: string) =>
        `[Service]\nExecStart=/bin/sleep 1000\nRuntimeDirectory=of-run\nRuntimeDirectoryPreserve=${preserve}\n`;
      const there = async () => (await guest.exec(['test', '-e', '/run/of-run/file'])).exitCode === 0;
      await guest.unit('preserve.service', settings('no'));
      await guest.root('systemctl start preserve; touch /run/of-run/file; systemctl restart preserve');
      expect(await there()).toBe(false);
      await guest.unit('preserve.service', settings('restart'));
      await guest.root('touch /run/of-run/file; systemctl restart preserve');
      expect(await there()).toBe(true);
      await guest.root('systemctl stop preserve');
      expect(await there()).toBe(false);
      await guest.unit('preserve.service', settings('yes'));
      await guest.root('systemctl start preserve; touch /run/of-run/file; systemctl stop preserve');
      expect(await there()).toBe(true);
    });
  });

  describe('has input and output as its file says', () => {
    test('from data in the unit, from a file, from nothing', async () => {
      expect((await run('StandardInputText=hello %n\nStandardInputData=d29ybGQK', '/bin/cat')).output).toMatch(
        /^hello run-\d+.service\nworld$/m,
      );
      await guest.root('echo from a file >/etc/input');
      expect((await run('StandardInput=file:/etc/input', '/bin/cat')).output).toContain('from a file\n');
      expect((await run('StandardInput=file:/no/such', '/bin/cat')).status).toBe('208');
      expect((await run('StandardInput=tty', '/bin/cat')).status).toBe('208');
      expect((await run('StandardInput=null', '/bin/cat')).result).toBe('success');
    });

    test('into files, new, cut or grown, and into nothing', async () => {
      await guest.root('printf "0123456789\\n" | tee /tmp/over /tmp/cut /tmp/grown >/dev/null');
      await run(
        'StandardOutput=file:/tmp/over\nStandardError=truncate:/tmp/cut',
        '/bin/sh -c "echo out; echo err >&2"',
      );
      await run('StandardOutput=append:/tmp/grown\nStandardError=inherit', '/bin/sh -c "echo out; echo err >&2"');
      expect(await guest.root('cat /tmp/over')).toBe('out\n456789\n');
      expect(await guest.root('cat /tmp/cut')).toBe('err\n');
      expect(await guest.root('cat /tmp/grown')).toBe('0123456789\nout\nerr\n');
      const silent = await run('StandardOutput=null\nStandardError=null', '/bin/sh -c "echo unheard; exit 3"');
      expect(silent.output).not.toContain('unheard');
      expect((await run('StandardOutput=file:/no/such/file', '/bin/true')).status).toBe('209');
      const failing = await run('StandardError=null\nWorkingDirectory=/no/such', '/bin/true');
      expect(failing.output).toContain(
        'Changing to the requested working directory failed: No such file or directory\n',
      );
    });

    test('with a level, a name, and lines above the level left out', async () => {
      const { unit } = await run(
        `SyslogIdentifier=speaker\nSyslogLevel=notice\nLogLevelMax=notice`,
        `/bin/sh -c 'echo plain; echo "<3>bad"; echo "<7>chatter"'`,
      );
      const lines = (await guest.exec(['journalctl', '-u', unit, '-o', 'json'])).stdout.trim().split('\n');
      const spoken = lines.map((line) => JSON.parse(line)).filter((entry) => entry.SYSLOG_IDENTIFIER === 'speaker');
      expect(spoken.map(({ MESSAGE, PRIORITY }) => `${PRIORITY} ${MESSAGE}`)).toEqual(['5 plain', '3 bad']);
      const raw = await run('SyslogLevelPrefix=no', `/bin/echo '<3>as it is'`);
      expect(raw.output).toContain('<3>as it is\n');
    });

    test('and is not killed by a closed pipe unless it wants to be', async () => {
      const ask = `/bin/grep SigIgn /proc/self/status`;
      expect((await run('', ask)).output).toMatch(/^SigIgn:\s0+1000$/m);
      expect((await run('IgnoreSIGPIPE=no', ask)).output).toMatch(/^SigIgn:\s0+$/m);
    });
  });

  describe('has credentials', () => {
    test('that only its user can read, for as long as it runs', async () => {
      await guest.root(
        'printf secret >/etc/secret; mkdir -p /etc/many /etc/credstore; printf one >/etc/many/1; printf kept >/etc/credstore/stored',
      );
      const { output, unit } = await run(
        'User=lohar\nLoadCredential=file:/etc/secret\nLoadCredential=dir:/etc/many\nLoadCredential=stored\nSetCredential=text:a\\x20b\nSetCredential=file:unused\nEnvironment=WHERE=%d',
        `/bin/sh -c 'cd $CREDENTIALS_DIRECTORY; for f in *; do echo "$f $(cat $f) $(stat -c %%a $f)"; done; echo "$WHERE"'`,
      );
      expect(output).toContain('dir_1 one 400\nfile secret 400\nstored kept 400\ntext a b 400\n');
      expect(output).toContain(`/run/credentials/${unit}\n`);
      expect(await guest.root('ls /run/credentials')).toBe('');
    });

    test('or fails when one is missing', async () => {
      const { output, status } = await run('LoadCredential=x:/no/such', '/bin/true');
      expect(status).toBe('243');
      expect(output).toContain('Failed to set up credentials: No such file or directory\n');
    });
  });

  test('finds its program where it is told to look, and says so in PATH', async () => {
    await guest.root(
      `mkdir -p /opt/tools; printf '#!/bin/sh\\necho "found in $PATH"' >/opt/tools/tool; chmod 755 /opt/tools/tool`,
    );
    const { output } = await run('ExecSearchPath=/opt/none:/opt/tools\nExecSearchPath=/usr/bin', 'tool');
    expect(output).toContain('found in /opt/none:/opt/tools:/usr/bin\n');
  });

  test('is shown in systemd’s formats', async () => {
    const { unit } = await run(
      `NoNewPrivileges=yes\nCapabilityBoundingSet=CAP_CHOWN CAP_KILL\nPrivateTmp=yes\nProtectSystem=full\nOOMScoreAdjust=100\nCPUAffinity=0\nBindReadOnlyPaths=/usr\nMemoryHigh=50%\nLogLevelMax=notice\nSecureBits=noroot noroot-locked`,
      '/bin/true',
    );
    const names = [
      'NoNewPrivileges',
      'CapabilityBoundingSet',
      'PrivateTmp',
      'ProtectSystem',
      'OOMScoreAdjust',
      'CPUAffinity',
      'BindReadOnlyPaths',
      'MemoryHigh',
      'LogLevelMax',
      'SecureBits',
      'OOMPolicy',
    ];
    expect(await shown(unit, names)).toEqual(
      [
        'BindReadOnlyPaths=/usr:/usr:rbind',
        'CPUAffinity=0',
        'CapabilityBoundingSet=cap_chown cap_kill',
        'LogLevelMax=5',
        'MemoryHigh=536870912',
        'NoNewPrivileges=yes',
        'OOMPolicy=stop',
        'OOMScoreAdjust=100',
        'PrivateTmp=yes',
        'ProtectSystem=full',
        'SecureBits=3',
      ].toSorted(),
    );
  });
});
