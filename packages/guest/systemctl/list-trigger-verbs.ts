import type { UnitReply } from '@bhatti/wire/agent/unit.ts';
import { boottimeUs, realtimeUs } from '@bhatti/sys/clock.ts';
import { isGlob } from '../unit/glob.ts';
import { formatSocketList, formatTimerList, type TriggerListing } from './list-triggers.ts';
import { hasLegend, matchesAny, matchesState } from './list-verbs.ts';
import { listOption, success, type Verb, type VerbContext } from './reply.ts';

export function listTimers(context: VerbContext, verb: Verb): UnitReply {
  return success(formatTimerList(listingOf(context, verb)));
}

export function listSockets(context: VerbContext, verb: Verb): UnitReply {
  return success(formatSocketList(listingOf(context, verb)));
}

function listingOf({ manager }: VerbContext, verb: Verb): TriggerListing {
  const states = listOption(verb, 'state');
  // What is named shall be found, in memory or not.
  for (const name of verb.units) if (!isGlob(name)) manager.loadFresh(name);
  return {
    units: [...manager.loaded()].filter(
      (unit) => matchesAny(verb.units, unit.name) && (states === undefined || matchesState(unit, states)),
    ),
    isAll: 'all' in verb.options || states !== undefined,
    hasLegend: hasLegend(verb),
    nowUs: realtimeUs(),
    nowBootUs: boottimeUs(),
  };
}
