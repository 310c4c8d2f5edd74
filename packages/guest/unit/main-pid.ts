import { readProcess } from '@bhatti/sys/process/identity.ts';
import { readFileSync, statSync } from 'node:fs';
import type { ServiceSettings } from './definition.ts';
import type { ServiceProcesses } from './service-processes.ts';

/**
 * The daemon that a forking service left: by its PID file, else by guessing: the one process of the group that has no parent in it. Undefined when there is none yet, or when a guess would be one.
 */
export function readMainPid(settings: ServiceSettings, processes: ServiceProcesses): number | undefined {
  const members = new Set(processes.group.pids());
  if (settings.pidFile !== undefined) {
    const pid = readPidFile(settings.pidFile);
    if (pid === undefined || readProcess(pid) === undefined) return undefined;
    // A file that only root can write may name a process outside of the unit (systemd.service(5), PIDFile=).
    return members.has(pid) || statSync(settings.pidFile).uid === 0 ? pid : undefined;
  }
  if (!settings.guessMainPid) return undefined;
  const orphans = [...members].filter((pid) => {
    const parent = readProcess(pid)?.parentPid;
    return parent !== undefined && !members.has(parent);
  });
  return orphans.length === 1 ? orphans[0] : undefined;
}

/** A daemon may hand over to a new process of its own, as nginx does when its program is replaced: it has written the new one into its PID file before it ends. */
export function takeSuccessor(settings: ServiceSettings, processes: ServiceProcesses): boolean {
  if (settings.type !== 'forking' || settings.pidFile === undefined) return false;
  const pid = readMainPid(settings, processes);
  return pid !== undefined && processes.takeMain(pid);
}

function readPidFile(path: string): number | undefined {
  try {
    const pid = Number(readFileSync(path, 'utf8').trim());
    return Number.isInteger(pid) && pid > 1 ? pid : undefined;
  } catch {
    return undefined; // expected: not written yet
  }
}
