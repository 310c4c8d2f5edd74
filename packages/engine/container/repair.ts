import { describe, hasCode } from '@bhatti/base/errors.ts';
import type { SandboxId } from '@bhatti/base/ids.ts';
import { announce } from '@bhatti/base/log.ts';
import type { Operation } from '@bhatti/base/operation.ts';
import { removeGroup } from '@bhatti/sys/cgroup/group.ts';
import { endStrays, markChildren } from '@bhatti/sys/process/stray.ts';
import { rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { portName } from '../network/address.ts';
import { removeInterface } from '../network/bridge.ts';
import { groupOf, type ContainerContext } from './context.ts';
import { sandboxPaths } from './paths.ts';
import { doomedPrefix, namesIn, readRecord, unfinishedPrefix } from './record.ts';
import { unmountRootfs, waitForRelease } from './rootfs.ts';
import { findInit } from './status.ts';
import { killProcesses } from './stop.ts';
import { together } from './together.ts';
import { releaseUidRange } from './uid-range.ts';

/**
 * Takes away everything that a start or a run of this sandbox left on the host, in whatever state it is; its files stay. The one way down: stop, destroy, failed starts and repair after a crash all end here.
 */
export async function clearRuntime(op: Operation, context: ContainerContext, id: SandboxId): Promise<void> {
  const paths = sandboxPaths(context.config, id);
  await killProcesses(op, context, id);
  unmountRootfs(paths.mounts);
  const place = readRecord(context.config, id)?.place;
  await together([
    removeGroup(op, context.cgroups, groupOf(context, id)),
    place === undefined ? Promise.resolve() : removeInterface(op, portName(context.config.instance, place)),
  ]);
  rmSync(dirname(paths.runcState), { recursive: true, force: true });
  rmSync(paths.bundle, { recursive: true, force: true });
  releaseUidRange(paths.bundle);
  context.cores.delete(id);
}

/**
 * Returns when the kernel has let go of the disk, which it does a moment after the last process has ended. Where somebody else holds it, that is no failure of ours: starting again will say so.
 */
export async function settleDisk(op: Operation, context: ContainerContext, id: SandboxId): Promise<void> {
  try {
    await waitForRelease(op, sandboxPaths(context.config, id).diskImage);
  } catch (error) {
    if (!hasCode(error, 'LOCKED')) throw error;
    op.log(error.message);
  }
}

/** After a crash of the daemon: whatever does not run has nothing on the host but its files, and unfinished creations have not even those. */
export async function repairAll(op: Operation, context: ContainerContext): Promise<void> {
  const { paths, turns } = context;
  const mark = { name: 'BHATTI_ENGINE', value: context.config.runDir };
  await endStrays(op, mark);
  markChildren(mark);
  for (const name of namesIn(paths.sandboxesDir)) {
    const prefix = [unfinishedPrefix, doomedPrefix].find((candidate) => name.startsWith(candidate));
    if (prefix === undefined) continue;
    await turns.take(name.slice(prefix.length), () =>
      rm(join(paths.sandboxesDir, name), { recursive: true, force: true }),
    );
  }
  const traces = [paths.sandboxesDir, paths.runtimeDir, paths.rootsDir, paths.runcDir].flatMap(namesIn);
  for (const name of new Set(traces.filter((trace) => !trace.startsWith('.')))) {
    const id = name as SandboxId; // SAFETY: entries of our own directories are ids; for others there is nothing to clear
    await turns.take(id, () => repair(op, context, id));
  }
}

/** One sandbox that cannot be repaired does not keep the daemon from serving the others: it is seen as stopped, and starting or destroying it says what is wrong. */
async function repair(op: Operation, context: ContainerContext, id: SandboxId): Promise<void> {
  try {
    if (findInit(context, id) === undefined) await clearRuntime(op, context, id);
    else unmountRootfs(sandboxPaths(context.config, id).mounts);
  } catch (error) {
    op.check();
    announce('sandbox:reconcile', { sandbox: id, message: describe(error) });
  }
}
