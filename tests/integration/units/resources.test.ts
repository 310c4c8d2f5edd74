import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { titled, whyNoSandboxes } from '../../support/capability.ts';
import { TestGuest } from '../../support/guest.ts';
import { until } from '../../support/until.ts';

const why = whyNoSandboxes();

describe.skipIf(why !== undefined)(titled('a service’s control group', why), () => {
  let guest: TestGuest;
  beforeAll(async () => {
    guest = await TestGuest.start();
  });
  afterAll(() => guest[Symbol.asyncDispose]());

  async function shown(unit: string, names: readonly string[]): Promise<string[]> {
    const { stdout } = await guest.exec(['systemctl', 'show', '-p', names.join(','), unit]);
    return stdout.trim().split('\n').toSorted();
  }

  const limited = `TasksMax=20\nMemoryMax=64M\nMemorySwapMax=0\nCPUQuota=20%\nCPUWeight=50`;

  test('has its limits, shown and in force', async () => {
    await guest.unit('limited.service', `[Service]\nExecStart=/bin/sleep 1000\n${limited}\n`);
    await guest.root('systemctl start limited');
    expect(
      await shown('limited', ['TasksMax', 'MemoryMax', 'CPUQuotaPerSecUSec', 'CPUWeight', 'MemorySwapMax']),
    ).toEqual(['CPUQuotaPerSecUSec=200ms', 'CPUWeight=50', 'MemoryMax=67108864', 'MemorySwapMax=0', 'TasksMax=20']);
    expect(await guest.property('limited', 'TasksCurrent')).toBe('1');
    expect(Number(await guest.property('limited', 'MemoryCurrent'))).toBeGreaterThan(0);
    expect(
      await guest.root(
        `find /sys/fs/cgroup -path '*limited.service/*' '(' -name pids.max -o -name cpu.shares -o -name memory.limit_in_bytes -o -name memory.max -o -name cpu.weight ')' -exec cat {} +`,
      ),
    ).toMatch(/20\n|67108864\n/);
    await guest.root('systemctl stop limited');
    expect(await guest.root(`find /sys/fs/cgroup -name limited.service`)).toBe('');
  });

  test('stops more tasks than it may have, and ends with it', async () => {
    await guest.unit(
      'bomb.service',
      `[Service]\nExecStart=/usr/bin/perl -e 'while (1) { fork // select undef, undef, undef, 0.05 }'\nTasksMax=30\n`,
    );
    await guest.root('systemctl start bomb');
    const tasks = async () => Number(await guest.property('bomb', 'TasksCurrent'));
    await until(async () => (await tasks()) === 30);
    expect((await guest.exec(['systemctl', 'is-active', 'bomb'])).stdout).toBe('active\n');
    await guest.root('systemctl stop bomb');
    expect(await guest.root('pgrep -c perl || :')).toBe('0\n');
  });

  const eater = `/bin/sh -c 'exec tail /dev/zero'`;

  test('can run out of memory', async () => {
    await guest.unit('eater.service', `[Service]\nExecStart=${eater}\nMemoryMax=32M\nMemorySwapMax=0\n`);
    await guest.root('systemctl start eater');
    await until(async () => (await guest.state('eater')) === 'failed/failed');
    expect(await guest.property('eater', 'Result')).toBe('oom-kill');
    const log = (await guest.exec(['journalctl', '-u', 'eater', '-o', 'cat'])).stdout;
    expect(log).toContain('eater.service: A process of this unit has been killed by the OOM killer.\n');
    expect(log).toContain("eater.service: Failed with result 'oom-kill'.\n");
    expect((await guest.exec(['systemctl', 'status', 'eater'])).stdout).toContain('failed (Result: oom-kill)');
  });

  test('ends by its policy when one of it is killed', async () => {
    const unit = (policy: string) =>
      `[Service]\nExecStart=/bin/sh -c 'tail /dev/zero; while :; do sleep 1; done'\nMemoryMax=32M\nMemorySwapMax=0\nOOMPolicy=${policy}\n`;
    for (const policy of ['stop', 'continue', 'kill']) await guest.unit(`oom-${policy}.service`, unit(policy));
    await guest.root('systemctl start oom-stop oom-continue oom-kill');
    await until(async () => (await guest.state('oom-stop')) === 'failed/failed');
    await until(async () => (await guest.state('oom-kill')) === 'failed/failed');
    expect(await guest.property('oom-stop', 'Result')).toBe('oom-kill');
    expect(await guest.property('oom-kill', 'Result')).toBe('oom-kill');
    await until(async () =>
      (await guest.exec(['journalctl', '-u', 'oom-continue'])).stdout.includes('killed by the OOM killer'),
    );
    expect(await guest.state('oom-continue')).toBe('active/running');
    await guest.root('systemctl stop oom-continue');
    expect(await guest.property('oom-continue', 'Result')).toBe('success');
  });

  test('is watched by the lohar after the one that made it', async () => {
    await guest.unit(
      'later.service',
      `[Service]\nExecStart=/bin/sh -c 'while [ ! -e /run/eat ]; do sleep 0.1; done; tail /dev/zero; exec sleep 1000'\nMemoryMax=32M\nMemorySwapMax=0\n`,
    );
    await guest.root('systemctl start later');
    await guest.killLohar();
    await guest.root('touch /run/eat');
    await until(async () => (await guest.state('later').catch(() => '')) === 'failed/failed');
    expect(await guest.property('later', 'Result')).toBe('oom-kill');
  });
});
