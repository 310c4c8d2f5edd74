import { CodedError } from '@bhatti/base/errors.ts';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/*
 * The part of the cgroup v2 tree that this sandbox was given: tracking of what belongs to a unit, killing all of it at once, and accounting where the host delegates controllers.
 */
const ownLeaf = 'init.scope'; // cgroup v2 allows controllers only where no processes are, so ours sit in a leaf

export interface DelegatedTree {
  /** A leaf for one unit, e.g. `system.slice/kasmvnc.service`. Nothing is made yet. */
  group(name: string): TrackedGroup;
  /** cpu.stat of everything in the sandbox. */
  readonly cpuStat: string;
}

export interface TrackedGroup {
  /** As systemd names it: `/system.slice/kasmvnc.service`. */
  readonly name: string;
  create(): void;
  /** Moves a process into it. Throws when it cannot be. */
  join(pid: number): void;
  pids(): number[];
  isPopulated(): boolean;
  /** SIGKILL to every process, however fast they fork. */
  kill(): void;
  /** Whether its processes are scheduled at all. */
  freeze(state: 'frozen' | 'running'): void;
  isFrozen(): boolean;
  /** Moves a process that runs already into it. */
  take(pid: number): void;
  /** Removes it when nobody is in it. */
  tryRemove(): boolean;
  usage(): GroupUsage;
  /** Calls back each time the last process leaves. */
  onEmpty(callback: () => void): Disposable;
}

export interface GroupUsage {
  readonly cpuUsec: number | undefined;
  readonly memoryBytes: number | undefined;
  readonly tasks: number | undefined;
  readonly tasksMax: number | undefined;
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
  enableControllers(root);
  return { group: (name) => trackedGroup(root, name), cpuStat: join(root, 'cpu.stat') };
}

function undelegated(why: string, cause: unknown): CodedError {
  return new CodedError(
    'HOST_UNSUPPORTED',
    `cannot track units: no writable cgroup v2: ${why}`,
    { needs: 'cgroup v2' },
    { cause },
  );
}

function findRoot(): string | undefined {
  const mount = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' '))
    .find((fields) => fields[fields.indexOf('-') + 1] === 'cgroup2');
  const own = /^0::(.*)$/m.exec(readFileSync('/proc/self/cgroup', 'utf8'))?.[1];
  const [mountRoot, mountPoint] = [mount?.[3], mount?.[4]];
  if (own === undefined || mountRoot === undefined || mountPoint === undefined) return undefined;
  // Without a cgroup namespace both paths are the host's.
  const inside = mountRoot !== '/' && own.startsWith(mountRoot) ? own.slice(mountRoot.length) : own;
  const path = join(mountPoint, inside.endsWith(`/${ownLeaf}`) ? inside.slice(0, -ownLeaf.length) : inside);
  return existsSync(join(path, 'cgroup.procs')) ? path.replace(/(.)\/$/, '$1') : undefined;
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

function enableControllers(root: string): void {
  for (const controller of readText(join(root, 'cgroup.controllers')).trim().split(/\s+/)) {
    if (!['cpu', 'memory', 'pids'].includes(controller)) continue;
    try {
      writeFileSync(join(root, 'cgroup.subtree_control'), `+${controller}`);
      mkdirSync(join(root, 'system.slice'), { recursive: true });
      writeFileSync(join(root, 'system.slice', 'cgroup.subtree_control'), `+${controller}`);
    } catch {
      // expected: the host did not delegate this one; units are then tracked without it
    }
  }
}

function trackedGroup(root: string, name: string): TrackedGroup {
  const path = join(root, name);
  const procs = join(path, 'cgroup.procs');
  return {
    name: `/${name}`,
    create: () => void mkdirSync(path, { recursive: true }),
    join: (pid) => writeFileSync(procs, String(pid)),
    pids: () => readTree(path),
    isPopulated: () => /^populated 1$/m.test(readText(join(path, 'cgroup.events'))),
    kill() {
      if (existsSync(path)) writeFileSync(join(path, 'cgroup.kill'), '1');
    },
    freeze(state) {
      writeFileSync(join(path, 'cgroup.freeze'), state === 'frozen' ? '1' : '0');
    },
    isFrozen: () => readText(join(path, 'cgroup.freeze')).trim() === '1',
    take: (pid) => writeFileSync(procs, String(pid)),
    tryRemove: () => removeTree(path),
    usage: () => ({
      cpuUsec: numberIn(/^usage_usec (\d+)/m, readText(join(path, 'cpu.stat'))),
      memoryBytes: numberIn(/^(\d+)/, readText(join(path, 'memory.current'))),
      tasks: numberIn(/^(\d+)/, readText(join(path, 'pids.current'))) ?? readTree(path, 'cgroup.threads').length,
      tasksMax: numberIn(/^(\d+)/, readText(join(path, 'pids.max'))),
    }),
    onEmpty(callback) {
      const events = join(path, 'cgroup.events');
      const watcher = watch(events, () => {
        if (!/^populated 1$/m.test(readText(events))) callback();
      });
      watcher.on('error', () => watcher.close()); // the group was removed
      return { [Symbol.dispose]: () => watcher.close() };
    },
  };
}

/** A unit's processes may have made groups below its own. */
function readTree(path: string, file = 'cgroup.procs'): number[] {
  return [...readNumbers(join(path, file)), ...subgroups(path).flatMap((sub) => readTree(sub, file))];
}

function removeTree(path: string): boolean {
  try {
    for (const sub of subgroups(path)) removeTree(sub);
    rmdirSync(path);
    return true;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT') return true;
    if (code === 'EBUSY' || code === 'ENOTEMPTY') return false; // somebody is in it
    throw error;
  }
}

function subgroups(path: string): string[] {
  try {
    return readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(path, entry.name));
  } catch {
    return []; // expected: it is gone
  }
}

function readNumbers(path: string): number[] {
  return readText(path)
    .split('\n')
    .filter((line) => line !== '')
    .map(Number);
}

function numberIn(pattern: RegExp, text: string): number | undefined {
  const match = pattern.exec(text)?.[1];
  return match === undefined ? undefined : Number(match);
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // expected: no such group, or no such controller
  }
}
