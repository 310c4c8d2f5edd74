import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { titled, whyNoSandboxes } from '../../support/capability.ts';
import { TestGuest } from '../../support/guest.ts';
import { until } from '../../support/until.ts';

const why = whyNoSandboxes();

// What is expected is what systemd 252 answered to the same commands.
describe.skipIf(why !== undefined)(titled("systemctl's verbs", why), () => {
  let guest: TestGuest;
  beforeAll(async () => {
    guest = await TestGuest.start();
    const sleeping = '[Service]\nExecStart=/bin/sleep 1000\n';
    await guest.unit(
      'web.service',
      `[Unit]\nDescription=A web server\n${sleeping}[Install]\nWantedBy=multi-user.target\n`,
    );
    await guest.unit('tool.service', sleeping);
    await guest.unit('slow.service', `${sleeping}ExecStartPre=/bin/sleep 1000\n`);
    await guest.unit('tpl@.service', `${sleeping}[Install]\nWantedBy=multi-user.target\n`);
    await guest.unit('broken.service', '[Service]\nType=oneshot\nExecStart=/bin/false\n');
    await guest.unit(
      'dirs.service',
      `${sleeping}StateDirectory=of-dirs\nCacheDirectory=of-dirs\nRuntimeDirectory=of-dirs\n`,
    );
    await guest.root(
      `mkdir -p /usr/lib/systemd/system && printf '[Unit]\\nDescription=Vendor\\n[Service]\\nExecStart=/bin/sleep 1000\\n' >/usr/lib/systemd/system/vendor.service`,
    );
  });
  afterAll(() => guest[Symbol.asyncDispose]());

  const systemctl = (...args: string[]) => guest.exec(['systemctl', ...args]);
  const answers = async (args: string, expected: { exitCode?: number; stdout?: string; stderr?: string }) => {
    const { exitCode, stdout, stderr } = await systemctl(...args.split(' '));
    expect({ args, exitCode, stdout, stderr }).toEqual({ args, exitCode: 0, stdout: '', stderr: '', ...expected });
  };
  const more = (unit: string) => `See system logs and 'systemctl status ${unit}' for details.\n`;

  test('what is not understood is refused as getopt does', async () => {
    await answers('--foo', { exitCode: 1, stderr: "systemctl: unrecognized option '--foo'\n" });
    await answers('-Z', { exitCode: 1, stderr: "systemctl: invalid option -- 'Z'\n" });
    await answers('show -p', { exitCode: 1, stderr: "systemctl: option requires an argument -- 'p'\n" });
    await answers('edit --stdin web', { exitCode: 1, stderr: "systemctl: unrecognized option '--stdin'\n" });
    await answers('edit web', { exitCode: 1, stderr: 'Cannot edit units if not on a tty.\n' });
    await answers('get-default x', { exitCode: 1, stderr: 'Too many arguments.\n' });
    await answers('set-property web', { exitCode: 1, stderr: 'Too few arguments.\n' });
    await answers('--user start web', { exitCode: 1, stderr: 'Failed to connect to bus: No medium found\n' });
    await answers('-M x status', { exitCode: 1, stderr: 'Failed to connect to bus: Host is down\n' });
    await answers('list-units --type=bogus', {
      exitCode: 1,
      stderr: "Unknown unit type or load state 'bogus'.\nUse -t help to see a list of allowed values.\n",
    });
    await answers('status --lines=x web', { exitCode: 1, stderr: "Failed to parse lines 'x'\n" });
  });

  test('jobs that cannot be have the exit codes of LSB', async () => {
    await answers('reload tool', {
      exitCode: 3,
      stderr: 'Failed to reload tool.service: Job type reload is not applicable for unit tool.service.\n',
    });
    await answers('start tpl@', {
      exitCode: 1,
      stderr: `Failed to start tpl@.service: Unit name tpl@.service is missing the instance name.\n${more('tpl@.service')}`,
    });
    await answers('start --job-mode=bogus web', {
      exitCode: 1,
      stderr: `Failed to start web.service: Job mode bogus invalid\n${more('web.service')}`,
    });
    await answers('try-restart nope', {
      exitCode: 5,
      stderr: 'Failed to try-restart nope.service: Unit nope.service not found.\n',
    });
    await answers('start web nope', {
      exitCode: 5,
      stderr: 'Failed to start nope.service: Unit nope.service not found.\n',
    });
    await answers('is-active web', { stdout: 'active\n' });
  });

  test('those who may not change are told so, each verb in its own words', async () => {
    const refused = async (args: string, stderr: string, exitCode: number) => {
      const reply = await guest.exec(['systemctl', ...args.split(' ')], { user: 'nobody' });
      expect({ args, exitCode: reply.exitCode, stderr: reply.stderr }).toEqual({ args, exitCode, stderr });
    };
    await refused('stop web', `Failed to stop web.service: Access denied\n${more('web.service')}`, 4);
    await refused('enable tool', 'Failed to enable unit: Access denied\n', 1);
    await refused('daemon-reload', 'Reload daemon failed: Access denied\n', 1);
    await refused('kill web', 'Failed to kill unit web.service: Access denied\n', 1);
    await refused('reset-failed', 'Failed to execute operation: Access denied\n', 1);
    await refused('set-property web CPUWeight=3', 'Failed to set unit properties on web.service: Access denied\n', 1);
    await refused('freeze web', 'Failed to add reference to unit web.service: Access denied\n', 1);
    await refused('set-default multi-user.target', 'Failed to set default target: Access denied\n', 1);
    await refused('poweroff', 'Call to PowerOff failed: Access denied\n', 1);
    await refused(
      'isolate multi-user',
      `Failed to start multi-user.target: Access denied\n${more('multi-user.target')}`,
      4,
    );
    expect((await guest.exec(['systemctl', 'is-active', 'web'], { user: 'nobody' })).exitCode).toBe(0);
    expect((await guest.exec(['systemctl', 'log-level'], { user: 'nobody' })).stdout).toBe('info\n');
  });

  test('patterns stand for what is in memory', async () => {
    await answers('is-active we*', { stdout: 'active\n' });
    await answers('is-active zz*', { exitCode: 3 });
    await answers('status zz*', {});
    await answers('reset-failed zz*', {});
    expect((await systemctl('show', 'we*', '-p', 'Id')).stdout).toBe('Id=web.service\n');
    await answers('mask ven*', {
      stderr:
        'Glob pattern passed to mask, but globs are not supported for this.\n' +
        'Invalid unit name "ven*" escaped as "ven\\x2a".\n' +
        'Unit ven\\x2a.service does not exist, proceeding anyway.\n' +
        'Created symlink /etc/systemd/system/ven\\x2a.service → /dev/null.\n',
    });
    await answers('unmask ven\\x2a', { stderr: 'Removed "/etc/systemd/system/ven\\x2a.service".\n' });
  });

  test('a process stands for its unit', async () => {
    const pid = await guest.property('web', 'MainPID');
    expect((await systemctl('status', pid)).stdout).toStartWith('● web.service - A web server\n');
    expect((await systemctl('show', pid, '-P', 'Id')).stdout).toBe('web.service\n');
    await answers('status 999999', {
      exitCode: 1,
      stderr: 'Failed to get unit for PID 999999: PID 999999 does not belong to any loaded unit.\n',
    });
  });

  test('files are linked, presets applied, dependencies added and taken away', async () => {
    await guest.root(
      "printf '[Service]\\nExecStart=/bin/sleep 1\\n[Install]\\nWantedBy=multi-user.target\\n' >/root/far.service",
    );
    const etc = '/etc/systemd/system';
    await answers('link far.service', {
      exitCode: 1,
      stderr:
        'Link argument must contain at least one directory separator.\nIf you intended to link a file in the current directory, try ./far.service instead.\n',
    });
    await answers('link /root/far.service', { stderr: `Created symlink ${etc}/far.service → /root/far.service.\n` });
    await answers('is-enabled far', { exitCode: 1, stdout: 'linked\n' });
    await answers('enable far', {
      stderr: `Created symlink ${etc}/multi-user.target.wants/far.service → /root/far.service.\n`,
    });
    await answers('disable far', {
      stderr: `Removed "${etc}/multi-user.target.wants/far.service".\nRemoved "${etc}/far.service".\n`,
    });
    await answers('add-wants multi-user.target tool', {
      stderr: `Created symlink ${etc}/multi-user.target.wants/tool.service → ${etc}/tool.service.\n`,
    });
    await answers('is-enabled tool', { stdout: 'enabled\n' });
    await answers('add-wants nope.target tool', {
      exitCode: 1,
      stderr: 'Failed to add dependency: Unit file nope.target does not exist.\n',
    });
    await answers('disable tool', { stderr: `Removed "${etc}/multi-user.target.wants/tool.service".\n` });
    await answers('disable tool', {});
    await answers('enable tpl@', {
      exitCode: 1,
      stderr: 'Failed to enable unit: Destination unit multi-user.target is a non-template unit.\n',
    });
    await systemctl('enable', 'tpl@x');
    await answers('is-enabled tpl@x tpl@', { stdout: 'enabled\nindirect\n' });
    await answers('disable tpl@', { stderr: `Removed "${etc}/multi-user.target.wants/tpl@x.service".\n` });
    await guest.root(
      'mkdir -p /etc/systemd/system-preset && echo "disable web.*" >/etc/systemd/system-preset/50-test.preset',
    );
    await systemctl('enable', 'web');
    await answers('preset web', { stderr: `Removed "${etc}/multi-user.target.wants/web.service".\n` });
    expect((await systemctl('status', 'web')).stdout).toContain('; disabled; preset: disabled)\n');
    await answers('mask vendor', { stderr: `Created symlink ${etc}/vendor.service → /dev/null.\n` });
    await answers('start vendor', {
      exitCode: 1,
      stderr: 'Failed to start vendor.service: Unit vendor.service is masked.\n',
    });
    await answers('disable vendor', { stderr: `Unit ${etc}/vendor.service is masked, ignoring.\n` });
    await answers('cat vendor', { stdout: '# Unit vendor.service is masked.\n' });
    await answers('unmask vendor', { stderr: `Removed "${etc}/vendor.service".\n` });
  });

  test('the default target can be looked at and set', async () => {
    await answers('get-default', { stdout: 'multi-user.target\n' });
    await answers('set-default graphical', {
      stderr: 'Created symlink /etc/systemd/system/default.target → /lib/systemd/system/graphical.target.\n',
    });
    await answers('get-default', { stdout: 'graphical.target\n' });
    await answers('set-default nope.target', {
      exitCode: 1,
      stderr: 'Failed to set default target: Unit file nope.target does not exist.\n',
    });
    await systemctl('set-default', 'multi-user.target');
    await answers('get-default', { stdout: 'multi-user.target\n' });
  });

  test('properties are set as drop-ins, and reverted', async () => {
    await answers('set-property web Foo=bar', { exitCode: 1, stderr: 'Unknown assignment: Foo=bar\n' });
    await answers('set-property web bad', { exitCode: 1, stderr: 'Not an assignment: bad\n' });
    await answers('set-property web ExecStart=/bin/true', {
      exitCode: 1,
      stderr: 'Failed to set unit properties on web.service: Cannot set property ExecStart, or unknown property.\n',
    });
    await answers('set-property web CPUWeight=50 Description=Another', {});
    await answers('set-property --runtime web TasksMax=20', {});
    expect((await systemctl('show', '-P', 'Description', 'web')).stdout).toBe('Another\n');
    expect((await systemctl('show', '-P', 'DropInPaths', 'web')).stdout).toBe(
      '/etc/systemd/system.control/web.service.d/50-CPUWeight.conf /etc/systemd/system.control/web.service.d/50-Description.conf /run/systemd/system.control/web.service.d/50-TasksMax.conf\n',
    );
    expect((await systemctl('cat', 'web')).stdout).toContain('[Service]\nCPUWeight=50\n');
    const { stderr } = await systemctl('revert', 'web');
    expect(stderr.split('\n').filter((line) => line !== '')).toEqual([
      'Removed "/etc/systemd/system.control/web.service.d/50-CPUWeight.conf".',
      'Removed "/etc/systemd/system.control/web.service.d/50-Description.conf".',
      'Removed "/etc/systemd/system.control/web.service.d".',
      'Removed "/run/systemd/system.control/web.service.d/50-TasksMax.conf".',
      'Removed "/run/systemd/system.control/web.service.d".',
    ]);
    expect((await systemctl('show', '-P', 'Description', 'web')).stdout).toBe('A web server\n');
  });

  test("edit runs a person's editor, and keeps what it leaves", async () => {
    await guest.root(
      `printf '#!/bin/sh\\ncp "$1" /tmp/seen\\n[ -z "$TOP" ] || sed -i "3i $TOP" "$1"\\n' >/usr/local/bin/my-editor && chmod 755 /usr/local/bin/my-editor`,
    );
    const edit = async (env: string, args: string) => {
      const run = `${env} EDITOR=my-editor systemctl edit ${args}`;
      const { stdout, exitCode } = await guest.exec(['script', '-qec', run, '/dev/null']);
      return { exitCode, text: stdout.replaceAll('\r', '') };
    };
    expect(await edit('', 'vendor')).toEqual({
      exitCode: 0,
      text: 'Editing "/etc/systemd/system/vendor.service.d/override.conf" canceled: temporary file is empty.\n',
    });
    expect(await guest.root('cat /tmp/seen')).toBe(`### Editing /etc/systemd/system/vendor.service.d/override.conf
### Anything between here and the comment below will become the new contents of the file



### Lines below this comment will be discarded

### /lib/systemd/system/vendor.service
# [Unit]
# Description=Vendor
# [Service]
# ExecStart=/bin/sleep 1000`);
    expect(await edit("TOP='[Unit]\\nDescription=Edited'", 'vendor')).toEqual({ exitCode: 0, text: '' });
    expect(await guest.root('cat /etc/systemd/system/vendor.service.d/override.conf')).toBe(
      '[Unit]\nDescription=Edited\n',
    );
    expect((await systemctl('show', '-P', 'Description', 'vendor')).stdout).toBe('Edited\n');
    expect(await edit("TOP='#mine'", '--full vendor')).toEqual({ exitCode: 0, text: '' });
    expect(await guest.root('cat /etc/systemd/system/vendor.service')).toContain('#mine');
    expect(await edit('', 'nope')).toEqual({
      exitCode: 1,
      text: "No files found for nope.service.\nRun 'systemctl edit --force --full nope.service' to create a new unit.\n",
    });
    expect((await systemctl('revert', 'vendor')).stderr).toContain('Removed "/etc/systemd/system/vendor.service".\n');
    expect((await systemctl('show', '-P', 'FragmentPath', 'vendor')).stdout).toBe(
      '/lib/systemd/system/vendor.service\n',
    );
  });

  test('jobs are listed and cancelled', async () => {
    await answers('list-jobs', { stdout: 'No jobs running.\n' });
    await answers('--no-block start slow', {});
    expect((await systemctl('list-jobs')).stdout).toMatch(
      /^JOB +UNIT +TYPE +STATE\n\d+ +slow\.service start running\n\n1 jobs listed\.\n$/,
    );
    expect((await systemctl('list-units', 'slow.service')).stdout).toContain('SUB       JOB   DESCRIPTION\n');
    await answers('list-jobs nope.service', { stdout: 'No jobs listed.\n' });
    await answers('cancel 99999', { exitCode: 1, stderr: 'Failed to cancel job 99999: Job 99999 does not exist.\n' });
    await answers('cancel', {});
    await answers('list-jobs', { stdout: 'No jobs running.\n' });
    await answers('is-active slow', { exitCode: 3, stdout: 'activating\n' });
    await answers('stop slow', {});
  });

  test('units are frozen and thawed, and stop although they are frozen', async () => {
    await answers('freeze web', {});
    expect((await systemctl('status', 'web')).stdout).toContain('Active: active (running) (frozen) since ');
    expect(await guest.property('web', 'FreezerState')).toBe('frozen');
    await answers('thaw web', {});
    expect(await guest.property('web', 'FreezerState')).toBe('running');
    await answers('freeze web', {});
    await answers('stop web', {});
    await answers('freeze web', { exitCode: 1, stderr: 'Failed to freeze unit web.service: Unit is inactive.\n' });
    await answers('start web', {});
  });

  test('directories are cleaned of a unit that rests', async () => {
    await answers('start dirs', {});
    await answers('clean dirs', {
      exitCode: 1,
      stderr: 'Failed to clean unit dirs.service: Unit is not inactive or has pending job.\n',
    });
    await answers('stop dirs', {});
    await answers('clean --what=bogus dirs', {
      exitCode: 1,
      stderr: 'Failed to clean unit dirs.service: Invalid resource type: bogus\n',
    });
    await answers('clean tool', {
      exitCode: 1,
      stderr: 'Failed to clean unit tool.service: No matching resources found.\n',
    });
    await answers('clean dirs', {});
    expect(await guest.root('ls -d /var/lib/of-dirs /var/cache/of-dirs 2>/dev/null || true')).toBe(
      '/var/lib/of-dirs\n',
    );
    await answers('clean --what=all dirs', {});
    expect(await guest.root('ls -d /var/lib/of-dirs 2>/dev/null || true')).toBe('');
  });

  test('the environment of all units can be set', async () => {
    await answers('set-environment A=b C=d', {});
    await answers('set-environment bad', {
      exitCode: 1,
      stderr: 'Failed to set environment: Invalid environment assignments\n',
    });
    expect((await systemctl('show-environment')).stdout).toContain('\nA=b\nC=d\n');
    await guest.unit('env.service', '[Service]\nType=oneshot\nExecStart=/bin/sh -c "echo [$A$C]"\n');
    await guest.killLohar();
    await answers('start env', {});
    expect((await guest.exec(['journalctl', '-u', 'env', '-o', 'cat'])).stdout).toContain('[bd]\n');
    await answers('unset-environment A C=x', {});
    expect((await systemctl('show-environment')).stdout).toMatch(/^C=d$/m);
    expect((await guest.exec(['sh', '-c', 'MINE=1 systemctl import-environment MINE'])).exitCode).toBe(0);
    expect((await systemctl('show-environment')).stdout).toContain('MINE=1\n');
    await answers('unset-environment C MINE', {});
  });

  test('the log level decides what the manager says', async () => {
    await answers('log-level bogus', { exitCode: 1, stderr: '"bogus" is not a valid log level.\n' });
    await answers('log-level err', {});
    await answers('restart tool', {});
    expect((await guest.exec(['journalctl', '-u', 'tool', '-o', 'cat'])).stdout).not.toContain('Started tool.service');
    await answers('log-level info', {});
    await answers('restart tool', {});
    expect((await guest.exec(['journalctl', '-u', 'tool', '-o', 'cat'])).stdout).toContain('Started tool.service');
  });

  test('dependencies are drawn as a tree, or listed', async () => {
    await guest.unit(
      'a.service',
      '[Unit]\nDefaultDependencies=no\nWants=b.service c.target\n[Service]\nExecStart=/bin/true\n',
    );
    await guest.unit('b.service', '[Unit]\nDefaultDependencies=no\nAfter=a.service\n[Service]\nExecStart=/bin/true\n');
    await guest.unit('c.target', '[Unit]\nDefaultDependencies=no\nWants=b.service a.service\n');
    await answers('list-dependencies a', {
      stdout: 'a.service\n○ ├─b.service\n○ └─c.target\n○   ├─b.service\n    └─...\n',
    });
    await answers('list-dependencies --plain a', { stdout: 'a.service\n  b.service\n  c.target\n  b.service\n' });
    // Others are found that are in memory, and something in use keeps them there.
    await answers('start c.target', {});
    await answers('list-dependencies --reverse b', {
      stdout: 'b.service\n○ ├─a.service\n● └─c.target\n○   └─a.service\n',
    });
    await answers('list-dependencies --after b', { stdout: 'b.service\n○ └─a.service\n' });
    await answers('list-dependencies --before a', { stdout: 'a.service\n○ └─b.service\n' });
  });

  test('isolating a target stops what it does not want', async () => {
    await answers('isolate web', {
      exitCode: 4,
      stderr: `Failed to start web.target: Operation refused, unit may not be isolated.\n${more('web.target')}`,
    });
    await answers('start web tool', {});
    await guest.root('ln -sf ../web.service /etc/systemd/system/multi-user.target.wants/web.service');
    await answers('daemon-reload', {});
    await answers('isolate multi-user.target', {});
    await answers('is-active web', { stdout: 'active\n' });
    await answers('is-active tool', { exitCode: 3, stdout: 'inactive\n' });
    await answers('default', {});
    await guest.root('rm /etc/systemd/system/multi-user.target.wants/web.service; systemctl daemon-reload');
  });

  test('waiting lasts until the unit is over', async () => {
    await guest.unit('short.service', '[Service]\nExecStart=/bin/sh -c "sleep 0.3; exit 3"\n');
    await answers('start --wait short', { exitCode: 1 });
    await answers('is-active short', { exitCode: 3, stdout: 'failed\n' });
    await answers('reset-failed', {});
    await answers('is-system-running --wait', { stdout: 'running\n' });
  });

  test('show without a unit is about the manager', async () => {
    expect((await systemctl('show', '-p', 'NFailedUnits,SystemState,DefaultTimeoutStartUSec')).stdout).toBe(
      'NFailedUnits=0\nSystemState=running\nDefaultTimeoutStartUSec=1min 30s\n',
    );
    const names = (await systemctl('show', 'web')).stdout.split('\n').map((line) => line.split('=', 1)[0]);
    for (const pair of [
      ['Type', 'Restart'],
      ['MainPID', 'Result'],
      ['ExecStart', 'Environment'],
      ['Id', 'Names'],
      ['LoadState', 'ActiveState'],
    ])
      expect(names.indexOf(pair[0])).toBeLessThan(names.indexOf(pair[1]) === -1 ? Infinity : names.indexOf(pair[1]));
  });

  test('names that mean nothing leave nothing behind', async () => {
    const count = async () =>
      (await systemctl('list-units', '--all', '--no-legend', '--plain')).stdout.split('\n').length;
    const before = await count();
    await guest.exec(['sh', '-c', 'systemctl is-active $(seq -f "nobody-%g" 500)']);
    expect(await count()).toBe(before);
  });

  test('poweroff stops the units in order, and then the sandbox', async () => {
    await guest.unit(
      'last.service',
      '[Service]\nExecStart=/bin/sh -c \'trap "echo over >/var/last; exit 0" TERM; echo there >/var/last; while :; do sleep 0.02; done\'\n',
    );
    await answers('start last', {});
    await until(async () => (await guest.root('cat /var/last || true')) === 'there\n');
    expect((await guest.exec(['poweroff'], { user: 'root' })).exitCode).toBe(0);
    const phase = async () => (await guest.daemon.call('GET', `/sandboxes/${guest.id}`)).json.status;
    await until(async () => (await phase()) === 'stopped');
    expect((await guest.daemon.call('POST', `/sandboxes/${guest.id}/start`)).status).toBe(200);
    await until(async () => JSON.parse((await guest.call('GET', '/hello')).text).phase === 'ready');
    expect(await guest.root('cat /var/last')).toBe('over\n');
  });
});
