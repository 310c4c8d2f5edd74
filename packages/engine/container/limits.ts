import { availableParallelism, totalmem } from 'node:os';
import { CodedError } from '@bhatti/base/errors.ts';
import type { CgroupAbilities } from '@bhatti/sys/cgroup/ability.ts';
import type { SandboxSpec } from '../engine.ts';

/** What the kernel is told of a sandbox's share, as the OCI runtime specification spells it. */
export interface ResourceLimits {
  readonly memory: { readonly limit: number; readonly swap?: number };
  readonly cpu: { readonly quota?: number; readonly period?: number; readonly cpus?: string };
  readonly pids: { readonly limit: number };
}

export interface HostSize {
  readonly cores: number;
  readonly memoryMib: number;
}

const maxPids = 4096; // XFCE and a busy Chromium use under 500; a fork bomb ends here
const cpuPeriodUs = 100_000; // the kernel's default
const mib = 1024 * 1024;

export function hostSize(): HostSize {
  return { cores: availableParallelism(), memoryMib: Math.floor(totalmem() / mib) };
}

/**
 * Memory includes swap, so that a sandbox that outgrows it is stopped rather than slowing the host down. `cores` are the ones it runs on; the quota is left out where it says
 * nothing more than they do.
 */
export function resourceLimits(
  spec: SandboxSpec,
  cores: readonly number[],
  host: CgroupAbilities = { choosesCores: true, countsSwap: true },
): ResourceLimits {
  const bytes = spec.memoryMib * mib;
  const isWhole = host.choosesCores && spec.cpus >= cores.length;
  return {
    memory: { limit: bytes, ...(host.countsSwap ? { swap: bytes } : {}) },
    cpu: {
      ...(host.choosesCores ? { cpus: cores.join(',') } : {}),
      ...(isWhole ? {} : { quota: Math.round(spec.cpus * cpuPeriodUs), period: cpuPeriodUs }),
    },
    pids: { limit: maxPids },
  };
}

/**
 * The cores that a sandbox may run on: as many as it asks for, rounded up, so that `nproc` inside answers that number. Those that the fewest others use come first.
 * `inUse` has one list of cores for each sandbox that runs.
 */
export function chooseCores(cpus: number, hostCores: number, inUse: readonly (readonly number[])[]): number[] {
  const load = Array.from({ length: hostCores }, (_, core) => inUse.filter((cores) => cores.includes(core)).length);
  return load
    .map((sandboxes, core) => ({ sandboxes, core }))
    .sort((a, b) => a.sandboxes - b.sandboxes || a.core - b.core)
    .slice(0, Math.min(Math.ceil(cpus), hostCores))
    .map(({ core }) => core)
    .sort((a, b) => a - b);
}

/** A list of cores as the kernel prints it: `0-2,5`. */
export function parseCores(text: string): number[] {
  return text
    .trim()
    .split(',')
    .filter((part) => part !== '')
    .flatMap((part) => {
      const [first = 0, last = first] = part.split('-').map(Number);
      return Array.from({ length: last - first + 1 }, (_, index) => first + index);
    });
}

/** Throws INVALID_ARGUMENT for what no sandbox on this host can have. */
export function checkSpec(spec: SandboxSpec, host: HostSize): void {
  if (spec.memoryMib > host.memoryMib)
    throw new CodedError(
      'INVALID_ARGUMENT',
      `cannot create sandbox "${spec.name}": it asks for ${spec.memoryMib} MiB of memory and the host has ${host.memoryMib} MiB`,
      { argument: 'memory_mb', value: String(spec.memoryMib) },
    );
  if (!(spec.cpus > 0) || !(spec.memoryMib > 0) || !(spec.diskMib > 0))
    throw new CodedError(
      'INVALID_ARGUMENT',
      `cannot create sandbox "${spec.name}": cores, memory and disk must be more than nothing`,
      { argument: 'cpus' },
    );
}

/** Remarks for a person about running this here. */
export function limitNotices(spec: SandboxSpec, host: HostSize): string[] {
  if (spec.cpus <= host.cores) return [];
  return [`the host has ${host.cores} cores: "${spec.name}" sees ${host.cores}, not ${spec.cpus}`];
}
