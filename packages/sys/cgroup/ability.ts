import { existsSync, readFileSync } from 'node:fs';
import type { CgroupLayout } from './layout.ts';

/** What the control groups of a host can do, where hosts differ. */
export interface CgroupAbilities {
  /** Tie a group to some of the cores. */
  readonly choosesCores: boolean;
  /** Count swap as memory. Some distributions switch that off. */
  readonly countsSwap: boolean;
}

export function readCgroupAbilities(layout: CgroupLayout): CgroupAbilities {
  if (layout.version === 2) {
    const controllers = readFileSync(`${layout.root}/cgroup.controllers`, 'utf8').trim().split(' ');
    return { choosesCores: controllers.includes('cpuset'), countsSwap: existsSync('/proc/swaps') };
  }
  const { cpuset, memory } = layout.controllers;
  return {
    choosesCores: cpuset !== undefined,
    countsSwap: memory !== undefined && existsSync(`${memory}/memory.memsw.limit_in_bytes`),
  };
}
