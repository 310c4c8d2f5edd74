import { CodedError } from '@bhatti/base/errors.ts';
import type { Operation } from '@bhatti/base/operation.ts';
import type { SandboxEntry } from './entry.ts';
import { carryOut, withOwnTime } from './lifecycle.ts';
import type { SandboxParts } from './parts.ts';
import { untilAborted } from './runner.ts';

/**
 * How far a request may go to reach a sandbox. `start`: also where its owner stopped it, as for a command or a page that is opened. `resume`: only out of a pause, as for a
 * WebSocket: a forgotten tab that connects again and again must not start what was stopped.
 */
export type WakeReach = 'start' | 'resume';

/**
 * A sandbox that runs, and that is not paused until the result is disposed. However many ask at once, it is woken once. Throws SANDBOX_WRONG_PHASE when it is
 * stopped and may not be started.
 */
export async function awake(
  op: Operation,
  parts: SandboxParts,
  entry: SandboxEntry,
  reach: WakeReach,
): Promise<Disposable> {
  const use = entry.use();
  // The common case costs nothing.
  if (isRunning(entry)) return use;
  try {
    if (reach === 'resume') await refuseStopped(op, entry);
    // A pause may have been in its turn already; then there is one more to wake from.
    while (!isRunning(entry)) {
      op.check();
      entry.waking ??= wake(parts, entry).finally(() => (entry.waking = undefined));
      await untilAborted(op, entry.waking);
    }
    return use;
  } catch (error) {
    use[Symbol.dispose]();
    throw error;
  }
}

function wake(parts: SandboxParts, entry: SandboxEntry): Promise<void> {
  return withOwnTime((own) => entry.runner.run(own, () => carryOut(own, parts, entry, 'start')));
}

function isRunning(entry: SandboxEntry): boolean {
  return entry.observed.phase === 'running';
}

async function refuseStopped(op: Operation, entry: SandboxEntry): Promise<void> {
  // Whatever is going on there comes to its end first.
  await entry.runner.run(op, async () => {});
  const { phase } = entry.observed;
  if (phase !== 'stopped' && phase !== 'failed') return;
  const { id, name } = entry.row;
  throw new CodedError(
    'SANDBOX_WRONG_PHASE',
    `cannot connect to sandbox "${name}": it is ${phase}`,
    { sandbox: id, phase, needs: ['running', 'paused'] },
    { hint: `bhatti start ${name}` },
  );
}
