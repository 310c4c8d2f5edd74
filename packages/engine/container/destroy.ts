import type { SandboxId } from '@bhatti/base/ids.ts';
import type { Operation } from '@bhatti/base/operation.ts';
import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ContainerContext } from './context.ts';
import { leaveNetwork } from './owner-network.ts';
import { sandboxPaths } from './paths.ts';
import { doomedPrefix, readRecord } from './record.ts';
import { clearRuntime, settleDisk } from './repair.ts';

/**
 * First what runs, then the record, by renaming its directory: from then on the sandbox does not exist, its address is free, and what a crash leaves of it `prepare` takes away.
 */
export async function destroySandbox(op: Operation, context: ContainerContext, id: SandboxId): Promise<void> {
  await clearRuntime(op, context, id);
  const { dir } = sandboxPaths(context.config, id);
  if (!existsSync(dir)) return;
  const place = readRecord(context.config, id)?.place;
  const doomed = join(context.paths.sandboxesDir, `${doomedPrefix}${id}`);
  await rm(doomed, { recursive: true, force: true });
  await settleDisk(op, context, id);
  await rename(dir, doomed);
  if (place !== undefined) await leaveNetwork(op, context, place);
  await rm(doomed, { recursive: true, force: true });
  await context.images.prune();
}
