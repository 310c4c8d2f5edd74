import { sleep, type Operation } from '@bhatti/base/operation.ts';
import { readdirSync, readFileSync } from 'node:fs';

/** A mark in the environment of every program that this process starts from now on, by which a later run of it knows them. */
export interface StrayMark {
  readonly name: string;
  readonly value: string;
}

export function markChildren(mark: StrayMark): void {
  process.env[mark.name] = mark.value;
}

/**
 * Ends the programs that an earlier run of this process started and that outlived it: they would go on making what their starter no longer knows of. Returns when they are gone. Children of this
 * process are left alone; so is what they started in a sandbox, which has an environment of its own.
 */
export async function endStrays(op: Operation, mark: StrayMark): Promise<void> {
  for (;;) {
    const strays = findStrays(mark);
    if (strays.length === 0) return;
    for (const pid of strays) tryKill(pid);
    await sleep(op, 2);
  }
}

function findStrays(mark: StrayMark): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => isStray(pid, mark));
}

function isStray(pid: number, { name, value }: StrayMark): boolean {
  try {
    // A zombie's environment is empty.
    const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
    if (!environment.includes(`${name}=${value}`)) return false;
    const parent = Number(/^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
    return parent !== process.pid && pid !== process.pid;
  } catch {
    return false; // expected: a kernel thread, or it ended meanwhile
  }
}

function tryKill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    // Expected: it ended by itself.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
