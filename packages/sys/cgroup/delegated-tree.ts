import { CodedError } from '@bhatti/base/errors.ts';
import { accessSync, constants, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { numberIn, readGroupFile, readNumbers } from './cgroup-files.ts';
import { LIMIT_CONTROLLERS, type LimitController } from './group-limits.ts';
import { trackedGroup, type GroupRoots, type TrackedGroup } from './tracked-group.ts';

/*
 * The part of the control groups that this sandbox was given: tracking of what belongs to a unit, killing all of it at once, and limits and accounting where the host delegates controllers.
 */
const ownLeaf = 'init.scope'; // cgroup v2 allows controllers only where no processes are, so ours sit in a leaf

export interface DelegatedTree {
  /** A leaf for one unit, e.g. `system.slice/kasmvnc.service`. Nothing is made yet. */
  group(name: string): TrackedGroup;
  /** cpu.stat of everything in the sandbox. */
  readonly cpuStat: string;
  readonly version: 1 | 2;
  /** What units can be limited by. */
  readonly controllers: ReadonlySet<LimitController>;
  /** What all units together may use. */
  capacity(): { readonly memoryBytes: number; readonly tasks: number };
}

/** Finds the tree, moves this process and its ancestors into a leaf, and switches controllers on for units. Throws HOST_UNSUPPORTED when no writable cgroup v2 is mounted. */
export function openDelegatedTree(): DelegatedTree {
  const root = findRoot();
  if (root === undefined) throw undelegated('none is mounted', undefined);
  try {
    moveOwnProcesses(root);
  } catch (error) {
    throw undelegated(error instanceof Error ? error.message : String(error), error);
  }
  const roots = groupRoots(root);
  return {
    group: (name) => trackedGroup(roots, name),
    cpuStat: join(root, 'cpu.stat'),
    version: roots.version,
    controllers: new Set(roots.controllers.keys()),
    capacity: () => ({
      memoryBytes: Math.min(totalmem(), readLimit(roots, 'memory')),
      tasks: Math.min(readNumbers('/proc/sys/kernel/pid_max')[0] ?? Infinity, readLimit(roots, 'pids')),
    }),
  };
}

/** A host of the second version has all in one tree. Others track in one and have one more for each controller. */
function groupRoots(tracking: string): GroupRoots {
  const enabled = enableControllers(tracking);
  if (enabled.length > 0)
    return { tracking, version: 2, controllers: new Map(enabled.map((controller) => [controller, tracking])) };
  const separate = LIMIT_CONTROLLERS.flatMap((controller) => {
    const root = findRoot(controller);
    return root !== undefined && isWritable(root) ? [[controller, root] as const] : [];
  });
  return { tracking, version: separate.length > 0 ? 1 : 2, controllers: new Map(separate) };
}

const limitOfAll = {
  memory: { 1: 'memory.limit_in_bytes', 2: 'memory.max' },
  pids: { 1: 'pids.max', 2: 'pids.max' },
} as const;

function readLimit({ version, controllers }: GroupRoots, controller: 'memory' | 'pids'): number {
  const root = controllers.get(controller);
  if (root === undefined) return Infinity;
  return numberIn(/^(\d+)/, readGroupFile(join(root, limitOfAll[controller][version]))) ?? Infinity;
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false; // expected: not delegated
  }
}

function undelegated(why: string, cause: unknown): CodedError {
  return new CodedError(
    'HOST_UNSUPPORTED',
    `cannot track units: no writable cgroup v2: ${why}`,
    { needs: 'cgroup v2' },
    { cause },
  );
}

/** Our own group: in the tree of the second version, or in the one of a controller of the first. */
function findRoot(controller?: string): string | undefined {
  const mount = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' '))
    .find((fields) => isTree(fields.slice(fields.indexOf('-') + 1), controller));
  const own = readFileSync('/proc/self/cgroup', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .find(([, names = '']) => (controller === undefined ? names === '' : names.split(',').includes(controller)))
    ?.slice(2)
    .join(':');
  const [mountRoot, mountPoint] = [mount?.[3], mount?.[4]];
  if (own === undefined || mountRoot === undefined || mountPoint === undefined) return undefined;
  // Without a cgroup namespace both paths are the host's.
  const inside = mountRoot !== '/' && own.startsWith(mountRoot) ? own.slice(mountRoot.length) : own;
  const path = join(mountPoint, inside.endsWith(`/${ownLeaf}`) ? inside.slice(0, -ownLeaf.length) : inside);
  return existsSync(join(path, 'cgroup.procs')) ? path.replace(/(.)\/$/, '$1') : undefined;
}

/** Type, source and options of a mount. */
function isTree([type, , options = '']: readonly string[], controller: string | undefined): boolean {
  if (controller === undefined) return type === 'cgroup2';
  return type === 'cgroup' && options.split(',').includes(controller);
}

function moveOwnProcesses(root: string): void {
  const leaf = join(root, ownLeaf);
  mkdirSync(leaf, { recursive: true });
  for (const pid of readNumbers(join(root, 'cgroup.procs'))) {
    try {
      writeFileSync(join(leaf, 'cgroup.procs'), String(pid));
    } catch (error) {
      // Expected: it has ended since.
      if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
    }
  }
}

/** The controllers that units have from now on. */
function enableControllers(root: string): LimitController[] {
  const delegated = readGroupFile(join(root, 'cgroup.controllers')).trim().split(/\s+/);
  return LIMIT_CONTROLLERS.filter((controller) => {
    if (!delegated.includes(controller)) return false;
    try {
      writeFileSync(join(root, 'cgroup.subtree_control'), `+${controller}`);
      mkdirSync(join(root, 'system.slice'), { recursive: true });
      writeFileSync(join(root, 'system.slice', 'cgroup.subtree_control'), `+${controller}`);
      return true;
    } catch {
      return false; // expected: the host did not delegate this one; units are then tracked without it
    }
  });
}
