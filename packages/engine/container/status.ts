import type { SandboxId } from '@bhatti/base/ids.ts';
import { freezerState } from '@bhatti/sys/cgroup/group.ts';
import { isProcessAlive, type ProcessIdentity } from '@bhatti/sys/process/proc.ts';
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
  return (freezerState(context.cgroups, groupOf(context, id)) ?? 'thawed') === 'thawed' ? 'running' : 'paused';
}

/** PID 1 of the sandbox, by its number here; undefined when it does not run. */
export function findInit(context: ContainerContext, id: SandboxId): ProcessIdentity | undefined {
  try {
    const state: unknown = JSON.parse(readFileSync(sandboxPaths(context.config, id).runcState, 'utf8'));
    if (typeof state !== 'object' || state === null) return undefined;
    const init = {
      pid: Number(Reflect.get(state, 'init_process_pid')),
      startTicks: Number(Reflect.get(state, 'init_process_start')),
    };
    return isProcessAlive(init) ? init : undefined;
  } catch {
    return undefined; // expected: the runtime knows nothing of it, or is writing it down this moment
  }
}
