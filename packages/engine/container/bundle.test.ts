import { newSandboxId } from '@bhatti/base/ids.ts';
import type { CgroupLayout } from '@bhatti/sys/cgroup/layout.ts';
import { describe, expect, test } from 'bun:test';
import { bundleConfig } from './bundle.ts';
import { resourceLimits } from './limits.ts';
import { seccompRules } from './seccomp-table.ts';

const hybrid: CgroupLayout = {
  version: 1,
  controllers: { memory: '/cg/memory', pids: '/cg/pids', cpu: '/cg/cpu,cpuacct' },
  unified: '/cg/unified',
};

describe('what the runtime is told', () => {
  const spec = {
    id: newSandboxId(),
    name: 'My_box',
    owner: 'ann',
    image: 'minimal',
    cpus: 1,
    memoryMib: 1000,
    diskMib: 1,
  };
  const config = (cgroups: CgroupLayout) =>
    bundleConfig({
      spec,
      executable: '/opt/bhatti',
      rootfs: '/run/rootfs',
      limits: resourceLimits(spec, [0]),
      uids: { first: 1_900_000_000 },
      userNamespace: '/proc/1/fd/10',
      networkNamespace: '/proc/1/fd/11',
      cgroups,
      cgroupPath: 'bhatti/x',
    });

  test('on a hybrid host the delegated subtrees are mounted writable, each where programs look for it', () => {
    const { mounts } = config(hybrid);
    const at = (destination: string) => mounts.find((mount) => mount.destination === destination);
    expect(at('/sys/fs/cgroup/unified')).toMatchObject({ source: '/cg/unified/bhatti/x', type: 'bind' });
    expect(at('/sys/fs/cgroup/cpu')).toMatchObject({ source: '/cg/cpu,cpuacct/bhatti/x' });
    expect(at('/sys/fs/cgroup/memory')?.options).toContain('rw');
    expect(at('/dev/shm')?.options).toContain('size=500m');
    expect(at('/usr/lib/bhatti/bhatti')).toMatchObject({ source: '/opt/bhatti' });
    expect(at('/usr/lib/bhatti/bhatti')?.options).toContain('ro');
  });

  test('on a host of the second version the sandbox sees its own group as the root', () => {
    const { mounts } = config({ version: 2, root: '/sys/fs/cgroup' });
    const own = mounts.filter((mount) => mount.destination.startsWith('/sys/fs/cgroup'));
    expect(own).toMatchObject([{ destination: '/sys/fs/cgroup', type: 'cgroup' }]);
    expect(own[0]?.options).toContain('rw');
  });

  test('root has neither SYS_ADMIN nor NET_ADMIN, and nobody inherits what root has', () => {
    const { capabilities, noNewPrivileges } = config(hybrid).process;
    expect(capabilities.bounding).not.toContain('CAP_SYS_ADMIN');
    expect(capabilities.bounding).not.toContain('CAP_NET_ADMIN');
    expect(capabilities.inheritable).toEqual([]);
    expect(capabilities.ambient).toEqual([]);
    expect(noNewPrivileges).toBe(false);
  });

  test('the host name is one', () => {
    expect(config(hybrid).hostname).toBe('my-box');
  });
});

test('no system call is listed twice, and none that only an administrator needs is listed', () => {
  const names = seccompRules.filter((rule) => rule.args === undefined).flatMap((rule) => rule.names);
  expect(new Set(names).size).toBe(names.length);
  const administrators =
    'mount umount2 pivot_root setns unshare bpf kexec_load init_module finit_module reboot swapon settimeofday io_uring_setup keyctl perf_event_open userfaultfd open_by_handle_at';
  for (const name of administrators.split(' ')) expect(names).not.toContain(name);
});
