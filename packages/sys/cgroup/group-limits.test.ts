import { describe, expect, test } from 'bun:test';
import { limitFiles, type GroupLimits } from './group-limits.ts';

const written = (version: 1 | 2, limits: GroupLimits) =>
  Object.fromEntries(limitFiles(version, limits).map(({ file, value }) => [file, value]));
const mib = 1024 * 1024;

describe('limits of a group', () => {
  test('are nothing to write where nothing is said', () => {
    expect(limitFiles(2, {})).toEqual([]);
    expect(limitFiles(1, {})).toEqual([]);
  });

  test('in the second version have a file each', () => {
    const limits = {
      cpuQuota: 1.5,
      cpuWeight: 200,
      memoryMinBytes: 4096,
      memoryLowBytes: 8192,
      memoryHighBytes: 100 * mib,
      memoryMaxBytes: 200 * mib,
      swapMaxBytes: 0,
      tasksMax: 33,
      killsWhole: true,
    };
    expect(written(2, limits)).toEqual({
      'cpu.max': '150000 100000',
      'cpu.weight': '200',
      'memory.min': '4096',
      'memory.low': '8192',
      'memory.high': '104857600',
      'memory.max': '209715200',
      'memory.swap.max': '0',
      'memory.oom.group': '1',
      'pids.max': '33',
    });
    expect(new Set(limitFiles(2, limits).map(({ controller }) => controller))).toEqual(
      new Set(['cpu', 'memory', 'pids']),
    );
  });

  test('of nobody are "max"', () => {
    expect(written(2, { memoryMaxBytes: Infinity, tasksMax: Infinity, cpuWeight: 'idle' })).toEqual({
      'memory.max': 'max',
      'pids.max': 'max',
      'cpu.idle': '1',
    });
    expect(written(1, { memoryMaxBytes: Infinity, tasksMax: Infinity, cpuWeight: 'idle' })).toEqual({
      'memory.limit_in_bytes': '-1',
      'pids.max': 'max',
      'cpu.shares': '2',
    });
  });

  test('in the first version are those it knows, memory before memory with swap', () => {
    const files = limitFiles(1, {
      cpuQuota: 0.2,
      cpuWeight: 50,
      memoryHighBytes: 1,
      memoryMaxBytes: 64 * mib,
      swapMaxBytes: mib,
      tasksMax: 5,
    });
    expect(files.map(({ file, value }) => `${file}=${value}`)).toEqual([
      'cpu.cfs_period_us=100000',
      'cpu.cfs_quota_us=20000',
      'cpu.shares=512',
      'memory.limit_in_bytes=67108864',
      'memory.memsw.limit_in_bytes=68157440',
      'pids.max=5',
    ]);
  });

  test('keep period and quota within what the kernel takes', () => {
    expect(written(2, { cpuQuota: 0.2, cpuPeriodMs: 10 })).toEqual({ 'cpu.max': '2000 10000' });
    expect(written(2, { cpuQuota: 0.2, cpuPeriodMs: 0.001 })).toEqual({ 'cpu.max': '1000 5000' });
    expect(written(2, { cpuQuota: 2, cpuPeriodMs: 10_000 })).toEqual({ 'cpu.max': '2000000 1000000' });
  });
});
