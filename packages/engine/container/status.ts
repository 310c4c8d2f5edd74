import type { SandboxId } from '@bhatti/base/ids.ts';
import { sleep, type Operation } from '@bhatti/base/operation.ts';
import { freezerState } from '@bhatti/sys/cgroup/group.ts';
import { isProcessAlive, processName, type ProcessIdentity } from '@bhatti/sys/process/proc.ts';
import { existsSync, readFileSync } from 'node:fs';
import type { EnginePhase, SandboxStatus } from '../engine.ts';
import { addressOf, gatewayOf } from '../network/address.ts';
import { groupOf, type ContainerContext } from './context.ts';
import { sandboxPaths } from './paths.ts';
import { readRecord } from './record.ts';

/** Status as the kernel has it now. A sandbox whose record cannot be read has no address, and can be destroyed like any other. */
export function observe(context: ContainerContext, id: SandboxId): SandboxStatus | undefined {
  const { config, names } = context;
  const paths = sandboxPaths(config, id);
  if (!existsSync(paths.dir)) return undefined;
  const place = readRecord(config, id)?.place;
  return {
    id,
    phase: phaseOf(context, id),
    address: place === undefined ? '' : addressOf(names.subnet, place),
    gateway: place === undefined ? '' : gatewayOf(names.subnet, place.network),
    agentSocket: paths.agentSocket,
  };
}

export function phaseOf(context: ContainerContext, id: SandboxId): EnginePhase {
  const paths = sandboxPaths(context.config, id);
  if (findInit(context, id) === undefined) return existsSync(paths.startedMark) ? 'stopped' : 'created';
  return isFrozen(context, id) ? 'paused' : 'running';
}

/** False, too, for a sandbox that does not run: it has no group. */
export function isFrozen(context: ContainerContext, id: SandboxId): boolean {
  return (freezerState(context.cgroups, groupOf(context, id)) ?? 'thawed') !== 'thawed';
}

/** PID 1 of the sandbox, by its number here; undefined when it does not run. */
export function findInit(context: ContainerContext, id: SandboxId): ProcessIdentity | undefined {
  const init = readInit(context, id);
  return init !== undefined && isProcessAlive(init) && !isRuntime(init.pid) ? init : undefined;
}

/**
 * Waits until the runtime's helper has become the sandbox's first program, which may be a moment after the runtime is done. Undefined when it ended instead.
 */
export async function awaitInit(
  op: Operation,
  context: ContainerContext,
  id: SandboxId,
): Promise<ProcessIdentity | undefined> {
  const init = readInit(context, id);
  while (init !== undefined && isProcessAlive(init) && isRuntime(init.pid)) await sleep(op, 1);
  return findInit(context, id);
}

/** The process that the runtime wrote down, dead or alive. */
function readInit(context: ContainerContext, id: SandboxId): ProcessIdentity | undefined {
  try {
    const state: unknown = JSON.parse(readFileSync(sandboxPaths(context.config, id).runcState, 'utf8'));
    if (typeof state !== 'object' || state === null) return undefined;
    return {
      pid: Number(Reflect.get(state, 'init_process_pid')),
      startTicks: Number(Reflect.get(state, 'init_process_start')),
    };
  } catch {
    return undefined; // expected: the runtime knows nothing of it, or is writing it down this moment
  }
}

/** The runtime writes its state down before its own helper becomes the first program. Where the runtime was killed in between, that never happens. */
function isRuntime(pid: number): boolean {
  return processName(pid)?.startsWith('runc:[') ?? false;
}
