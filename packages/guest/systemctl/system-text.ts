import { hostname } from 'node:os';
import { realtimeUs } from '@bhatti/sys/clock.ts';
import { activeState, type Unit } from '../unit/unit.ts';
import type { VerbContext } from './reply.ts';
import { systemState } from './system-state.ts';
import { formatAge, formatTimestamp } from './text-time.ts';

/** `systemctl status` without a unit. */
export function systemText({ manager, settings }: VerbContext): string {
  const units = [...manager.loaded()];
  const count = (matches: (unit: Unit) => boolean) => units.filter(matches).length;
  const state = systemState(manager);
  return `● ${hostname()}
    State: ${state}
    Units: ${units.length} loaded (incl. loaded aliases)
     Jobs: ${count((unit) => unit.job !== undefined)} queued
   Failed: ${count((unit) => activeState(unit) === 'failed')} units
    Since: ${formatTimestamp(settings.bootedAtUs)}; ${formatAge(settings.bootedAtUs, realtimeUs())}
  systemd: 252 (bhatti)
`;
}
