import { tryOpenPidfd, pidfdStatus } from '@bhatti/sys/pidfd.ts';
import type { OwnedFd } from '@bhatti/sys/native/descriptor.ts';
import { isProcessAlive, type ProcessIdentity } from '@bhatti/sys/process/proc.ts';
import { readProcess } from '@bhatti/sys/process/identity.ts';
import { realtimeUs } from '@bhatti/sys/clock.ts';
import type { Child, ChildExit } from '@bhatti/sys/process/spawn.ts';
import type { EventThread } from '../event-thread/event-thread.ts';
import type { RunningProcess } from './service-record.ts';

const reapPollMs = 2;
const maxReapLooks = 500; // a second; a parent that takes longer does not reap at all

/** How a process ended; undefined when it is not known. */
export type KnownExit = ChildExit | undefined;

export interface WatchedProcess {
  readonly process: RunningProcess;
  /** For the descriptor store; undefined when it was gone before we looked. */
  readonly pidfd: OwnedFd | undefined;
  readonly exited: Promise<KnownExit>;
}

/** A child of ours: the runtime tells when it ends. */
export function watchChild(child: Child): WatchedProcess {
  const stat = readProcess(child.pid);
  const process = { pid: child.pid, startTicks: stat?.startTicks ?? 0, startedAtUs: realtimeUs() };
  const pidfd = tryOpenPidfd(child.pid);
  return {
    process,
    pidfd,
    exited: child.exited.then((exit) => {
      if (pidfd === undefined) return exit;
      // The runtime does not tell of cores.
      const status = exit.signal === undefined ? undefined : pidfdStatus(pidfd, () => false);
      pidfd[Symbol.dispose]();
      return status?.kind === 'exited' ? status : exit;
    }),
  };
}

/** A process that is not our child: one that an earlier lohar started, or that a forking service left. `stored` is a pidfd from that time, which knows the exit of one that is gone. */
export function watchStranger(
  thread: EventThread,
  process: RunningProcess,
  stored: OwnedFd | undefined,
): WatchedProcess {
  const isAlive = () => isProcessAlive(process);
  const pidfd = stored ?? (isAlive() ? tryOpenPidfd(process.pid) : undefined);
  if (pidfd === undefined) return { process, pidfd, exited: Promise.resolve(undefined) };
  const exited = new Promise<KnownExit>((resolve) => {
    thread.whenReadable(pidfd.fd, () => resolve(exitOf(pidfd, isAlive)));
  });
  return { process, pidfd, exited };
}

/** The kernel tells the exit of a process when its parent has reaped it, a moment after it tells that it has ended. PID 1 reaps at once. */
async function exitOf(pidfd: OwnedFd, isAlive: () => boolean): Promise<KnownExit> {
  try {
    for (let look = 0; look < maxReapLooks; look += 1) {
      const status = pidfdStatus(pidfd, isAlive);
      if (status.kind === 'exited') return status;
      if (status.kind === 'gone') return undefined;
      await new Promise((resolve) => setTimeout(resolve, reapPollMs));
    }
    return undefined;
  } finally {
    pidfd[Symbol.dispose]();
  }
}

export function isSameProcess(a: ProcessIdentity | undefined, b: ProcessIdentity): boolean {
  return a !== undefined && a.pid === b.pid && a.startTicks === b.startTicks;
}
