import { tryOpenPidfd, pidfdStatus } from '@bhatti/sys/pidfd.ts';
import type { OwnedFd } from '@bhatti/sys/native/descriptor.ts';
import { isProcessAlive, type ProcessIdentity } from '@bhatti/sys/process/proc.ts';
import { readProcess } from '@bhatti/sys/process/identity.ts';
import { realtimeUs } from '@bhatti/sys/clock.ts';
import type { Child, ChildExit } from '@bhatti/sys/process/spawn.ts';
import type { EventThread } from '../event-thread/event-thread.ts';
import type { RunningProcess } from './service-record.ts';

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
      pidfd?.[Symbol.dispose]();
      return exit;
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
    thread.whenReadable(pidfd.fd, () => {
      const status = pidfdStatus(pidfd, isAlive);
      pidfd[Symbol.dispose]();
      resolve(status.kind === 'exited' ? status : undefined);
    });
  });
  return { process, pidfd, exited };
}

export function isSameProcess(a: ProcessIdentity | undefined, b: ProcessIdentity): boolean {
  return a !== undefined && a.pid === b.pid && a.startTicks === b.startTicks;
}
