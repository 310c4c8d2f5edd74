import type { DelegatedTree } from '@bhatti/sys/cgroup/delegated-tree.ts';
import type { GroupLimits } from '@bhatti/sys/cgroup/group-limits.ts';
import { oomPolicyOf, type Amount, type ResourceSettings } from './resource-settings.ts';

/** What the kernel is told about a unit's group. A part is one of what the sandbox has. */
export function groupLimits(resources: ResourceSettings, tree: Pick<DelegatedTree, 'capacity'>): GroupLimits {
  // Looked at for a part only: most units have no limits at all.
  let looked: ReturnType<DelegatedTree['capacity']> | undefined;
  const capacity = () => (looked ??= tree.capacity());
  const { cpuQuota, cpuQuotaPeriodMs, cpuWeight, cpuShares, memoryMax, memoryLimit } = resources;
  const memory = (amount: Amount | undefined) => countOf(amount, () => capacity().memoryBytes);
  return {
    cpuQuota,
    cpuPeriodMs: cpuQuotaPeriodMs,
    cpuWeight: cpuWeight ?? (cpuShares === undefined ? undefined : weightOf(cpuShares)),
    memoryMinBytes: memory(resources.memoryMin),
    memoryLowBytes: memory(resources.memoryLow),
    memoryHighBytes: memory(resources.memoryHigh),
    memoryMaxBytes: memory(memoryMax ?? memoryLimit),
    swapMaxBytes: memory(resources.memorySwapMax),
    tasksMax: countOf(resources.tasksMax, () => capacity().tasks),
    killsWhole: oomPolicyOf(resources) === 'kill' ? true : undefined,
  };
}

export function hasLimits(limits: GroupLimits): boolean {
  return Object.values(limits).some((value) => value !== undefined);
}

export function countOf(amount: Amount | undefined, whole: () => number): number | undefined {
  if (amount === undefined) return undefined;
  return 'count' in amount ? amount.count : Math.max(1, Math.floor((whole() * amount.percent) / 100));
}

function weightOf(shares: number): number {
  return Math.min(10_000, Math.max(1, Math.round((shares * 100) / 1_024)));
}

const secondVersionOnly = ['memoryMin', 'memoryLow', 'memoryHigh'] as const;
const controllerOf = {
  cpuQuota: 'cpu',
  cpuQuotaPeriodMs: 'cpu',
  cpuWeight: 'cpu',
  cpuShares: 'cpu',
  memoryMin: 'memory',
  memoryLow: 'memory',
  memoryHigh: 'memory',
  memoryMax: 'memory',
  memorySwapMax: 'memory',
  memoryLimit: 'memory',
  tasksMax: 'pids',
} as const satisfies Partial<Record<keyof ResourceSettings, string>>;

const directiveNames: Readonly<Record<keyof typeof controllerOf, string>> = {
  cpuQuota: 'CPUQuota',
  cpuQuotaPeriodMs: 'CPUQuotaPeriodSec',
  cpuWeight: 'CPUWeight',
  cpuShares: 'CPUShares',
  memoryMin: 'MemoryMin',
  memoryLow: 'MemoryLow',
  memoryHigh: 'MemoryHigh',
  memoryMax: 'MemoryMax',
  memorySwapMax: 'MemorySwapMax',
  memoryLimit: 'MemoryLimit',
  tasksMax: 'TasksMax',
};

/** Directives of a unit that this host's control groups cannot do, for IgnoredDirectives. */
export function unlimitedDirectives(
  resources: ResourceSettings,
  tree: Pick<DelegatedTree, 'version' | 'controllers'>,
): string[] {
  // SAFETY: the keys of a constant table.
  const keys = Object.keys(controllerOf) as (keyof typeof controllerOf)[];
  return keys
    .filter((key) => resources[key] !== undefined)
    .filter((key) => !tree.controllers.has(controllerOf[key]) || (tree.version === 1 && isSecondVersionOnly(key)))
    .map((key) => directiveNames[key]);
}

function isSecondVersionOnly(key: string): boolean {
  return secondVersionOnly.some((only) => only === key);
}
