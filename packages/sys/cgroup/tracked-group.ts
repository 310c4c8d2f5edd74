import { chownSync, closeSync, existsSync, mkdirSync, openSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { drainEventFd, openEventFd, raiseEventFd } from '../eventfd.ts';
import { numberIn, readGroupFile, readTree, removeTree } from './cgroup-files.ts';
import { LIMIT_CONTROLLERS, limitFiles, type GroupLimits, type LimitController } from './group-limits.ts';

/** Where groups of units are made: the tree that tracks them and, on hosts of the first version, one more for each controller. */
export interface GroupRoots {
  readonly tracking: string;
  /** 2: the tracking tree has the controllers as well. */
  readonly version: 1 | 2;
  readonly controllers: ReadonlyMap<LimitController, string>;
}

export interface TrackedGroup {
  /** As systemd names it: `/system.slice/kasmvnc.service`. */
  readonly name: string;
  create(): void;
  /** Limits those who are in it and who will be; what cannot be set is returned as text, and the rest holds. Those who join afterwards join everything. */
  limit(limits: GroupLimits): string[];
  /** Lets a user make groups below and move his processes there (cgroups(7), "Cgroup delegation"). */
  delegateTo(uid: number, gid: number): void;
  /** Moves a process into it, in each tree. Throws when it cannot be. */
  join(pid: number): void;
  pids(): number[];
  isPopulated(): boolean;
  /** SIGKILL to every process, however fast they fork. */
  kill(): void;
  /** Whether its processes are scheduled at all. */
  freeze(state: 'frozen' | 'running'): void;
  isFrozen(): boolean;
  /** Removes it when nobody is in it. */
  tryRemove(): boolean;
  usage(): GroupUsage;
  /** How many of its processes the kernel has killed for want of memory. */
  oomKills(): number;
  /** Calls back each time the last process leaves. */
  onEmpty(callback: () => void): Disposable;
  /** Calls back when the kernel ran out of the group's memory; `whenReadable` waits once for a descriptor. */
  onOom(whenReadable: (fd: number, callback: () => void) => void, callback: () => void): Disposable;
}

export interface GroupUsage {
  readonly cpuUsec: number | undefined;
  readonly memoryBytes: number | undefined;
  readonly tasks: number | undefined;
  readonly tasksMax: number | undefined;
}

export function trackedGroup(roots: GroupRoots, name: string): TrackedGroup {
  const path = join(roots.tracking, name);
  const pathOf = (controller: LimitController) => {
    const root = roots.controllers.get(controller);
    return root === undefined ? undefined : join(root, name);
  };
  const events = join(path, 'cgroup.events');
  const separate = () =>
    roots.version === 2 ? [] : LIMIT_CONTROLLERS.map(pathOf).filter((dir) => dir !== undefined && existsSync(dir));
  const isPopulated = () => /^populated 1$/m.test(readGroupFile(events));
  const read = (controller: LimitController, file: string) => {
    const dir = pathOf(controller);
    return dir === undefined ? '' : readGroupFile(join(dir, file));
  };
  return {
    name: `/${name}`,
    create: () => void mkdirSync(path, { recursive: true }),
    limit: (limits) => writeLimits(roots.version, pathOf, limits),
    delegateTo(uid, gid) {
      for (const file of ['.', 'cgroup.procs', 'cgroup.threads', 'cgroup.subtree_control'])
        chownSync(join(path, file), uid, gid);
    },
    join(pid) {
      for (const dir of [path, ...separate()]) writeFileSync(join(dir ?? path, 'cgroup.procs'), String(pid));
    },
    pids: () => readTree(path),
    isPopulated,
    kill() {
      if (existsSync(path)) writeFileSync(join(path, 'cgroup.kill'), '1');
    },
    freeze: (state) => writeFileSync(join(path, 'cgroup.freeze'), state === 'frozen' ? '1' : '0'),
    isFrozen: () => readGroupFile(join(path, 'cgroup.freeze')).trim() === '1',
    tryRemove: () => [path, ...separate()].map((dir) => removeTree(dir ?? path)).every(Boolean),
    usage: () => ({
      cpuUsec: numberIn(/^usage_usec (\d+)/m, readGroupFile(join(path, 'cpu.stat'))),
      memoryBytes: numberIn(/^(\d+)/, read('memory', roots.version === 2 ? 'memory.current' : 'memory.usage_in_bytes')),
      tasks: numberIn(/^(\d+)/, read('pids', 'pids.current')) ?? readTree(path, 'cgroup.threads').length,
      tasksMax: numberIn(/^(\d+)/, read('pids', 'pids.max')),
    }),
    oomKills: () =>
      numberIn(/^oom_kill (\d+)/m, read('memory', roots.version === 2 ? 'memory.events' : 'memory.oom_control')) ?? 0,
    onEmpty: (callback) => watchFile(events, () => !isPopulated() && callback()),
    onOom(whenReadable, callback) {
      const dir = pathOf('memory');
      if (dir === undefined || !existsSync(dir)) return nothing;
      if (roots.version === 2) return watchFile(join(dir, 'memory.events'), callback);
      return watchOomControl(dir, whenReadable, callback);
    },
  };
}

const nothing: Disposable = { [Symbol.dispose]: () => {} };

function writeLimits(
  version: 1 | 2,
  pathOf: (controller: LimitController) => string | undefined,
  limits: GroupLimits,
): string[] {
  return limitFiles(version, limits).flatMap(({ controller, file, value }) => {
    const dir = pathOf(controller);
    if (dir === undefined) return []; // the host did not give this controller
    try {
      mkdirSync(dir, { recursive: true });
      writeFileSync(join(dir, file), value);
      return [];
    } catch (error) {
      return [`Failed to set ${file} to ${value}: ${error instanceof Error ? error.message : String(error)}`];
    }
  });
}

/** The kernel "modifies" these files when what they say changes. */
function watchFile(path: string, callback: () => void): Disposable {
  // By its descriptor: the runtime would take a backslash of the name, which units' names have, for a slash.
  const fd = openSync(path, 'r');
  const watcher = watch(`/proc/self/fd/${fd}`, callback);
  closeSync(fd);
  watcher.on('error', () => watcher.close()); // the group was removed
  return { [Symbol.dispose]: () => watcher.close() };
}

/** Documentation/admin-guide/cgroup-v1/memory.rst, "OOM Control": an eventfd that is told to `cgroup.event_control`. */
function watchOomControl(
  dir: string,
  whenReadable: (fd: number, callback: () => void) => void,
  callback: () => void,
): Disposable {
  const event = openEventFd();
  const control = openSync(join(dir, 'memory.oom_control'), 'r');
  let isWatched = true;
  try {
    writeFileSync(join(dir, 'cgroup.event_control'), `${event.fd} ${control}`);
  } catch {
    event[Symbol.dispose]();
    return nothing; // expected: a kernel without events of the first version
  } finally {
    closeSync(control);
  }
  const wait = () =>
    whenReadable(event.fd, () => {
      // Only who was told that it is readable may close it: until then somebody waits for this number.
      if (!isWatched) return event[Symbol.dispose]();
      drainEventFd(event);
      callback();
      wait();
    });
  wait();
  return {
    [Symbol.dispose]() {
      isWatched = false;
      raiseEventFd(event);
    },
  };
}
