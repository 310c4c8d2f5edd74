import { describe } from '@bhatti/base/errors.ts';
import { announce } from '@bhatti/base/log.ts';
import { startOperation, type Operation } from '@bhatti/base/operation.ts';
import { readActivity } from '../agent-link/observe.ts';
import type { SandboxEntry } from './entry.ts';
import { carryOut, withOwnTime } from './lifecycle.ts';
import { recordEvent, type SandboxParts } from './parts.ts';

const lookMs = 5_000;
const activityMs = 2_000;

/**
 * Looks at all sandboxes every few seconds: notices those that ended by themselves, and pauses those that nobody has used for `warmAfterMs` and that have nothing to do. 0 never
 * pauses. Disposing stops the looking; what is under way ends by itself.
 */
export function watchSandboxes(parts: SandboxParts, warmAfterMs: number): Disposable {
  let isLooking = false;
  const look = async () => {
    // A look that takes long must not meet the next one.
    if (isLooking) return;
    isLooking = true;
    try {
      await noticeAllEnded(parts);
      if (warmAfterMs > 0) for (const entry of parts.registry.all()) await pauseIfIdle(parts, entry, warmAfterMs);
    } catch (error) {
      announce('daemon:error', { error: describe(error) });
    } finally {
      isLooking = false;
    }
  };
  const timer = setInterval(() => void look(), lookMs);
  timer.unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

async function noticeAllEnded(parts: SandboxParts): Promise<void> {
  const phases = new Map((await parts.engine.list()).map(({ id, phase }) => [id, phase]));
  for (const entry of parts.registry.all()) if (phases.get(entry.row.id) === 'stopped') await noticeEnded(parts, entry);
}

/** A sandbox that its own programs shut down is stopped, as if it had been asked for. */
export async function noticeEnded(parts: SandboxParts, entry: SandboxEntry): Promise<void> {
  if (!isUp(entry) || !entry.runner.isIdle) return;
  await withOwnTime((own) =>
    entry.runner.run(own, async () => {
      if (!isUp(entry) || (await parts.engine.status(entry.row.id))?.phase !== 'stopped') return;
      await carryOut(own, parts, entry, 'stop');
      recordEvent(parts, entry, 'sandbox.ended', 'it shut itself down');
    }),
  );
}

function isUp(entry: SandboxEntry): boolean {
  return entry.observed.phase === 'running' || entry.observed.phase === 'paused';
}

/** `warm`: nobody uses it, nothing runs in it, and its owner did not ask to keep it hot. */
export async function pauseIfIdle(parts: SandboxParts, entry: SandboxEntry, warmAfterMs: number): Promise<void> {
  if (!mayPause(entry, warmAfterMs) || (await isBusy(entry))) return;
  using own = startOperation({ timeoutMs: lookMs });
  await entry.runner.run(own, async () => {
    // Someone may have come while the guest was asked. From this check to the word "paused" nothing waits.
    if (mayPause(entry, warmAfterMs)) await carryOut(own, parts, entry, 'pause');
  });
}

function mayPause(entry: SandboxEntry, warmAfterMs: number): boolean {
  return !entry.row.keepHot && entry.observed.phase === 'running' && entry.idleMs() >= warmAfterMs;
}

/** A guest that cannot say counts as busy: pausing it would hide its trouble. */
async function isBusy(entry: SandboxEntry): Promise<boolean> {
  using op: Operation & Disposable = startOperation({ timeoutMs: activityMs });
  try {
    const { busy } = await readActivity(op, entry.link);
    return busy;
  } catch (error) {
    announce('daemon:error', { sandbox: entry.row.name, error: describe(error) });
    return true;
  }
}
