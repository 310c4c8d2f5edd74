import { signalGroup, type Child } from '@bhatti/sys/process/spawn.ts';

const killAfterMs = 2_000;

/**
 * Ends a child's process group: `signals` now, SIGKILL for whoever is left after two seconds. The group is asked even when the child itself has gone, since its
 * children may ignore the signal; its number is not given to others while anyone is in it.
 */
export function terminateGroup(child: Pick<Child, 'pid'>, signals: readonly NodeJS.Signals[] = ['SIGTERM']): void {
  for (const signal of signals) if (!signalGroup(child.pid, signal)) return;
  // A stopped process takes a signal when it goes on.
  signalGroup(child.pid, 'SIGCONT');
  setTimeout(() => signalGroup(child.pid, 'SIGKILL'), killAfterMs);
}

/** Calls `onTimeOut` after the request's time-out, unless it is cancelled first. */
export function startTimeOut(timeoutMs: number | undefined, onTimeOut: () => void): { cancel(): void } {
  if (timeoutMs === undefined || timeoutMs === 0) return { cancel: () => {} };
  const timer = setTimeout(onTimeOut, timeoutMs);
  return { cancel: () => clearTimeout(timer) };
}
