import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { titled, whyNoSandboxes } from '../../support/capability.ts';
import { TestGuest } from '../../support/guest.ts';
import { findLohar } from '../../support/host-lohar.ts';
import { until } from '../../support/until.ts';

const why = whyNoSandboxes();

describe.skipIf(why !== undefined)(titled('the death of lohar', why), () => {
  let guest: TestGuest;
  beforeAll(async () => {
    guest = await TestGuest.start({ env: { SECRET: 'still here' } });
  });
  afterAll(() => guest[Symbol.asyncDispose]());

  const systemctl = (...args: string[]) => guest.exec(['systemctl', ...args]);
  const hello = async () => JSON.parse((await guest.call('GET', '/hello')).text);

  test('changes neither boot nor environment', async () => {
    const before = await hello();
    await guest.killLohar();
    await until(async () => (await hello()).phase === 'ready');
    expect((await hello()).bootId).toBe(before.bootId);
    expect((await guest.exec(['sh', '-c', 'printf %s "$SECRET"'])).stdout).toBe('still here');
    expect((await guest.call('PUT', '/boot', '{}')).status).toBe(400);
  });

  test('ends no service, and a later end is seen with its status', async () => {
    await guest.unit(
      'lives.service',
      '[Service]\nType=simple\nExecStart=/bin/sh -c \'trap "exit 42" USR1; while :; do sleep 0.02; done\'\n',
    );
    await systemctl('start', 'lives');
    const pid = await guest.property('lives', 'MainPID');
    await guest.killLohar();
    expect(await guest.state('lives')).toBe('active/running');
    expect(await guest.property('lives', 'MainPID')).toBe(pid);
    await guest.root(`kill -USR1 ${pid}`);
    await until(async () => (await guest.state('lives')) === 'failed/failed');
    expect(await guest.property('lives', 'ExecMainStatus')).toBe('42');
  });

  test('hides no end that came meanwhile', async () => {
    await guest.unit(
      'dies.service',
      "[Service]\nExecStart=/bin/sh -c 'until [ -e /tmp/may-die ]; do sleep 0.01; done; exit 43'\n",
    );
    await systemctl('start', 'dies');
    const kept = `pid:${await guest.property('dies', 'MainPID')}:`;
    expect(await guest.root('s6-fdholder-list /run/bhatti/fd-store/s')).toContain(kept);
    await guest.whileAway('touch /tmp/may-die; while pgrep -f "^/bin/sh -c until" >/dev/null; do sleep 0.01; done');
    await until(async () => (await guest.state('dies')) === 'failed/failed');
    expect(await guest.property('dies', 'ExecMainStatus')).toBe('43');
    expect(await guest.root('s6-fdholder-list /run/bhatti/fd-store/s')).not.toContain(kept);
  });

  test('starts again what ended meanwhile and is to run', async () => {
    await guest.unit('keeps.service', '[Service]\nRestart=on-failure\nRestartSec=10ms\nExecStart=/bin/sleep 1000\n');
    await systemctl('start', 'keeps');
    const pid = await guest.property('keeps', 'MainPID');
    await guest.whileAway(`kill -9 ${pid}`);
    await until(
      async () =>
        (await guest.state('keeps')) === 'active/running' && (await guest.property('keeps', 'MainPID')) !== pid,
    );
  });

  test('loses no line', async () => {
    const count = 20_500;
    await guest.unit(
      'talks.service',
      `[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/sh -c 'for i in $$(seq 0 39); do seq $$((i*500+1)) $$((i*500+500)); sleep 0.02; done; until [ -e /tmp/killed ]; do sleep 0.01; done; seq 20001 20500'\n`,
    );
    const starting = systemctl('start', 'talks').catch(() => {}); // its answer dies with lohar
    await until(async () => (await guest.state('talks')) === 'activating/start');
    for (let at = 0; at < 3; at += 1) await guest.killLohar();
    await guest.root('touch /tmp/killed');
    await starting;
    await until(
      async () => (await guest.state('talks')) === 'active/exited',
      async () => (await systemctl('status', 'talks')).stdout,
    );
    const numbers = (await guest.exec(['journalctl', '-u', 'talks', '-o', 'cat'])).stdout
      .split('\n')
      .filter((line) => /^\d+$/.test(line));
    expect([numbers.length, new Set(numbers).size, numbers[0], numbers.at(-1)]).toEqual([
      count,
      count,
      '1',
      String(count),
    ]);
  });

  test('loses, doubles and mixes up no line of ten units that write all the while', async () => {
    const count = 30_000;
    const units = Array.from({ length: 10 }, (_, at) => `writer${at}`);
    const talk = `i=0; while [ $$i -lt ${count} ]; do seq $$((i+1)) $$((i+500)); i=$$((i+500)); sleep 0.03; done`;
    for (const unit of units)
      await guest.unit(
        `${unit}.service`,
        `[Service]\nType=exec\nRemainAfterExit=yes\nExecStart=/bin/sh -c '${talk}'\n`,
      );
    await systemctl('start', ...units);
    for (let at = 0; at < 5; at += 1) await guest.killLohar();
    for (const unit of units) {
      await until(
        async () => (await guest.state(unit)) === 'active/exited',
        async () => (await systemctl('status', unit)).stdout,
      );
      const { stdout } = await guest.exec(['journalctl', '-u', unit, '-t', 'sh', '-o', 'cat']);
      const numbers = stdout.trimEnd().split('\n').map(Number);
      expect([unit, numbers.length, numbers.findIndex((number, at) => number !== at + 1)]).toEqual([unit, count, -1]);
    }
  });

  test('loses no last words of one that ended meanwhile', async () => {
    await guest.unit(
      'last.service',
      "[Service]\nExecStart=/bin/sh -c 'until [ -e /tmp/may-speak ]; do sleep 0.01; done; echo last words'\n",
    );
    await systemctl('start', 'last');
    await guest.whileAway('touch /tmp/may-speak; while pgrep -f "^/bin/sh -c until" >/dev/null; do sleep 0.01; done');
    expect((await guest.exec(['journalctl', '-u', 'last', '-o', 'cat'])).stdout).toContain('last words\n');
  });

  test('stops no start and no restart on its way', async () => {
    await guest.unit(
      'base.service',
      "[Service]\nExecStart=/bin/sleep 1000\nExecStartPost=/bin/sh -c 'until [ -e /tmp/base-go ]; do sleep 0.01; done'\n",
    );
    await guest.unit(
      'top.service',
      '[Unit]\nRequires=base.service\nAfter=base.service\n[Service]\nExecStart=/bin/sleep 1000\n',
    );
    systemctl('start', 'top').catch(() => {}); // its answer dies with lohar
    await until(async () => (await guest.state('base')) === 'activating/start-post');
    await guest.killLohar();
    await guest.root('touch /tmp/base-go');
    await until(async () => (await guest.state('top')) === 'active/running');
    expect(await guest.state('base')).toBe('active/running');

    await guest.root('rm /tmp/base-go');
    const pid = await guest.property('top', 'MainPID');
    systemctl('restart', 'base').catch(() => {});
    await until(async () => (await guest.state('base')) === 'activating/start-post');
    await guest.killLohar();
    await guest.root('touch /tmp/base-go');
    await until(
      async () => (await guest.state('top')) === 'active/running' && (await guest.property('top', 'MainPID')) !== pid,
    );
  });

  test('forgets no time-out', async () => {
    await guest.unit('timed.service', '[Service]\nType=oneshot\nTimeoutStartSec=1\nExecStart=/bin/sleep 1000\n');
    systemctl('start', 'timed').catch(() => {});
    await until(async () => (await guest.state('timed')) === 'activating/start');
    await guest.killLohar();
    await until(async () => (await guest.state('timed')) === 'failed/failed');
    expect(await guest.property('timed', 'Result')).toBe('timeout');
  });

  test('takes no detached command along', async () => {
    const { text } = await guest.call('POST', '/exec', JSON.stringify({ argv: ['sleep', '6464'], detach: true }));
    await guest.killLohar();
    expect((await guest.exec(['pgrep', '-f', '^sleep 6464'])).stdout.trim()).toBe(String(JSON.parse(text).pid));
  });

  test('by a stray SIGTERM ends no unit, and starts none that was stopped', async () => {
    await guest.unit('stays.service', '[Service]\nExecStart=/bin/sleep 1000\n[Install]\nWantedBy=multi-user.target\n');
    await guest.unit(
      'stopped.service',
      '[Service]\nExecStart=/bin/sleep 1000\n[Install]\nWantedBy=multi-user.target\n',
    );
    await systemctl('enable', '--now', 'stays', 'stopped');
    await systemctl('stop', 'stopped');
    const pid = await guest.property('stays', 'MainPID');
    const before = (await guest.root('pgrep -x lohar')).trim();
    await guest.exec(['sh', '-c', `kill -TERM ${before}; kill -TERM ${before}`], { user: 'root' }).catch(() => {});
    await until(async () => {
      try {
        return (await guest.root('pgrep -x lohar')).trim() !== before;
      } catch {
        return false; // not back yet
      }
    });
    expect([await guest.property('stays', 'MainPID'), await guest.state('stopped')]).toEqual([pid, 'inactive/dead']);
    await systemctl('disable', '--now', 'stays', 'stopped');
  });

  test('feigned by SIGSTOP costs nothing when it goes on', async () => {
    await guest.unit('waits.service', '[Service]\nRestart=always\nRestartSec=10ms\nExecStart=/bin/sleep 1000\n');
    await systemctl('start', 'waits');
    const pid = await guest.property('waits', 'MainPID');
    const lohar = (await guest.root('pgrep -x lohar')).trim();
    await guest
      .call(
        'POST',
        '/exec',
        JSON.stringify({
          argv: ['setsid', '-f', 'sh', '-c', `kill -STOP ${lohar}; kill -9 ${pid}; sleep 2; kill -CONT ${lohar}`],
          user: 'root',
          detach: true,
        }),
      )
      .catch(() => {});
    await until(async () => !['0', pid].includes(await guest.property('waits', 'MainPID')));
    expect((await guest.root('pgrep -x lohar')).trim()).toBe(lohar);
    await systemctl('stop', 'waits');
  });

  test('twice in a row, and while it starts, is one death', async () => {
    await guest.unit('twice.service', '[Service]\nExecStart=/bin/sleep 1000\n');
    await systemctl('start', 'twice');
    const pid = await guest.property('twice', 'MainPID');
    for (const afterMs of [0, 5, 10, 20, 40, 80]) {
      const first = await until(() => findLohar(guest.id));
      process.kill(first, 'SIGKILL');
      const second = await until(() => {
        const next = findLohar(guest.id);
        return next === first ? undefined : next;
      });
      await new Promise((resolve) => setTimeout(resolve, afterMs));
      process.kill(second, 'SIGKILL');
    }
    await until(async () => {
      try {
        return (await guest.state('twice')) === 'active/running';
      } catch {
        return false; // not back yet
      }
    });
    expect(await guest.property('twice', 'MainPID')).toBe(pid);
    expect((await guest.exec(['pgrep', '-fc', '^/bin/sleep 1000'])).stdout.trim()).not.toBe('0');
    await systemctl('stop', 'twice');
  });

  test('of three hundred units loses none', async () => {
    await guest.root(
      'for i in $(seq 300); do printf "[Service]\\nExecStart=/bin/sleep 1000\\n" >/etc/systemd/system/many-$i.service; done; systemctl start $(seq -f many-%g 300)',
    );
    const pids = () => guest.root('systemctl show -p MainPID --value $(seq -f many-%g 300)');
    const before = await pids();
    expect(before.split('\n').filter((line) => /^[1-9]/.test(line)).length).toBe(300);
    await guest.killLohar();
    expect(await pids()).toBe(before);
    await guest.root('systemctl stop "many-*"; rm /etc/systemd/system/many-*');
  });

  test('with a full /run loses nothing that is known', async () => {
    await guest.unit('full.service', '[Service]\nExecStart=/bin/sleep 5151\n');
    await guest.unit('later.service', '[Service]\nExecStart=/bin/sleep 5252\n');
    await systemctl('start', 'full', 'later');
    await systemctl('stop', 'later');
    await guest.exec(['sh', '-c', 'cat /dev/zero >/run/fill'], { user: 'root' });
    await systemctl('stop', 'full');
    expect((await systemctl('start', 'later')).exitCode).toBe(0);
    const pid = await guest.property('later', 'MainPID');
    await guest.killLohar();
    expect([await guest.state('full'), await guest.state('later')]).toEqual(['inactive/dead', 'active/running']);
    expect(await guest.property('later', 'MainPID')).toBe(pid);
    await guest.root('rm /run/fill');
    await systemctl('stop', 'later');
    expect((await guest.exec(['pgrep', '-f', '^/bin/sleep 5[12]5[12]'])).stdout).toBe('');
  });
});
