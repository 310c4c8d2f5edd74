import { CodedError } from '@bhatti/base/errors.ts';
import type { Operation } from '@bhatti/base/operation.ts';
import type { EditRequest } from '@bhatti/wire/control/sandbox.ts';
import type { SandboxEntry } from './entry.ts';
import { carryOut } from './lifecycle.ts';
import { recordEvent, type SandboxParts } from './parts.ts';

/** Changes what may be changed of a sandbox that exists. Kept hot from now on, it is woken. Throws ALREADY_EXISTS for a name of another. */
export async function editSandbox(
  op: Operation,
  parts: SandboxParts,
  entry: SandboxEntry,
  request: EditRequest,
): Promise<void> {
  await entry.runner.run(op, async () => {
    const { row } = entry;
    const name = request.name ?? row.name;
    const rival = parts.registry.byName(row.owner, name);
    if (rival !== undefined && rival !== entry)
      throw new CodedError('ALREADY_EXISTS', `cannot rename sandbox "${row.name}": there is a sandbox "${name}"`, {
        what: 'sandbox',
        name,
      });
    const labels = { ...row.labels, ...request.labels_add };
    for (const label of request.labels_remove ?? []) delete labels[label];
    const keepHot = request.keep_hot ?? row.keepHot;
    entry.row = parts.store.sandboxes.update(row, { name, labels, keepHot });
    recordEvent(parts, entry, 'sandbox.edited');
    if (keepHot && entry.observed.phase === 'paused') await carryOut(op, parts, entry, 'resume');
  });
}
