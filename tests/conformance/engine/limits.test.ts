import type { SandboxId } from '@bhatti/base/ids.ts';
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { openEngineHost, type EngineHost } from '../../support/engine-host.ts';
import { enginesUnderTest } from '../../support/engine-list.ts';
import { until } from '../../support/until.ts';

for (const subject of enginesUnderTest) {
  describe(`limits of a sandbox (${subject.name})`, () => {
    let host: EngineHost;
    let id: SandboxId;
    beforeAll(async () => {
      host = await openEngineHost(subject);
      ({ id } = await host.launch({ memoryMib: 192, diskMib: 96 }));
    });
    afterAll(async () => await host[Symbol.asyncDispose]());

    const output = async (command: string, of = id) => (await host.run(of, command)).output.trim();
    const fails = async (command: string) => expect((await host.run(id, command)).exitCode, command).not.toBe(0);

    test('df shows the size of the disk, and filling it fails inside', async () => {
      const sizeMib = Number(await output(`df -m / | tail -n 1 | awk '{print $2}'`));
      expect(sizeMib).toBeGreaterThan(80);
      expect(sizeMib).toBeLessThanOrEqual(96);
      const filled = await host.run(id, 'dd if=/dev/zero of=/fill bs=1M count=200');
      expect(filled.exitCode).not.toBe(0);
      expect(filled.output).toContain('No space left on device');
      expect(hostMib(host, id)).toBeLessThanOrEqual(97);
      expect((await host.run(id, 'rm /fill && echo fits > /note && cat /note')).output).toBe('fits\n');
    });

    test('what is deleted inside is given back to the host', async () => {
      await host.run(id, 'dd if=/dev/urandom of=/big bs=1M count=40; sync');
      const full = hostMib(host, id);
      expect(full).toBeGreaterThan(39);
      await host.run(id, 'rm /big; sync');
      await until(
        async () => (await host.run(id, 'sync'), hostMib(host, id) < full - 30),
        () => `${hostMib(host, id)} MiB of ${full}`,
      );
    });

    test('a program that outgrows the memory is killed, and the sandbox goes on', async () => {
      const eaten = await host.run(id, 'dd if=/dev/zero of=/dev/null bs=400M count=1; echo code $?');
      expect(eaten.output).toContain('code 137');
      expect(await output('echo alive')).toBe('alive');
    });

    test('memory in /dev/shm counts as the sandbox’s', async () => {
      const shm = await host.run(
        id,
        'dd if=/dev/zero of=/dev/shm/x bs=1M count=180; code=$?; rm /dev/shm/x; exit $code',
      );
      expect(shm.exitCode).not.toBe(0);
    });

    test('the number of processes is bounded', async () => {
      expect(Number(await output('cat /sys/fs/cgroup/pids/pids.max 2>/dev/null || cat /sys/fs/cgroup/pids.max'))).toBe(
        4096,
      );
    });

    test('nproc is the cores asked for, up to those of the host', async () => {
      const { op } = host;
      const engine = host.engine();
      expect(await output('nproc')).toBe('1');
      for (const [cpus, expected] of [
        [2, Math.min(2, availableParallelism())],
        [512, availableParallelism()],
        [0.5, 1],
      ] as const) {
        const spec = host.spec({ cpus });
        expect((engine.notices?.(spec) ?? []).length > 0).toBe(cpus > availableParallelism());
        await engine.create(op, spec);
        await engine.start(op, spec.id);
        expect(await output('nproc', spec.id), `--cpus ${cpus}`).toBe(String(expected));
        await engine.destroy(op, spec.id);
      }
    });

    test('half a core is half of its time', async () => {
      const { op } = host;
      const { id: half } = await host.launch({ cpus: 0.5 });
      const quota = await output(
        'cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us /sys/fs/cgroup/cpu/cpu.cfs_period_us 2>/dev/null || cat /sys/fs/cgroup/cpu.max',
        half,
      );
      const [limit = 0, period = 1] = quota.split(/\s+/).map(Number);
      expect(limit / period).toBe(0.5);
      await host.engine().destroy(op, half);
    });

    test('root inside is nobody outside, and a different nobody in each sandbox', async () => {
      const { op } = host;
      const other = await host.launch();
      await host.run(id, '(exec sleep 31415) >/dev/null 2>&1 &');
      await host.run(other.id, '(exec sleep 27182) >/dev/null 2>&1 &');
      const uids = await Promise.all(
        ['31415', '27182'].map(async (mark) => await until(() => uidOfProcess(`sleep\0${mark}`))),
      );
      for (const uid of uids) expect(uid).toBeGreaterThan(1_000_000);
      expect(uids[0]).not.toBe(uids[1]);
      await host.engine().destroy(op, other.id);
    });

    test('root inside cannot mount, make devices or namespaces, or change the kernel', async () => {
      await fails('mount -t tmpfs none /tmp');
      await fails('umount /proc');
      await fails('mknod /tmp/disk b 254 0');
      await fails('unshare -U true');
      await fails('unshare -n true');
      await fails('echo 1 > /proc/sys/kernel/panic');
      await fails('echo b > /proc/sysrq-trigger');
      await fails('dmesg');
      await fails('hostname changed');
      await fails('ip link set eth0 down');
      await fails('head -c 1 /proc/kcore | grep -q .');
      await fails('echo x > /usr/lib/bhatti/bhatti');
      await fails('ls /sys/firmware | grep -q .');
    });

    test('set-user-id programs work, since sudo must', async () => {
      expect(await output('grep NoNewPrivs /proc/self/status')).toMatch(/0$/);
    });

    test('nothing of the host’s own files is in sight', async () => {
      expect(await output(`ls -A / | tr '\\n' ' '`)).not.toContain('boot');
      expect(await output(`cut -d' ' -f5 /proc/self/mountinfo | grep -c agent.sock || true`)).toBe('0');
      await fails(`ls ${host.config.runDir}`);
    });

    test('root inside may divide its control groups, and not raise its own limits', async () => {
      const unified = await output(
        '[ -d /sys/fs/cgroup/unified ] && echo /sys/fs/cgroup/unified || echo /sys/fs/cgroup',
      );
      const pid = await output('sleep 16180 >/dev/null 2>&1 & echo $!');
      const tracked = await host.run(
        id,
        `mkdir ${unified}/unit && echo ${pid} > ${unified}/unit/cgroup.procs && cat ${unified}/unit/cgroup.procs && echo 1 > ${unified}/unit/cgroup.kill`,
      );
      expect(tracked).toMatchObject({ exitCode: 0, output: `${pid}\n` });
      await until(async () => (await host.run(id, `rmdir ${unified}/unit`)).exitCode === 0);
      if (unified.endsWith('unified')) {
        const limited = await host.run(
          id,
          'cd /sys/fs/cgroup/memory && mkdir unit && echo 10000000 > unit/memory.limit_in_bytes && rmdir unit',
        );
        expect(limited.exitCode).toBe(0);
        await fails('echo -1 > /sys/fs/cgroup/memory/memory.limit_in_bytes');
        await fails('echo max > /sys/fs/cgroup/pids/pids.max');
        await fails('echo -1 > /sys/fs/cgroup/cpu/cpu.cfs_quota_us');
      } else {
        await fails('echo max > /sys/fs/cgroup/memory.max');
        await fails('echo max > /sys/fs/cgroup/pids.max');
      }
    });
  });
}

/** What the sandbox's files take on the host. */
function hostMib(host: EngineHost, id: SandboxId): number {
  const dir = join(host.config.dataDir, 'sandboxes', id);
  const blocks = readdirSync(dir).reduce((sum, name) => sum + statSync(join(dir, name)).blocks, 0);
  return (blocks * 512) / (1024 * 1024);
}

function uidOfProcess(cmdline: string): number | undefined {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      if (!readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith(cmdline)) continue;
      return Number(/^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
    } catch {
      continue; // expected: it ended between the two looks
    }
  }
  return undefined;
}
