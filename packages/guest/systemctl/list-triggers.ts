import { isUp } from '../unit/state-time.ts';
import type { SocketUnit } from '../unit/socket.ts';
import { formatSocketAddress } from '../unit/socket-address.ts';
import type { TimerUnit } from '../unit/timer.ts';
import { activeState, type Unit } from '../unit/unit.ts';
import { formatTable } from './list.ts';
import { formatAge, formatLeft, formatTimestamp } from './text-time.ts';

/** What of all units a listing is of. */
export interface TriggerListing {
  readonly units: readonly Unit[];
  /** Those that are loaded and inactive, too. */
  readonly isAll: boolean;
  readonly hasLegend: boolean;
  readonly nowUs: number;
  readonly nowBootUs: number;
}

/** `systemctl list-timers`: the next one first. */
export function formatTimerList(listing: TriggerListing): string {
  const timers = listing.units.flatMap((unit) => {
    const trigger = triggerOf(unit, listing);
    return trigger?.kind === 'timer' ? [{ unit, trigger, nextUs: nextElapseUs(trigger, listing) }] : [];
  });
  const rows = timers
    .toSorted((a, b) => (a.nextUs ?? Infinity) - (b.nextUs ?? Infinity) || compare(a.unit.name, b.unit.name))
    .map(({ unit, trigger, nextUs }) => {
      const { lastTriggerUs } = trigger.record;
      return [
        nextUs === undefined ? '-' : formatTimestamp(nextUs),
        nextUs === undefined ? '-' : formatLeft(nextUs, listing.nowUs),
        lastTriggerUs === undefined ? '-' : formatTimestamp(lastTriggerUs),
        lastTriggerUs === undefined ? '-' : formatAge(lastTriggerUs, listing.nowUs),
        unit.name,
        triggersText(unit),
      ];
    });
  return withLegend(listing, ['NEXT', 'LEFT', 'LAST', 'PASSED', 'UNIT', 'ACTIVATES'], rows, 'timers');
}

/** `systemctl list-sockets`: a line for each address. */
export function formatSocketList(listing: TriggerListing): string {
  const rows = listing.units
    .flatMap((unit) => {
      const trigger = triggerOf(unit, listing);
      if (trigger?.kind !== 'socket') return [];
      return trigger
        .settings()
        .listen.map(({ address }) => [formatSocketAddress(address), unit.name, triggersText(unit)]);
    })
    .toSorted(([a = ''], [b = '']) => compare(a, b));
  return withLegend(listing, ['LISTEN', 'UNIT', 'ACTIVATES'], rows, 'sockets');
}

/** When a timer elapses next, on the wall. Undefined for never. */
export function nextElapseUs(
  { record }: TimerUnit,
  { nowUs, nowBootUs }: Pick<TriggerListing, 'nowUs' | 'nowBootUs'>,
): number | undefined {
  if (record.state !== 'waiting') return undefined;
  const boot = record.nextBootUs === undefined ? Infinity : nowUs + (record.nextBootUs - nowBootUs);
  const next = Math.min(record.nextUs ?? Infinity, boot);
  return next === Infinity ? undefined : next;
}

function triggerOf(unit: Unit, { isAll }: TriggerListing): TimerUnit | SocketUnit | undefined {
  if (unit.body.kind !== 'trigger' || unit.body.trigger.kind === 'path') return undefined;
  return isAll || isUp(activeState(unit)) ? unit.body.trigger : undefined;
}

function triggersText(unit: Unit): string {
  return [...unit.definition.dependencies.Triggers].join(', ') || '-';
}

function withLegend(
  { isAll, hasLegend }: TriggerListing,
  head: readonly string[],
  rows: readonly (readonly string[])[],
  noun: string,
): string {
  if (!hasLegend) return formatTable(rows);
  const hint = isAll ? '' : `Pass --all to see loaded but inactive ${noun}, too.\n`;
  return `${formatTable([head, ...rows])}\n${rows.length} ${noun} listed.\n${hint}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
