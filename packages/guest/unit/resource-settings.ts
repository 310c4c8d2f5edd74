/** An amount, or a part of what there is; Infinity is no limit. */
export type Amount = { readonly count: number } | { readonly percent: number };

/** systemd.resource-control(5): what a unit's control group may use. Undefined leaves the kernel's default. */
export interface ResourceSettings {
  /** In cores: 1.5 is one and a half. */
  cpuQuota: number | undefined;
  cpuQuotaPeriodMs: number | undefined;
  cpuWeight: number | 'idle' | undefined;
  /** The first version's spelling of the same. */
  cpuShares: number | undefined;
  memoryMin: Amount | undefined;
  memoryLow: Amount | undefined;
  memoryHigh: Amount | undefined;
  memoryMax: Amount | undefined;
  memorySwapMax: Amount | undefined;
  /** The first version's spelling of memoryMax. */
  memoryLimit: Amount | undefined;
  tasksMax: Amount | undefined;
  oomPolicy: OomPolicy | undefined;
  delegate: boolean;
}

export type OomPolicy = 'continue' | 'stop' | 'kill';

export function newResourceSettings(): ResourceSettings {
  return {
    cpuQuota: undefined,
    cpuQuotaPeriodMs: undefined,
    cpuWeight: undefined,
    cpuShares: undefined,
    memoryMin: undefined,
    memoryLow: undefined,
    memoryHigh: undefined,
    memoryMax: undefined,
    memorySwapMax: undefined,
    memoryLimit: undefined,
    tasksMax: undefined,
    oomPolicy: undefined,
    delegate: false,
  };
}

/** systemd.service(5), OOMPolicy=: a unit that divides its own group is left to itself. */
export function oomPolicyOf(resources: ResourceSettings): OomPolicy {
  return resources.oomPolicy ?? (resources.delegate ? 'continue' : 'stop');
}
