import { existsSync } from 'node:fs';

import { readCgroupLayout } from '../cgroup/layout.ts';
import type { Finding } from './finding.ts';
import { tryReadTrimmed } from './proc-file.ts';

const needed = ['cpu', 'memory', 'pids', 'cpuset'] as const;

/** Which of the two cgroup versions, or both side by side, and whether the limits that a sandbox gets can be set. */
export function probeCgroups(): Finding {
  const subject = 'cgroups';
  const layout = readCgroupLayout();
  if (layout.version === 2) {
    const controllers = tryReadTrimmed(`${layout.root}/cgroup.controllers`);
    if (controllers === undefined)
      return { subject, level: 'missing', found: 'not mounted', advice: 'mount -t cgroup2 none /sys/fs/cgroup' };
    return judge('version 2', controllers.split(' '));
  }
  const form = layout.unified === undefined ? 'version 1' : 'hybrid (version 1 with an empty version 2 beside it)';
  // runc freezes a sandbox through it.
  const controllers = Object.keys(layout.controllers).filter((name) => existsSync(layout.controllers[name] ?? ''));
  return judge(form, controllers, ['freezer', 'devices']);
}

function judge(form: string, controllers: readonly string[], more: readonly string[] = []): Finding {
  const missing = [...needed, ...more].filter((name) => !controllers.includes(name));
  const subject = 'cgroups';
  if (missing.length > 0)
    return {
      subject,
      level: 'missing',
      found: `${form}, without ${missing.join(', ')}`,
      advice: missing.includes('memory')
        ? 'boot with cgroup_enable=memory on the kernel command line'
        : 'boot a kernel that has these controllers',
    };
  return { subject, level: 'ok', found: `${form}, with ${needed.join(', ')}` };
}
