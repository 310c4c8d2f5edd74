import { isSignalName, signalProcess } from '@bhatti/sys/process/spawn.ts';
import type { ServiceSettings } from './definition.ts';
import type { ServiceProcesses } from './service-processes.ts';

/** `terminate` asks, `watchdog` asks for a core, `kill` does not ask. */
export type KillStep = 'terminate' | 'watchdog' | 'kill';

/**
 * Signals those whom `KillMode=` names (systemd.kill(5)). True when somebody was there whose end is to be waited for.
 */
export function signalMembers(processes: ServiceProcesses, settings: ServiceSettings, step: KillStep): boolean {
  if (settings.killMode === 'none') return false;
  // What is frozen hears nothing.
  if (processes.group.isFrozen()) processes.group.freeze('running');
  const signal = { terminate: settings.killSignal, watchdog: 'SIGABRT', kill: settings.finalKillSignal }[step];
  const named = (['main', 'control'] as const).filter((role) => processes.isAlive(role));
  for (const role of named) {
    processes.signal(role, signal);
    if (step === 'terminate' && settings.sendSighup) processes.signal(role, 'SIGHUP');
    // A stopped process takes a signal when it goes on.
    if (step !== 'kill') processes.signal(role, 'SIGCONT');
  }
  const isWholeGroup = settings.killMode === 'control-group' || (settings.killMode === 'mixed' && step === 'kill');
  if (!isWholeGroup) return named.length > 0;
  if (step === 'kill' && signal === 'SIGKILL') processes.group.kill();
  else signalGroup(processes, signal, step === 'terminate' && settings.sendSighup);
  return named.length > 0 || processes.group.isPopulated();
}

function signalGroup(processes: ServiceProcesses, signal: string, alsoHangup: boolean): void {
  if (!isSignalName(signal)) return;
  // These have had theirs.
  const done = new Set([processes.pidOf('main') ?? 0, processes.pidOf('control') ?? 0]);
  // Those who fork meanwhile are found in the next round; it ends when no new ones appear.
  for (let found = -1; found !== done.size;) {
    found = done.size;
    for (const pid of processes.group.pids()) {
      if (done.has(pid)) continue;
      done.add(pid);
      signalProcess(pid, signal);
      if (alsoHangup) signalProcess(pid, 'SIGHUP');
      if (signal !== 'SIGKILL') signalProcess(pid, 'SIGCONT');
    }
  }
}
