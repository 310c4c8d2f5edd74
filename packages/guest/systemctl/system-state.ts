import { activeState } from '../unit/unit.ts';
import type { UnitManager } from '../unit/unit-manager.ts';

/** `systemctl is-system-running`: systemd's word for how all of it is. */
export function systemState(manager: UnitManager): 'starting' | 'running' | 'degraded' | 'stopping' {
  if (manager.isStopping) return 'stopping';
  if (manager.load('default.target')?.job !== undefined) return 'starting';
  for (const unit of manager.loaded()) if (activeState(unit) === 'failed') return 'degraded';
  return 'running';
}
