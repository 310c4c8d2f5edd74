import { CodedError, toCodedError } from '@bhatti/base/errors.ts';
import { announce } from '@bhatti/base/log.ts';
import type { Operation } from '@bhatti/base/operation.ts';
import type { SandboxStatus } from '@bhatti/engine/engine.ts';
import type { SandboxRow } from '../store/sandboxes.ts';
import { greet } from './boot.ts';
import { finishDestroy, forget } from './destroy.ts';
import { SandboxEntry } from './entry.ts';
import { carryOut, markFailed, withOwnTime } from './lifecycle.ts';
import type { SandboxParts } from './parts.ts';
import type { Observed } from './phase-table.ts';
import { planReconcile, type ReconcileStep } from './reconcile-plan.ts';

/**
 * Finds its way back after a daemon that ended in whatever way: fills the registry from the store, and repairs what differs from it. When this returns every sandbox is known
 * and its repair has its turn, so that requests may come in; `done` resolves when the repairs have ended. One that fails concerns its own sandbox only.
 */
export async function reconcile(parts: SandboxParts): Promise<{ readonly done: Promise<void> }> {
  const rows = parts.store.sandboxes.all();
  const statuses = await parts.engine.list();
  const plan = planReconcile(rows, statuses);
  const byId = new Map(statuses.map((status) => [status.id, status]));
  const repairs: Promise<void>[] = [];
  for (const row of rows) parts.registry.add(rememberedEntry(parts, row, byId.get(row.id)));
  for (const step of plan) {
    const entry = parts.registry.byId(step.id);
    if (step.kind !== 'rest') announce('sandbox:reconcile', { sandbox: entry?.row.name ?? step.id, step: step.kind });
    if (entry === undefined) repairs.push(destroyOrphan(parts, step));
    else repairs.push(repairInTurn(parts, entry, step));
  }
  return { done: Promise.all(repairs).then(() => {}) };
}

function rememberedEntry(parts: SandboxParts, row: SandboxRow, status: SandboxStatus | undefined): SandboxEntry {
  const entry = new SandboxEntry(parts.engine, row, observedFrom(status), () => parts.now().getTime());
  entry.address = status?.address;
  return entry;
}

/** A running one is `booting` until its agent has answered: whoever asks for it waits for that. */
function observedFrom(status: SandboxStatus | undefined): Observed {
  if (status === undefined || status.phase === 'created' || status.phase === 'stopped') return { phase: 'stopped' };
  return { phase: status.phase === 'running' ? 'booting' : 'paused' };
}

/** What cannot be repaired is marked, and its owner may destroy it. */
async function repairInTurn(parts: SandboxParts, entry: SandboxEntry, step: ReconcileStep): Promise<void> {
  try {
    await withOwnTime((own) => entry.runner.run(own, () => repair(own, parts, entry, step)));
  } catch (error) {
    if (entry.observed.phase !== 'failed') markFailed(parts, entry, error);
    report(error);
  }
}

async function repair(own: Operation, parts: SandboxParts, entry: SandboxEntry, step: ReconcileStep): Promise<void> {
  switch (step.kind) {
    case 'adopt':
      return adopt(own, parts, entry);
    case 'start':
      return carryOut(own, parts, entry, 'start');
    case 'stop':
      if (entry.observed.phase === 'booting') entry.observed = { phase: 'running' };
      return carryOut(own, parts, entry, 'stop');
    case 'lose':
      return markFailed(
        parts,
        entry,
        new CodedError('BOOT_FAILED', 'its files are not on this machine any more', { sandbox: entry.row.id }),
      );
    case 'takeBack':
      await parts.engine.destroy(own, entry.row.id);
      return forget(parts, entry);
    case 'finishDestroy':
      return finishDestroy(own, parts, entry);
    case 'rest':
    case 'destroyOrphan':
  }
}

async function adopt(own: Operation, parts: SandboxParts, entry: SandboxEntry): Promise<void> {
  const status = await parts.engine.status(entry.row.id);
  if (status !== undefined) await greet(own, parts, entry, status);
}

async function destroyOrphan(parts: SandboxParts, { id }: ReconcileStep): Promise<void> {
  try {
    await withOwnTime((own) => parts.engine.destroy(own, id));
  } catch (error) {
    report(error);
  }
}

/** The sandbox is marked; the daemon goes on. */
function report(error: unknown): void {
  announce('daemon:error', { error: toCodedError(error).message });
}
