/** What one group may use; what is undefined is left to the kernel, Infinity is no limit. */
export interface GroupLimits {
  /** In cores. */
  readonly cpuQuota?: number | undefined;
  readonly cpuPeriodMs?: number | undefined;
  /** 1 to 10000, 100 is the kernel's default. */
  readonly cpuWeight?: number | 'idle' | undefined;
  readonly memoryMinBytes?: number | undefined;
  readonly memoryLowBytes?: number | undefined;
  readonly memoryHighBytes?: number | undefined;
  readonly memoryMaxBytes?: number | undefined;
  readonly swapMaxBytes?: number | undefined;
  readonly tasksMax?: number | undefined;
  /** The kernel kills all of the group when it must kill one. */
  readonly killsWhole?: boolean | undefined;
}

export type LimitController = 'cpu' | 'memory' | 'pids';
export const LIMIT_CONTROLLERS: readonly LimitController[] = ['cpu', 'memory', 'pids'];

/** One file of a group, and what to write into it. */
export interface LimitFile {
  readonly controller: LimitController;
  readonly file: string;
  readonly value: string;
}

const defaultPeriodMs = 100;
const minQuotaUs = 1_000; // the kernel takes no less

/** How each version of control groups spells it, in the order in which it must be written. */
export function limitFiles(version: 1 | 2, limits: GroupLimits): LimitFile[] {
  return version === 2 ? secondVersion(limits) : firstVersion(limits);
}

function secondVersion(limits: GroupLimits): LimitFile[] {
  const { cpuQuota, cpuWeight, killsWhole } = limits;
  const memory = (file: string, bytes: number | undefined) => file2('memory', file, bytes);
  return [
    ...(cpuQuota === undefined ? [] : [{ controller: 'cpu', file: 'cpu.max', value: bandwidth(limits) } as const]),
    ...(cpuWeight === undefined
      ? []
      : [
          cpuWeight === 'idle'
            ? ({ controller: 'cpu', file: 'cpu.idle', value: '1' } as const)
            : ({ controller: 'cpu', file: 'cpu.weight', value: String(cpuWeight) } as const),
        ]),
    ...memory('memory.min', limits.memoryMinBytes),
    ...memory('memory.low', limits.memoryLowBytes),
    ...memory('memory.high', limits.memoryHighBytes),
    ...memory('memory.max', limits.memoryMaxBytes),
    ...memory('memory.swap.max', limits.swapMaxBytes),
    ...(killsWhole === true ? [{ controller: 'memory', file: 'memory.oom.group', value: '1' } as const] : []),
    ...file2('pids', 'pids.max', limits.tasksMax),
  ];
}

function file2(controller: LimitController, file: string, amount: number | undefined): LimitFile[] {
  if (amount === undefined) return [];
  return [{ controller, file, value: amount === Infinity ? 'max' : String(amount) }];
}

/** The first version has no protection, no throttling, and counts swap together with memory. */
function firstVersion(limits: GroupLimits): LimitFile[] {
  const { cpuQuota, cpuWeight, memoryMaxBytes: memory, swapMaxBytes: swap, tasksMax } = limits;
  const [quota = '', period = ''] = bandwidth(limits).split(' ');
  const together = memory === undefined || swap === undefined ? Infinity : memory + swap;
  return [
    ...(cpuQuota === undefined
      ? []
      : [
          { controller: 'cpu', file: 'cpu.cfs_period_us', value: period } as const,
          { controller: 'cpu', file: 'cpu.cfs_quota_us', value: quota === 'max' ? '-1' : quota } as const,
        ]),
    ...(cpuWeight === undefined
      ? []
      : [{ controller: 'cpu', file: 'cpu.shares', value: String(sharesOf(cpuWeight)) } as const]),
    ...(memory === undefined
      ? []
      : [{ controller: 'memory', file: 'memory.limit_in_bytes', value: bytesOf(memory) } as const]),
    ...(together === Infinity
      ? []
      : [{ controller: 'memory', file: 'memory.memsw.limit_in_bytes', value: bytesOf(together) } as const]),
    ...file2('pids', 'pids.max', tasksMax),
  ];
}

function bytesOf(bytes: number): string {
  return bytes === Infinity ? '-1' : String(bytes);
}

/** 100 of the second version is 1024 of the first; `idle` is the least there is (systemd.resource-control(5), CPUWeight=). */
function sharesOf(weight: number | 'idle'): number {
  return weight === 'idle' ? 2 : Math.max(2, Math.round((weight * 1_024) / 100));
}

/** `cpu.max`: time within a period, both in µs. The kernel takes periods of 1 ms to 1 s. */
function bandwidth({ cpuQuota = Infinity, cpuPeriodMs = defaultPeriodMs }: GroupLimits): string {
  const periodUs = Math.min(Math.max(cpuPeriodMs, 1, minQuotaUs / 1_000 / cpuQuota), 1_000) * 1_000;
  const quota = cpuQuota === Infinity ? 'max' : String(Math.max(minQuotaUs, Math.round(cpuQuota * periodUs)));
  return `${quota} ${Math.round(periodUs)}`;
}
