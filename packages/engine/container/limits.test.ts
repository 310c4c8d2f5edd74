import { hasCode } from '@bhatti/base/errors.ts';
import { newSandboxId } from '@bhatti/base/ids.ts';
import { describe, expect, test } from 'bun:test';
import type { SandboxSpec } from '../engine.ts';
import { checkSpec, chooseCores, limitNotices, parseCores, resourceLimits } from './limits.ts';

const spec = (overrides: Partial<SandboxSpec>): SandboxSpec => ({
  id: newSandboxId(),
  name: 'box',
  owner: 'ann',
  image: 'minimal',
  cpus: 1,
  memoryMib: 512,
  diskMib: 1024,
  ...overrides,
});

describe('cores', () => {
  test('as many as asked for, rounded up, never more than the host has', () => {
    expect(chooseCores(1, 4, [])).toEqual([0]);
    expect(chooseCores(1.5, 4, [])).toEqual([0, 1]);
    expect(chooseCores(0.1, 4, [])).toEqual([0]);
    expect(chooseCores(64, 4, [])).toEqual([0, 1, 2, 3]);
  });

  test('those that fewest others use', () => {
    expect(chooseCores(1, 4, [[0], [1], [0, 2]])).toEqual([3]);
    expect(chooseCores(2, 4, [[0, 1]])).toEqual([2, 3]);
    expect(chooseCores(2, 3, [[0], [0], [1]])).toEqual([1, 2]);
  });

  test('lists of the kernel are read', () => {
    expect(parseCores('0-2,5\n')).toEqual([0, 1, 2, 5]);
    expect(parseCores('\n')).toEqual([]);
  });
});

describe('limits', () => {
  test('memory includes swap; a quota is set where the cores say less', () => {
    const half = resourceLimits(spec({ cpus: 0.5, memoryMib: 1 }), [1]);
    expect(half).toMatchObject({
      memory: { limit: 1_048_576, swap: 1_048_576 },
      cpu: { cpus: '1', quota: 50_000, period: 100_000 },
    });
    expect(resourceLimits(spec({ cpus: 1.5 }), [0, 1]).cpu).toEqual({ cpus: '0,1', quota: 150_000, period: 100_000 });
    expect(resourceLimits(spec({ cpus: 2 }), [0, 1]).cpu).toEqual({ cpus: '0,1' });
    expect(resourceLimits(spec({ cpus: 8 }), [0, 1]).cpu).toEqual({ cpus: '0,1' });
  });

  test('a host that cannot choose cores gets a quota, one that does not count swap no limit for it', () => {
    const poor = resourceLimits(spec({ cpus: 2, memoryMib: 1 }), [0, 1], { choosesCores: false, countsSwap: false });
    expect(poor.memory).toEqual({ limit: 1_048_576 });
    expect(poor.cpu).toEqual({ quota: 200_000, period: 100_000 });
  });

  test('what no sandbox on this host can have is refused; more cores than it has is remarked upon', () => {
    const host = { cores: 4, memoryMib: 8192 };
    const refused = (overrides: Partial<SandboxSpec>) => {
      try {
        checkSpec(spec(overrides), host);
        return false;
      } catch (error) {
        return hasCode(error, 'INVALID_ARGUMENT');
      }
    };
    expect(refused({})).toBe(false);
    expect(refused({ memoryMib: 8193 })).toBe(true);
    expect(refused({ cpus: 0 })).toBe(true);
    expect(refused({ cpus: Number.NaN })).toBe(true);
    expect(limitNotices(spec({ cpus: 4 }), host)).toEqual([]);
    expect(limitNotices(spec({ cpus: 5 }), host)).toHaveLength(1);
  });
});
