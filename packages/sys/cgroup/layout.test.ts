import { expect, test } from 'bun:test';
import { controllerDirectory, groupDirectories, parseCgroupLayout, unifiedDirectory } from './layout.ts';

test('a hybrid host: one hierarchy a controller, some shared, and one without controllers', () => {
  const layout = parseCgroupLayout(`proc /proc proc rw 0 0
cgroup2 /sys/fs/cgroup/unified cgroup2 rw,nosuid 0 0
cgroup /sys/fs/cgroup/systemd cgroup rw,xattr,name=systemd 0 0
cgroup /sys/fs/cgroup/cpu,cpuacct cgroup rw,cpu,cpuacct 0 0
cgroup /sys/fs/cgroup/memory cgroup rw,memory 0 0
cgroup /elsewhere/memory cgroup rw,memory 0 0
`);
  expect(layout.version).toBe(1);
  expect(controllerDirectory(layout, 'cpuacct', 'b/x')).toBe('/sys/fs/cgroup/cpu,cpuacct/b/x');
  expect(controllerDirectory(layout, 'memory', 'b/x')).toBe('/sys/fs/cgroup/memory/b/x');
  expect(controllerDirectory(layout, 'pids', 'b/x')).toBeUndefined();
  expect(unifiedDirectory(layout, 'b/x')).toBe('/sys/fs/cgroup/unified/b/x');
  expect(groupDirectories(layout, 'b').toSorted()).toEqual(
    ['cpu,cpuacct', 'memory', 'systemd', 'unified'].map((name) => `/sys/fs/cgroup/${name}/b`),
  );
});

test('a host of the second version: one hierarchy', () => {
  const layout = parseCgroupLayout('cgroup2 /sys/fs/cgroup cgroup2 rw,nosuid,nsdelegate 0 0\n');
  expect(layout).toEqual({ version: 2, root: '/sys/fs/cgroup' });
  expect(controllerDirectory(layout, 'memory', 'b/x')).toBe('/sys/fs/cgroup/b/x');
  expect(groupDirectories(layout, 'b/x')).toEqual(['/sys/fs/cgroup/b/x']);
});

test('a host of the first version alone has nothing to track with', () => {
  const layout = parseCgroupLayout('cgroup /cg/memory cgroup rw,memory 0 0\n');
  expect(unifiedDirectory(layout, 'b')).toBeUndefined();
});
