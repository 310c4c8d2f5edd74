import { readFileSync, readdirSync } from 'node:fs';

/** Seconds of processor time that these processes and all they started have used and that are still alive, in user and kernel mode. */
export function cpuSeconds(roots: readonly number[]): number {
  return treeOf(roots).reduce((sum, pid) => sum + cpuOf(pid), 0);
}

/** The processes and all below them. */
export function treeOf(roots: readonly number[]): number[] {
  return roots.flatMap((pid) => [pid, ...treeOf(childrenOf(pid))]);
}

function childrenOf(pid: number): number[] {
  return tasksOf(pid).flatMap((task) =>
    readOr(`/proc/${pid}/task/${task}/children`)
      .split(' ')
      .filter((word) => word !== '')
      .map(Number),
  );
}

// The scheduler's own count, in nanoseconds: the ticks of /proc/PID/stat are too coarse for what idles.
function cpuOf(pid: number): number {
  return tasksOf(pid).reduce((sum, task) => {
    const [nanoseconds = '0'] = readOr(`/proc/${pid}/task/${task}/schedstat`).split(' ');
    return sum + Number(nanoseconds) / 1e9;
  }, 0);
}

function tasksOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return []; // expected: it has ended
  }
}

function readOr(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // expected: it has ended
  }
}
