import { CodedError } from '@bhatti/base/errors.ts';
import { sleep, type Operation } from '@bhatti/base/operation.ts';
import { chownSync, existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { controllerDirectory, groupDirectories, unifiedDirectory, type CgroupLayout } from './layout.ts';

/** Controllers of the first version whose subtree a sandbox may divide among its own programs. */
export const delegatedControllers = ['memory', 'pids', 'cpu'] as const;

/**
 * Makes the group and hands its subtree to `owner`: it may make groups below and move its own programs there. The files with the group's own limits stay root's, so it cannot raise them
 * (cgroups(7), "Cgroup delegation").
 */
export function delegateGroup(layout: CgroupLayout, path: string, owner: number): void {
  for (const dir of delegatedDirectories(layout, path)) {
    mkdirSync(dir, { recursive: true });
    for (const name of ['.', 'cgroup.procs', 'cgroup.threads', 'cgroup.subtree_control', 'tasks']) {
      const file = `${dir}/${name}`;
      if (existsSync(file)) chownSync(file, owner, owner);
    }
  }
}

/** The directories that delegateGroup hands over. */
export function delegatedDirectories(layout: CgroupLayout, path: string): string[] {
  const unified = unifiedDirectory(layout, path);
  const controllers =
    layout.version === 2 ? [] : delegatedControllers.map((name) => controllerDirectory(layout, name, path));
  return [unified, ...controllers].filter((dir) => dir !== undefined);
}

export type FreezerState = 'frozen' | 'freezing' | 'thawed';

/** What the kernel says of the group; undefined when it does not exist. */
export function freezerState(layout: CgroupLayout, path: string): FreezerState | undefined {
  const dir = controllerDirectory(layout, 'freezer', path);
  if (dir === undefined) return undefined;
  if (layout.version === 1) {
    const state = tryRead(`${dir}/freezer.state`)?.trim();
    return state === undefined ? undefined : state === 'THAWED' ? 'thawed' : state === 'FROZEN' ? 'frozen' : 'freezing';
  }
  const wanted = tryRead(`${dir}/cgroup.freeze`)?.trim();
  if (wanted === undefined) return undefined;
  if (wanted === '0') return 'thawed';
  return /^frozen 1$/m.test(tryRead(`${dir}/cgroup.events`) ?? '') ? 'frozen' : 'freezing';
}

/** Freezes every process of the group where it stands; returns when the last one does. */
export async function freezeGroup(op: Operation, layout: CgroupLayout, path: string): Promise<void> {
  try {
    writeFreezer(layout, path, 'frozen');
    while (freezerState(layout, path) !== 'frozen') {
      await sleep(op, 1);
      // A process that is being forked can escape the first order of the first version's freezer.
      if (layout.version === 1) writeFreezer(layout, path, 'frozen');
    }
  } catch (error) {
    writeFreezer(layout, path, 'thawed');
    throw error;
  }
}

export function thawGroup(layout: CgroupLayout, path: string): void {
  writeFreezer(layout, path, 'thawed');
}

function writeFreezer(layout: CgroupLayout, path: string, state: 'frozen' | 'thawed'): void {
  const dir = controllerDirectory(layout, 'freezer', path);
  if (dir === undefined || !existsSync(dir)) return;
  if (layout.version === 1) writeFileSync(`${dir}/freezer.state`, state === 'frozen' ? 'FROZEN' : 'THAWED');
  else writeFileSync(`${dir}/cgroup.freeze`, state === 'frozen' ? '1' : '0');
}

/** Kills every process in the group and below. Frozen ones die when they are thawed. */
export function killGroup(layout: CgroupLayout, path: string): void {
  const kill = unifiedDirectory(layout, path);
  if (kill !== undefined && existsSync(`${kill}/cgroup.kill`)) writeFileSync(`${kill}/cgroup.kill`, '1');
  for (const pid of groupProcesses(layout, path)) tryKill(pid);
  if (layout.version === 1) thawGroup(layout, path);
}

/** Processes in the group and below, in every hierarchy, by their numbers here. */
export function groupProcesses(layout: CgroupLayout, path: string): number[] {
  const pids = groupDirectories(layout, path).flatMap((dir) =>
    subtree(dir).flatMap((group) => (tryRead(`${group}/cgroup.procs`) ?? '').split('\n').filter((line) => line !== '')),
  );
  return [...new Set(pids)].map(Number).filter((pid) => pid > 0);
}

const removeTimeoutMs = 5_000; // a killed process goes within milliseconds; a large address space may take longer

/** Removes the group and all below from every hierarchy; what still runs there is killed. */
export async function removeGroup(op: Operation, layout: CgroupLayout, path: string): Promise<void> {
  const dirs = groupDirectories(layout, path);
  const startedAt = performance.now();
  for (;;) {
    const left = dirs.filter((dir) => !tryRemoveTree(dir));
    if (left.length === 0) return;
    if (performance.now() - startedAt > removeTimeoutMs)
      throw new CodedError('LOCKED', `cannot remove control group "${left[0]}": processes remain`, { what: path });
    killGroup(layout, path);
    await sleep(op, 2);
  }
}

function tryRemoveTree(dir: string): boolean {
  try {
    for (const group of subtree(dir).toReversed()) rmdirSync(group);
    return true;
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return !existsSync(dir);
    if (hasErrno(error, 'EBUSY')) return false; // expected: a killed process has not gone yet
    throw error;
  }
}

/** A group and all below it, parents first. Guests make these directories, so nothing here recurses. */
function subtree(dir: string): string[] {
  const found: string[] = existsSync(dir) ? [dir] : [];
  for (const group of found) {
    for (const entry of tryList(group)) if (entry.isDirectory()) found.push(`${group}/${entry.name}`);
  }
  return found;
}

function tryList(dir: string) {
  try {
    return readdirSync(dir, { withFileTypes: true });
  } catch {
    return []; // expected: it was removed between the two looks
  }
}

function tryRead(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined; // expected: the group does not exist, or not in this hierarchy
  }
}

function tryKill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!hasErrno(error, 'ESRCH')) throw error; // expected: it is gone already
  }
}

function hasErrno(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
