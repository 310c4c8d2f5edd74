import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { titled, whyNoSandboxes } from '../../support/capability.ts';
import { TestGuest } from '../../support/guest.ts';
import { until } from '../../support/until.ts';

const why = whyNoSandboxes();

/** What each brings: the unit that does the work, the units that are enabled with it, and how its work shows from outside. */
const packages = [
  { name: 'nginx', unit: 'nginx', reloads: true, check: 'curl -sf http://127.0.0.1/ | grep -q nginx' },
  { name: 'redis-server', unit: 'redis-server', reloads: false, check: '[ "$(redis-cli ping)" = PONG ]' },
  {
    name: 'postgresql',
    unit: 'postgresql@15-main',
    reloads: true,
    check: 'su postgres -c "psql -Atc \'select 6*7\'" | grep -qx 42',
  },
  {
    name: 'openssh-server',
    unit: 'ssh',
    reloads: true,
    check: 'bash -c "exec 3<>/dev/tcp/127.0.0.1/22 && read -t 5 line <&3 && [[ \\$line == SSH-2.0-* ]]"',
  },
  { name: 'cron', unit: 'cron', reloads: false, check: 'pgrep -x cron >/dev/null' },
  { name: 'rsyslog', unit: 'rsyslog', reloads: false, check: 'pgrep -x rsyslogd >/dev/null' },
] as const;

// Packages come from Debian's mirror by the sandbox's own apt, as a person would have them.
describe.skipIf(why !== undefined)(titled("Debian's packages", why), () => {
  let guest: TestGuest;
  let installed = '';
  beforeAll(async () => {
    guest = await TestGuest.start({ diskMib: 3_000 });
    const names = packages.map(({ name }) => name).join(' ');
    await guest.root('apt-get update -qq');
    installed = await guest.root(
      `DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends -o Dpkg::Options::=--force-unsafe-io ${names} 2>&1`,
    );
  }, 240_000);
  afterAll(() => guest[Symbol.asyncDispose]());

  const systemctl = (...args: string[]) => guest.exec(['systemctl', ...args]);

  test('are installed without a complaint about the service manager', () => {
    expect(installed).not.toContain('invoke-rc.d:');
    expect(installed).not.toContain('Could not execute systemctl');
    expect(installed).not.toContain('Failed to');
  });

  test('leave systemctl to whom it belongs', async () => {
    expect(await guest.root('dpkg -S /usr/bin/systemctl')).toBe('bhatti-guest: /usr/bin/systemctl\n');
    expect(await guest.root('readlink /usr/bin/systemctl')).toBe('../lib/bhatti/bhatti\n');
    // Whoever asks for systemd is told that it is there.
    expect(await guest.root('apt-get install -y systemd systemd-sysv 2>&1')).toContain(
      'bhatti-guest is already the newest version',
    );
    expect((await guest.exec(['apt-get', 'remove', '-y', 'bhatti-guest'], { user: 'root' })).exitCode).not.toBe(0);
    expect((await guest.exec(['dpkg', '-s', 'systemd'])).exitCode).toBe(1);
  });

  test('have their units enabled, and those run', async () => {
    for (const { unit } of packages) {
      expect([unit, (await systemctl('is-active', unit)).stdout]).toEqual([unit, 'active\n']);
      const enabled = (await systemctl('is-enabled', unit)).stdout;
      // A cluster of PostgreSQL is pulled in by what its generator writes.
      expect([unit, enabled]).toEqual([unit, unit.includes('@') ? 'enabled-runtime\n' : 'enabled\n']);
    }
    expect((await systemctl('--failed', '--no-legend')).stdout).toBe('');
  });

  for (const { name, unit, reloads, check } of packages) {
    test(`${name} does its work, reloads, logs, restarts and stops`, async () => {
      await until(async () => (await guest.exec(['sh', '-c', check], { user: 'root' })).exitCode === 0);
      const before = await guest.property(unit, 'MainPID');
      expect((await systemctl('reload', unit)).exitCode).toBe(reloads ? 0 : 3);
      expect(await guest.property(unit, 'MainPID')).toBe(before);
      expect((await systemctl('restart', unit)).exitCode).toBe(0);
      expect(await guest.property(unit, 'MainPID')).not.toBe(before);
      await until(async () => (await guest.exec(['sh', '-c', check], { user: 'root' })).exitCode === 0);
      const log = (await guest.exec(['journalctl', '-u', unit, '-o', 'cat'])).stdout;
      expect(log).toContain(`Started ${unit}.service - `);
      if (reloads) expect(log).toContain(`Reloaded ${unit}.service - `);
      const { exitCode, stdout } = await guest.exec(['service', unit, 'status']);
      expect(exitCode).toBe(0);
      expect(stdout).toContain(`● ${unit}.service - `);
      expect((await guest.exec(['service', unit, 'stop'], { user: 'root' })).exitCode).toBe(0);
      expect((await systemctl('is-active', unit)).stdout).toBe('inactive\n');
      expect(await guest.property(unit, 'Result')).toBe('success');
    });
  }

  test('dbus is started by the first word to its socket, reloads, logs and stops', async () => {
    await guest.root('DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends dbus 2>&1');
    expect((await systemctl('restart', 'dbus.socket')).exitCode).toBe(0);
    const names = 'dbus-send --system --print-reply --dest=org.freedesktop.DBus / org.freedesktop.DBus.ListNames';
    expect(await guest.root(names)).toContain('"org.freedesktop.DBus"');
    expect((await systemctl('is-active', 'dbus')).stdout).toBe('active\n');
    expect((await systemctl('reload', 'dbus')).exitCode).toBe(0);
    const stopped = await systemctl('stop', 'dbus');
    expect(stopped).toMatchObject({
      exitCode: 0,
      stderr: 'Warning: Stopping dbus.service, but it can still be activated by:\n  dbus.socket\n',
    });
    expect(await guest.root(names)).toContain('"org.freedesktop.DBus"');
    expect((await systemctl('stop', 'dbus.socket', 'dbus.service')).exitCode).toBe(0);
    const log = (await guest.exec(['journalctl', '-u', 'dbus', '-o', 'cat'])).stdout;
    expect(log).toContain('Reloaded dbus.service - D-Bus System Message Bus.');
  });

  test('a daemon that replaces itself stays the one that is known', async () => {
    await systemctl('start', 'nginx');
    const before = await guest.property('nginx', 'MainPID');
    await guest.root(
      `kill -USR2 ${before}; while ! [ -e /run/nginx.pid.oldbin ] || ! [ -s /run/nginx.pid ]; do sleep 0.05; done; kill -QUIT ${before}`,
    );
    await until(async () => (await guest.property('nginx', 'MainPID')) !== before);
    expect((await systemctl('is-active', 'nginx')).stdout).toBe('active\n');
    expect(await guest.property('nginx', 'MainPID')).toBe((await guest.root('cat /run/nginx.pid')).trim());
  });

  test("Debian's own tools find what they ask for", async () => {
    const root = (...argv: string[]) => guest.exec(argv, { user: 'root' });
    expect(
      (await root('env', 'DPKG_MAINTSCRIPT_PACKAGE=cron', 'deb-systemd-helper', 'was-enabled', 'cron.service'))
        .exitCode,
    ).toBe(0);
    expect((await root('deb-systemd-invoke', 'stop', 'cron.service')).exitCode).toBe(0);
    expect((await systemctl('is-active', 'cron')).exitCode).toBe(3);
    expect((await root('deb-systemd-invoke', 'start', 'cron.service')).exitCode).toBe(0);
    expect((await systemctl('is-active', 'cron')).exitCode).toBe(0);
    expect((await root('invoke-rc.d', 'cron', 'restart')).exitCode).toBe(0);
    expect((await root('invoke-rc.d', 'cron', 'status')).exitCode).toBe(0);
    expect((await root('update-rc.d', 'cron', 'disable')).exitCode).toBe(0);
    expect((await systemctl('is-enabled', 'cron')).stdout).toBe('disabled\n');
    expect((await root('update-rc.d', 'cron', 'enable')).exitCode).toBe(0);
    expect((await systemctl('is-enabled', 'cron')).stdout).toBe('enabled\n');
    expect((await root('runlevel')).stdout).toBe('N 5\n');
  });

  test('temporary files of packages are made as they say, at boot too', async () => {
    await guest.root("printf 'd /run/of-a-package 0750 www-data www-data -\\n' >/usr/lib/tmpfiles.d/of-a-package.conf");
    await guest.root('systemd-tmpfiles --create of-a-package.conf');
    expect(await guest.root('stat -c "%a %U" /run/of-a-package')).toBe('750 www-data\n');
    await guest.root('printf \'u of-a-package - "A package" /\\n\' | systemd-sysusers -');
    expect(await guest.root('id -u of-a-package')).toMatch(/^\d+\n$/);
  });

  test('come back with the sandbox where they are enabled', async () => {
    await systemctl('disable', '--now', 'redis-server');
    expect((await guest.daemon.call('POST', `/sandboxes/${guest.id}/stop`)).status).toBe(200);
    expect((await guest.daemon.call('POST', `/sandboxes/${guest.id}/start`)).status).toBe(200);
    await until(async () => JSON.parse((await guest.call('GET', '/hello')).text).phase === 'ready');
    for (const { unit, check } of packages) {
      const isEnabled = unit !== 'redis-server';
      expect([unit, (await systemctl('is-active', unit)).stdout]).toEqual([
        unit,
        isEnabled ? 'active\n' : 'inactive\n',
      ]);
      if (isEnabled) await until(async () => (await guest.exec(['sh', '-c', check], { user: 'root' })).exitCode === 0);
    }
    expect(await guest.root('stat -c "%a %U" /run/of-a-package')).toBe('750 www-data\n');
    expect((await systemctl('is-system-running', '--wait')).stdout).toBe('running\n');
  });
});
