import { lazyLibrary } from '@bhatti/sys/native/library.ts';
import { readFileSync, readdirSync } from 'node:fs';

const libc = lazyLibrary(['libc.so.6'], { clock_gettime: { args: ['i32', 'ptr'], returns: 'i32' } });

/** Seconds of processor time that these processes and all below them have used, in user and kernel mode. */
export function cpuSeconds(roots: readonly number[]): number {
  return treeOf(roots).reduce((sum, pid) => sum + cpuOf(pid), 0);
}

/** The processes and all below them. */
export function treeOf(roots: readonly number[]): number[] {
  return roots.flatMap((pid) => [pid, ...treeOf(childrenOf(pid))]);
}

function childrenOf(pid: number): number[] {
  return tasksOf(pid).flatMap((task) =>
    childrenText(pid, task)
      .split(' ')
      .filter((word) => word !== '')
      .map(Number),
  );
}

// The processor clock of another process, see clock_getcpuclockid(3): in nanoseconds, where /proc/PID/stat has ticks too coarse for what idles, and with the threads that have ended, which
// /proc/PID/task has no more.
function cpuOf(pid: number): number {
  const time = new BigInt64Array(2);
  // SAFETY: the kernel fills `time` during the call and keeps nothing.
  if (libc().clock_gettime((~pid << 3) | 2, time) !== 0) return 0; // expected: it has ended
  return Number(time[0]) + Number(time[1]) / 1e9;
}

function tasksOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return []; // expected: it has ended
  }
}

function childrenText(pid: number, task: string): string {
  try {
    return readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8');
  } catch {
    return ''; // expected: it has ended
  }
}
