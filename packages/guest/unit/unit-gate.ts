import { decodeWaitStatus } from '@bhatti/sys/pidfd.ts';
import { readArguments, readProcess } from '@bhatti/sys/process/identity.ts';
import type { Child, ChildExit } from '@bhatti/sys/process/spawn.ts';
import { closeSync, writeSync } from 'node:fs';
import { isOnItsWay, shellLink, type ExecLink } from './exec-chain.ts';

/*
 * A unit's process waits at a gate until lohar has put it into the unit's group and has written down who it is: what nobody would know of does nothing.
 */

/** How a process ends whose lohar died before it opened the gate: it has done nothing. */
const gateSignal = 64; // SIGRTMAX, which nothing else sends
const gateSignalName = decodeWaitStatus(gateSignal).signal;

/** A process that waits. */
export interface GatedChild extends Child {
  /** Lets it go on. Owned by the caller: without this call it does nothing, and ends. */
  open(): void;
}

/** The first step of every process, up to which it is nothing but a shell. `passed` descriptors from 3 on are for the program. */
export function gateLink(gateFd: number, passed: number, umask: number): ExecLink {
  return shellLink(
    `read -r bhatti_go <&${gateFd} || kill -${gateSignal} $$
exec ${gateFd}<&-
${passed === 0 ? '' : 'export LISTEN_PID=$$\n'}[ -z "$WATCHDOG_USEC" ] || export WATCHDOG_PID=$$
umask "$1"
export SYSTEMD_EXEC_PID=$$`,
    umask.toString(8),
  );
}

/** Starts a process whose gate's writing end is `gateFd`, which is taken over. */
export function startAtGate(gateFd: number, spawn: () => Child): GatedChild {
  let isOpen = true;
  const close = () => {
    if (isOpen) closeSync(gateFd);
    isOpen = false;
  };
  try {
    const child = spawn();
    void child.exited.then(close);
    return {
      ...child,
      open() {
        try {
          if (isOpen) writeSync(gateFd, '\n');
        } catch (error) {
          if (!(error instanceof Error && 'code' in error && error.code === 'EPIPE')) throw error; // it was killed meanwhile
        } finally {
          close();
        }
      },
    };
  } catch (error) {
    close();
    throw error;
  }
}

/** Whether a process ended at its gate. */
export function endedAtGate(exit: ChildExit): boolean {
  return exit.signal === gateSignalName;
}

/** Whether a process has gone through all steps to the program that it is for. */
export function hasExecuted(pid: number): boolean {
  return readProcess(pid)?.isZombie === false && !isOnItsWay(readArguments(pid).join(' '));
}

/** systemd.exec(5), "Process Exit Codes": the program was never reached. */
export function isStepFailure(exitCode: number | undefined): boolean {
  return exitCode !== undefined && exitCode >= 200 && exitCode <= 245;
}
