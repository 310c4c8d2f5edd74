import type { Directive } from './directive-table.ts';
import { boolean, byteSize, keyword, timeSpan } from './directive-value.ts';
import type { Amount, ResourceSettings } from './resource-settings.ts';

type MemoryKey = { [K in keyof ResourceSettings]: K extends `memory${string}` ? K : never }[keyof ResourceSettings];

/** systemd.resource-control(5), as far as control groups of a sandbox can do it. */
export const RESOURCE_DIRECTIVES: Readonly<Record<string, Directive>> = {
  CPUQuota: (draft, value) => void (draft.service.resources.cpuQuota = cpuQuota(value)),
  CPUQuotaPeriodSec: (draft, value) =>
    void (draft.service.resources.cpuQuotaPeriodMs = value === '' ? undefined : timeSpan(value)),
  CPUWeight: (draft, value) =>
    void (draft.service.resources.cpuWeight =
      value === 'idle' ? 'idle' : weight(value, { what: 'CPU weight', min: 1, max: 10_000 })),
  CPUShares: (draft, value) =>
    void (draft.service.resources.cpuShares = weight(value, { what: 'CPU shares', min: 2, max: 262_144 })),
  MemoryMin: memory('memoryMin'),
  MemoryLow: memory('memoryLow'),
  MemoryHigh: memory('memoryHigh'),
  MemoryMax: memory('memoryMax'),
  MemorySwapMax: memory('memorySwapMax'),
  MemoryLimit: memory('memoryLimit'),
  TasksMax: (draft, value) => void (draft.service.resources.tasksMax = tasksMax(value)),
  OOMPolicy: (draft, value) =>
    void (draft.service.resources.oomPolicy =
      value === '' ? undefined : keyword(value, ['continue', 'stop', 'kill'], 'OOM policy')),
  // A list of controllers delegates as well: there is one tree, with all that the host gave.
  Delegate: (draft, value) => void (draft.service.resources.delegate = isDelegated(value)),
};

function memory(key: MemoryKey): Directive {
  return (draft, value) => {
    const { resources } = draft.service;
    if (value === '') return void (resources[key] = undefined);
    const amount = tryAmount(value, byteSize);
    if (amount === undefined) throw new SyntaxError(`Invalid memory limit '${value}', ignoring: Invalid argument`);
    // Protection and swap may be nothing; a limit of nothing would be a unit that cannot start.
    const isLimit = key === 'memoryHigh' || key === 'memoryMax' || key === 'memoryLimit';
    if (isLimit && isNothing(amount)) throw new SyntaxError(`Memory limit '${value}' out of range, ignoring.`);
    resources[key] = amount;
  };
}

function tasksMax(value: string): Amount | undefined {
  if (value === '') return undefined;
  const amount = tryAmount(value, (text) => (/^\d{1,15}$/.test(text) ? Number(text) : undefined));
  if (amount === undefined) throw new SyntaxError(`Invalid maximum tasks value '${value}', ignoring: Invalid argument`);
  if (isNothing(amount)) throw new SyntaxError(`Maximum tasks value '${value}' out of range, ignoring.`);
  return amount;
}

function tryAmount(value: string, parse: (text: string) => number | undefined): Amount | undefined {
  if (value === 'infinity') return { count: Infinity };
  const percent = /^(\d{1,3}(?:\.\d{1,2})?)%$/.exec(value)?.[1];
  if (percent !== undefined) return Number(percent) <= 100 ? { percent: Number(percent) } : undefined;
  const count = parse(value);
  return count === undefined ? undefined : { count };
}

function isNothing(amount: Amount): boolean {
  return ('count' in amount ? amount.count : amount.percent) === 0;
}

function isDelegated(value: string): boolean {
  const known = ['cpu', 'cpuacct', 'cpuset', 'io', 'blkio', 'memory', 'devices', 'pids', 'bpf-firewall', 'bpf-devices'];
  return value === '' || value.split(/\s+/).some((name) => known.includes(name)) || boolean(value);
}

function cpuQuota(value: string): number | undefined {
  if (value === '') return undefined;
  const percent = Number(/^(\d{1,7}(?:\.\d{1,2})?)%$/.exec(value)?.[1] ?? 0);
  if (percent === 0) throw new SyntaxError(`Invalid CPU quota '${value}', ignoring.`);
  return percent / 100;
}

function weight(value: string, range: { readonly what: string; readonly min: number; readonly max: number }) {
  if (value === '') return undefined;
  const number = /^\d{1,7}$/.test(value) ? Number(value) : -1;
  if (number < range.min || number > range.max) throw new SyntaxError(`Invalid ${range.what}, ignoring: ${value}`);
  return number;
}
