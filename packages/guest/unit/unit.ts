import type { Condition, UnitDefinition } from './definition.ts';
import type { Job } from './job.ts';
import type { Service } from './service.ts';
import { ACTIVE_STATES, type ActiveState } from './service-table.ts';
import type { StateTimes } from './state-time.ts';
import type { AnyTrigger } from './trigger.ts';

/** What runs behind a unit's name. A target has nothing to run: it is active because somebody asked for it. */
export type UnitBody =
  | { readonly kind: 'service'; readonly service: Service }
  | { readonly kind: 'target'; isActive: boolean; readonly times: StateTimes }
  /** Timers, sockets, paths. */
  | { readonly kind: 'trigger'; readonly trigger: AnyTrigger }
  /** Types that are known by name only. */
  | { readonly kind: 'none' };

/** A unit in memory: what its files say, how it is, and the job that is to change that. */
export interface Unit {
  /** Canonical. */
  readonly name: string;
  definition: UnitDefinition;
  readonly body: UnitBody;
  job: Job | undefined;
  /** The condition that kept it from starting the last time, and when. */
  unmet: { readonly condition: Condition; readonly atUs: number } | undefined;
}

export function activeState(unit: Unit): ActiveState {
  switch (unit.body.kind) {
    case 'service':
      return ACTIVE_STATES[unit.body.service.record.state];
    case 'target':
      return unit.body.isActive ? 'active' : 'inactive';
    case 'trigger':
      return unit.body.trigger.activeState();
    case 'none':
      return 'inactive';
  }
}

export function subState(unit: Unit): string {
  switch (unit.body.kind) {
    case 'service':
      return unit.body.service.record.state;
    case 'target':
      return unit.body.isActive ? 'active' : 'dead';
    case 'trigger':
      return unit.body.trigger.record.state;
    case 'none':
      return 'dead';
  }
}

export function stateTimes(unit: Unit): StateTimes | undefined {
  switch (unit.body.kind) {
    case 'service':
      return unit.body.service.record;
    case 'target':
      return unit.body.times;
    case 'trigger':
      return unit.body.trigger.record;
    case 'none':
      return undefined;
  }
}

/** `kasmvnc.service - KasmVNC`, or the name alone where the description says no more. */
export function titleOf(unit: Unit): string {
  const { description } = unit.definition;
  return description === unit.name ? unit.name : `${unit.name} - ${description}`;
}
