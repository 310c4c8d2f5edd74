import { readProcess } from '@bhatti/sys/process/identity.ts';
import { isSignalName, signalProcess } from '@bhatti/sys/process/spawn.ts';
import type { KillMode, ServiceSettings } from './definition.ts';
import type { ServiceProcesses } from './service-processes.ts';

const ROLES = ['main', 'control'] as const;

/** `terminate` asks, `restart` asks one that is to come back, `watchdog` asks for a core, `kill` does not ask. */
export type KillStep = 'terminate' | 'restart' | 'watchdog' | 'kill';

/** Whether there is anybody whom `KillMode=` names (systemd.kill(5)), and whose end is to be waited for. */
export function hasMembers(processes: ServiceProcesses, { killMode }: ServiceSettings, step: KillStep): boolean {
  if (killMode === 'none') return false;
  if (processes.isAlive('main') || processes.isAlive('control')) return true;
  return isForAll(killMode, step) && processes.group.isPopulated();
}

/** A process that got a signal. */
export interface Signalled {
  readonly pid: number;
  readonly name: string;
  readonly signal: string;
}

/** Signals them, and answers who they were. */
export function signalMembers(processes: ServiceProcesses, settings: ServiceSettings, step: KillStep): Signalled[] {
  // What is frozen hears nothing.
  if (processes.group.isFrozen()) processes.group.freeze('running');
  const signal = {
    terminate: settings.killSignal,
    restart: settings.restartKillSignal ?? settings.killSignal,
    watchdog: settings.watchdogSignal,
    kill: settings.finalKillSignal,
  }[step];
  const isWhole = isForAll(settings.killMode, step);
  const named = ROLES.flatMap((role) => processes.pidOf(role) ?? []).filter((pid) => pid > 0);
  const members = [...named, ...(isWhole ? processes.group.pids().filter((pid) => !named.includes(pid)) : [])];
  const signalled = members.map((pid) => ({ pid, name: readProcess(pid)?.command ?? '', signal }));
  for (const role of ROLES) {
    if (!processes.isAlive(role)) continue;
    processes.signal(role, signal);
    if (isAsking(step) && settings.sendSighup) processes.signal(role, 'SIGHUP');
    // A stopped process takes a signal when it goes on.
    if (step !== 'kill') processes.signal(role, 'SIGCONT');
  }
  if (isWhole && step === 'kill' && signal === 'SIGKILL') processes.group.kill();
  else if (isWhole) signalGroup(processes, signal, isAsking(step) && settings.sendSighup);
  return signalled;
}

function isForAll(killMode: KillMode, step: KillStep): boolean {
  return killMode === 'control-group' || (killMode === 'mixed' && step === 'kill');
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

function isAsking(step: KillStep): boolean {
  return step === 'terminate' || step === 'restart';
}
