import { readProcess } from '@bhatti/sys/process/identity.ts';
import { readFileSync, statSync } from 'node:fs';
import type { ServiceSettings } from './definition.ts';
import type { ServiceProcesses } from './service-processes.ts';

export interface FoundMain {
  readonly pid: number | undefined;
  /** Why what the PID file names is not taken; a sentence for the journal. */
  readonly refusal?: string;
}

/**
 * The daemon that a forking service left: by its PID file, else by guessing: the one process of the group that has no parent in it. No pid when there is none yet, or when a guess would be one.
 */
export function findMainPid(settings: ServiceSettings, processes: ServiceProcesses): FoundMain {
  const members = new Set(processes.group.pids());
  if (settings.pidFile !== undefined) return readPidFile(settings.pidFile, members);
  if (!settings.guessMainPid) return { pid: undefined };
  const orphans = [...members].filter((pid) => {
    const parent = readProcess(pid)?.parentPid;
    return parent !== undefined && !members.has(parent);
  });
  return { pid: orphans.length === 1 ? orphans[0] : undefined };
}

/** A daemon may hand over to a new process of its own, as nginx does when its program is replaced: it has written the new one into its PID file before it ends. */
export function takeSuccessor(settings: ServiceSettings, processes: ServiceProcesses): boolean {
  if (settings.type !== 'forking' || settings.pidFile === undefined) return false;
  const { pid } = findMainPid(settings, processes);
  return pid !== undefined && processes.takeMain(pid);
}

function readPidFile(path: string, members: ReadonlySet<number>): FoundMain {
  let text: string;
  let owner: number;
  try {
    text = readFileSync(path, 'latin1').slice(0, 64).trim();
    owner = statSync(path).uid;
  } catch {
    return { pid: undefined }; // expected: not written yet
  }
  const pid = Number(text);
  if (!/^\d+$/.test(text) || pid < 2) return { pid: undefined };
  if (readProcess(pid) === undefined) return { pid: undefined };
  // A file that only root can write may name a process outside of the unit (systemd.service(5), PIDFile=).
  if (members.has(pid) || owner === 0) return { pid };
  return {
    pid: undefined,
    refusal: `New main PID ${pid} does not belong to service, and PID file is not owned by root. Refusing.`,
  };
}
