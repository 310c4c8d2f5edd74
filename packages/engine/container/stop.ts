import type { SandboxId } from '@bhatti/base/ids.ts';
import { sleep, type Operation } from '@bhatti/base/operation.ts';
import { groupProcesses, killGroup, thawGroup } from '@bhatti/sys/cgroup/group.ts';
import { catchesSignal, isProcessAlive, type ProcessIdentity } from '@bhatti/sys/process/proc.ts';
import { constants } from 'node:os';
import { groupOf, type ContainerContext } from './context.ts';
import { findInit } from './status.ts';

const initGraceMs = 5_000; // for a PID 1 that stops its units itself; each unit has its own, shorter, time
const orphanGraceMs = 2_000; // for programs that nobody but us tells to end
const pollMs = 2;

/**
 * Ends what runs: a PID 1 that knows SIGTERM is asked to stop everything, in its order; where it does not, every other process is asked directly. What is left after a moment is killed.
 */
export async function endProcesses(op: Operation, context: ContainerContext, id: SandboxId): Promise<void> {
  const init = findInit(context, id);
  if (init === undefined) return;
  const group = groupOf(context, id);
  thawGroup(context.cgroups, group);
  if (catchesSignal(init.pid, constants.signals.SIGTERM)) {
    signal(init.pid, 'SIGTERM');
    await waitUntil(op, initGraceMs, () => !isProcessAlive(init));
  } else {
    const others = () => groupProcesses(context.cgroups, group).filter((pid) => pid !== init.pid);
    for (const pid of others()) signal(pid, 'SIGTERM');
    await waitUntil(op, orphanGraceMs, () => others().length === 0 || !isProcessAlive(init));
  }
  await killProcesses(op, context, id, init);
}

/** Kills everything at once; returns when PID 1 is gone, and with it, by the kernel's rule, every process of its namespace. */
export async function killProcesses(
  op: Operation,
  context: ContainerContext,
  id: SandboxId,
  init: ProcessIdentity | undefined = findInit(context, id),
): Promise<void> {
  killGroup(context.cgroups, groupOf(context, id));
  if (init === undefined) return;
  signal(init.pid, 'SIGKILL');
  while (isProcessAlive(init)) await sleep(op, pollMs);
}

async function waitUntil(op: Operation, timeoutMs: number, isDone: () => boolean): Promise<void> {
  const startedAt = performance.now();
  while (!isDone() && performance.now() - startedAt < timeoutMs) await sleep(op, pollMs);
}

function signal(pid: number, name: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    // Expected: it ended by itself.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
