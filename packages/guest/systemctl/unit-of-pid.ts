import { readFileSync } from 'node:fs';
import type { UnitManager } from '../unit/unit-manager.ts';

/** The unit in whose group a process is; undefined when it is in none. */
export function unitOfPid(manager: UnitManager, pid: number): string | undefined {
  const group = /^0::(.*)$/m.exec(tryRead(`/proc/${pid}/cgroup`))?.[1] ?? '';
  // A unit may have groups below its own.
  return group
    .split('/')
    .toReversed()
    .find((part) => [...manager.loaded()].some((unit) => unit.name === part));
}

function tryRead(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // expected: no such process
  }
}
