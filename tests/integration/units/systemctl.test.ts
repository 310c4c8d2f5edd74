import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { titled, whyNoSandboxes } from '../../support/capability.ts';
import { TestGuest } from '../../support/guest.ts';

const why = whyNoSandboxes();

describe.skipIf(why !== undefined)(titled('systemctl', why), () => {
  let guest: TestGuest;
  beforeAll(async () => {
    guest = await TestGuest.start();
    await guest.unit(
      'web.service',
      '[Unit]\nDescription=A web server\nDocumentation=man:web(8)\n[Service]\nExecStart=/bin/sleep 1000\nExecReload=/bin/true\n[Install]\nWantedBy=multi-user.target\nAlias=www.service\n',
    );
    await guest.unit(
      'tool.service',
      '[Unit]\nDescription=No install section\n[Service]\nType=forking\nPIDFile=/run/tool.pid\nExecStart=/bin/sh -c "setsid -f sh -c \'echo $$$$ >/run/tool.pid; exec sleep 1000\'"\n',
    );
    await guest.unit(
      'broken.service',
      '[Unit]\nDescription=Always fails\n[Service]\nType=oneshot\nExecStart=/bin/false\n',
    );
  });
  afterAll(() => guest[Symbol.asyncDispose]());

  const systemctl = (...args: string[]) => guest.exec(['systemctl', ...args]);

  test('refuses what it does not know', async () => {
    expect(await systemctl('frobnicate')).toMatchObject({ exitCode: 1, stderr: 'Unknown command verb frobnicate.\n' });
    expect(await systemctl('--user', 'status')).toMatchObject({ exitCode: 1 });
    expect(await systemctl('start')).toMatchObject({ exitCode: 1, stderr: 'Too few arguments.\n' });
    expect(await systemctl('start', 'bad/name')).toMatchObject({
      exitCode: 5,
      stderr:
        'Invalid unit name "bad/name" escaped as "bad-name" (maybe you should use systemd-escape?).\n' +
        'Failed to start bad-name.service: Unit bad-name.service not found.\n',
    });
    expect(await systemctl('start', 'x.timer')).toMatchObject({
      exitCode: 5,
      stderr: 'Failed to start x.timer: Unit x.timer not found.\n',
    });
  });

  test('enables, disables and says so', async () => {
    const links = ['/etc/systemd/system/www.service', '/etc/systemd/system/multi-user.target.wants/web.service'];
    expect(await systemctl('is-enabled', 'web')).toMatchObject({ exitCode: 1, stdout: 'disabled\n' });
    expect(await systemctl('enable', 'web')).toMatchObject({
      exitCode: 0,
      stdout: '',
      stderr: links.map((link) => `Created symlink ${link} → /etc/systemd/system/web.service.\n`).join(''),
    });
    expect(await systemctl('enable', 'web')).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await systemctl('is-enabled', 'web', 'tool')).toMatchObject({ exitCode: 0, stdout: 'enabled\nstatic\n' });
    expect((await systemctl('is-enabled', 'www')).stdout).toBe('alias\n');
    expect(await systemctl('is-active', 'www')).toMatchObject({ exitCode: 3, stdout: 'inactive\n' });
    const { stderr } = await systemctl('disable', 'web');
    expect(
      stderr
        .split('\n')
        .filter((line) => line !== '')
        .toSorted(),
    ).toEqual(links.map((link) => `Removed "${link}".`).toSorted());
    expect(await systemctl('is-enabled', 'nope')).toMatchObject({
      exitCode: 1,
      stderr: 'Failed to get unit file state for nope.service: No such file or directory\n',
    });
    expect(await systemctl('enable', 'nope')).toMatchObject({
      exitCode: 1,
      stderr: 'Failed to enable unit: Unit file nope.service does not exist.\n',
    });
  });

  test('explains a unit without [Install], and starts it with --now', async () => {
    const { exitCode, stderr } = await systemctl('enable', '--now', 'tool');
    expect(exitCode).toBe(0);
    expect(stderr).toStartWith('The unit files have no installation config (WantedBy=, RequiredBy=, Also=,\n');
    expect((await systemctl('is-active', 'tool')).stdout).toBe('active\n');
    await systemctl('disable', '--now', 'tool');
    expect((await systemctl('is-active', 'tool')).stdout).toBe('inactive\n');
  });

  test('answers for several units, with the exit codes of LSB', async () => {
    await systemctl('start', 'web');
    await systemctl('start', 'broken');
    expect(await systemctl('is-active', 'broken', 'web')).toMatchObject({ exitCode: 0, stdout: 'failed\nactive\n' });
    expect(await systemctl('is-active', 'broken', 'tool')).toMatchObject({ exitCode: 3, stdout: 'failed\ninactive\n' });
    expect(await systemctl('is-failed', 'web', 'broken')).toMatchObject({ exitCode: 0 });
    expect(await systemctl('-q', 'is-active', 'web')).toMatchObject({ exitCode: 0, stdout: '' });
    const status = await systemctl('status', 'web', 'tool', 'nope', '--no-pager');
    expect(status.exitCode).toBe(3);
    expect(status.stdout).toContain('● web.service - A web server\n');
    expect(status.stdout).toContain('\n○ tool.service - No install section\n');
    expect(status.stderr).toBe('Unit nope.service could not be found.\n');
    expect((await systemctl('status', 'nope')).exitCode).toBe(4);
    expect(await systemctl('is-system-running')).toMatchObject({ exitCode: 1, stdout: 'degraded\n' });
  });

  test('shows a status as systemd does', async () => {
    const pid = await guest.property('web', 'MainPID');
    const { stdout } = await systemctl('status', 'web');
    const lines = stdout.split('\n');
    expect(lines.slice(0, 2)).toEqual([
      '● web.service - A web server',
      '     Loaded: loaded (/etc/systemd/system/web.service; disabled; preset: enabled)',
    ]);
    expect(lines[2]).toMatch(
      /^ {5}Active: active \(running\) since [A-Z][a-z]{2} \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC; .* ago$/,
    );
    expect(lines[3]).toBe('       Docs: man:web(8)');
    expect(lines[4]).toBe(`   Main PID: ${pid} (sleep)`);
    expect(lines[5]).toMatch(/^ {6}Tasks: 1/);
    expect(stdout).toContain(`     CGroup: /system.slice/web.service\n             └─${pid} /bin/sleep 1000\n`);
    expect(stdout).toMatch(
      /\n\n[A-Z][a-z]{2} \d\d \d\d:\d\d:\d\d box lohar\[\d+\]: Started web\.service - A web server\.\n$/,
    );
    const broken = await systemctl('status', 'broken');
    expect(broken.exitCode).toBe(3);
    expect(broken.stdout).toMatch(/^× broken\.service - Always fails\n/);
    expect(broken.stdout).toMatch(/Active: failed \(Result: exit-code\) since /);
    expect(broken.stdout).toMatch(/Main PID: \d+ \(code=exited, status=1\/FAILURE\)/);
  });

  test('shows properties, cats files, lists units', async () => {
    expect((await systemctl('show', '-p', 'Id', '-p', 'ActiveState', 'www.service', 'web')).stdout).toContain(
      'Id=web.service\nActiveState=active\n',
    );
    expect((await systemctl('show', '--value', '-p', 'CanReload', 'web')).stdout).toBe('yes\n');
    expect((await systemctl('show', '-p', 'LoadState', '--value', 'nope')).stdout).toBe('not-found\n');
    expect((await systemctl('show', '-p', 'ExecStart', 'web')).stdout).toStartWith(
      'ExecStart={ path=/bin/sleep ; argv[]=/bin/sleep 1000 ; ignore_errors=no ; start_time=[',
    );
    expect((await systemctl('cat', 'web')).stdout).toStartWith('# /etc/systemd/system/web.service\n[Unit]\n');
    expect(await systemctl('cat', 'nope')).toMatchObject({ exitCode: 1, stderr: 'No files found for nope.service.\n' });
    const { stdout } = await systemctl('list-units', '--type=service');
    expect(stdout).toMatch(/^ {2}UNIT +LOAD +ACTIVE +SUB +DESCRIPTION\n/);
    expect(stdout).toMatch(/^● broken\.service +loaded +failed +failed +Always fails$/m);
    expect(stdout).toMatch(/^ {2}web\.service +loaded +active +running +A web server$/m);
    expect((await systemctl('list-units', '--state=failed', '--no-legend')).stdout).toMatch(
      /^● broken\.service loaded failed failed Always fails\n$/,
    );
    expect((await systemctl('list-unit-files', '--no-legend', 'web.service', 'tool.service')).stdout).toMatch(
      /^tool\.service static +-\nweb\.service +disabled enabled\n$/,
    );
    expect((await systemctl('list-dependencies', 'web')).stdout).toContain('sysinit.target');
  });

  test('masks and unmasks', async () => {
    await guest.root(
      'mkdir -p /run/systemd/system && printf "[Service]\\nExecStart=/bin/sleep 1000\\n" >/run/systemd/system/runtime.service',
    );
    expect((await systemctl('mask', 'runtime')).stderr).toBe(
      'Created symlink /etc/systemd/system/runtime.service → /dev/null.\n',
    );
    expect((await systemctl('status', 'runtime')).stdout).toContain(
      'Loaded: masked (Reason: Unit runtime.service is masked.)',
    );
    expect((await systemctl('unmask', 'runtime')).stderr).toBe('Removed "/etc/systemd/system/runtime.service".\n');
    expect((await systemctl('start', 'runtime')).exitCode).toBe(0);
  });

  test('sends signals', async () => {
    const pid = await guest.property('web', 'MainPID');
    expect(await systemctl('kill', '-s', 'NOPE', 'web')).toMatchObject({ exitCode: 1 });
    expect((await systemctl('kill', '--signal=KILL', 'web')).exitCode).toBe(0);
    await guest.exec(['sh', '-c', `while kill -0 ${pid} 2>/dev/null; do sleep 0.01; done`], { user: 'root' });
    expect(await systemctl('kill', 'tool')).toMatchObject({ exitCode: 1 });
  });

  test('is what Debian packages expect', async () => {
    expect(await guest.root('[ -d /run/systemd/system ] && echo yes')).toBe('yes\n');
    expect((await systemctl('--system', 'daemon-reload')).exitCode).toBe(0);
    expect((await guest.exec(['systemctl', 'preset', 'web'], { user: 'root' })).exitCode).toBe(0);
    expect((await systemctl('try-restart', 'web')).exitCode).toBe(0);
    expect((await systemctl('reload-or-restart', 'web')).exitCode).toBe(0);
    expect((await systemctl('is-active', 'web')).stdout).toBe('active\n');
  });
});
