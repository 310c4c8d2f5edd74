import { announce } from '@bhatti/base/log.ts';
import type { Operation } from '@bhatti/base/operation.ts';
import type { SandboxEntry } from './entry.ts';
import { markFailed, withOwnTime } from './lifecycle.ts';
import { recordEvent, type SandboxParts } from './parts.ts';
import { untilAborted } from './runner.ts';

/** Takes a sandbox away, with all that belongs to it. Once begun it is ended, if need be by the next daemon. */
export function destroySandbox(op: Operation, parts: SandboxParts, entry: SandboxEntry): Promise<void> {
  // Noted before it is this operation's turn: what waits before it need not be begun any more.
  entry.row = parts.store.sandboxes.update(entry.row, { wanted: 'destroyed' });
  const destruction = withOwnTime((own) => entry.runner.run(own, () => finishDestroy(own, parts, entry)));
  return untilAborted(op, destruction);
}

/** The caller holds the sandbox's turn. Two that asked for it at once both find it gone. */
export async function finishDestroy(own: Operation, parts: SandboxParts, entry: SandboxEntry): Promise<void> {
  if (parts.registry.byId(entry.row.id) !== entry) return;
  entry.observed = { phase: 'stopping' };
  entry[Symbol.dispose]();
  try {
    await parts.engine.destroy(own, entry.row.id);
  } catch (error) {
    markFailed(parts, entry, error);
    throw error;
  }
  forget(parts, entry);
  recordEvent(parts, entry, 'sandbox.destroyed');
  announce('sandbox:destroy', { sandbox: entry.row.name });
}

/** Drops what the daemon knows of it; its publish rules go with it. */
export function forget(parts: SandboxParts, entry: SandboxEntry): void {
  parts.store.sandboxes.delete(entry.row.id);
  parts.rules.forget(entry.row.id);
  parts.registry.remove(entry);
  entry[Symbol.dispose]();
}
