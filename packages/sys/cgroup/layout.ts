import { readFileSync } from 'node:fs';

/**
 * How this host mounts its control groups. `v1` has one hierarchy a controller; on hybrid hosts there is a second version without controllers beside them, good for tracking and killing.
 */
export type CgroupLayout =
  | { readonly version: 2; readonly root: string }
  | {
      readonly version: 1;
      /** Mount point by controller; several controllers may share one. */
      readonly controllers: Readonly<Record<string, string>>;
      readonly unified: string | undefined;
    };

export function readCgroupLayout(): CgroupLayout {
  return parseCgroupLayout(readFileSync('/proc/self/mounts', 'utf8'));
}

/** Reads the layout out of a table of mounts as /proc/self/mounts has it. The first mount of a hierarchy counts; containers' own ones come later. */
export function parseCgroupLayout(mounts: string): CgroupLayout {
  const controllers: Record<string, string> = {};
  let unified: string | undefined;
  for (const line of mounts.split('\n')) {
    const [, target = '', type, options = ''] = line.split(' ');
    if (type === 'cgroup2') unified ??= target;
    if (type !== 'cgroup') continue;
    for (const option of options.split(',')) if (knownControllers.has(option)) controllers[option] ??= target;
  }
  if (Object.keys(controllers).length > 0) return { version: 1, controllers, unified };
  return { version: 2, root: unified ?? '/sys/fs/cgroup' };
}

const knownControllers = new Set([
  'cpu',
  'cpuacct',
  'cpuset',
  'memory',
  'devices',
  'freezer',
  'blkio',
  'pids',
  'name=systemd',
]);

/** The directories of one group: one in each hierarchy. `path` is relative, e.g. `bhatti/0123`. */
export function groupDirectories(layout: CgroupLayout, path: string): string[] {
  const roots =
    layout.version === 2
      ? [layout.root]
      : [...Object.values(layout.controllers), ...(layout.unified === undefined ? [] : [layout.unified])];
  return [...new Set(roots)].map((root) => `${root}/${path}`);
}

/** Directory of a group in the second version's hierarchy, where there is one. */
export function unifiedDirectory(layout: CgroupLayout, path: string): string | undefined {
  const root = layout.version === 2 ? layout.root : layout.unified;
  return root === undefined ? undefined : `${root}/${path}`;
}

/** Directory of a group in the hierarchy of one controller. */
export function controllerDirectory(layout: CgroupLayout, controller: string, path: string): string | undefined {
  const root = layout.version === 2 ? layout.root : layout.controllers[controller];
  return root === undefined ? undefined : `${root}/${path}`;
}
