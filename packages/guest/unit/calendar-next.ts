import { firstYear, lastYear, usPerSecond, type CalendarRange, type CalendarSpec } from './calendar.ts';
import { localZone, zoneOffsetUs } from './time-zone.ts';

const usPerMinute = 60 * usPerSecond;
const usPerHour = 60 * usPerMinute;
const usPerDay = 24 * usPerHour;

/**
 * The first moment after `afterUs` (µs since the epoch) that a calendar event names; undefined when there is none any more. The search is over what a clock on the wall shows: an hour that the clocks
 * skip has no moments, and one that they show twice has them once.
 */
export function nextElapse(spec: CalendarSpec, afterUs: number): number | undefined {
  const zone = spec.zone ?? localZone();
  const offsetUs = zoneOffsetUs(zone, afterUs);
  let wallUs = afterUs + offsetUs;
  for (;;) {
    const next = nextOnWall(spec, wallUs);
    if (next === undefined) return undefined;
    const found = momentOf(zone, next, offsetUs);
    if (found !== undefined && found > afterUs) return found;
    wallUs = next;
  }
}

/** When the wall shows this; undefined in the hour that is left out. Where it is shown twice, the one of the offset that held before. */
function momentOf(zone: string, wallUs: number, preferredOffsetUs: number): number | undefined {
  const candidates = [preferredOffsetUs, zoneOffsetUs(zone, wallUs - usPerDay), zoneOffsetUs(zone, wallUs + usPerDay)];
  return candidates.map((offset) => wallUs - offset).find((at, index) => zoneOffsetUs(zone, at) === candidates[index]);
}

interface Wall {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/** The first matching time on the wall after this one. Date and time are independent: a day that matches has the same times as any other. */
function nextOnWall(spec: CalendarSpec, wallUs: number): number | undefined {
  const dayStartUs = Math.floor(wallUs / usPerDay) * usPerDay;
  const today = dateOf(dayStartUs);
  if (isMatchingDay(spec, today)) {
    const time = nextInDay(spec, wallUs - dayStartUs + 1);
    if (time !== undefined) return dayStartUs + time;
  }
  const day = nextDay(spec, dateOf(dayStartUs + usPerDay));
  const first = nextInDay(spec, 0);
  return day === undefined || first === undefined ? undefined : day + first;
}

function dateOf(us: number): Wall {
  const date = new Date(us / 1_000);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
}

/** The start of the first matching day from this one on, in µs. */
function nextDay(spec: CalendarSpec, from: Wall): number | undefined {
  for (let year = nextMatch(spec.year, Math.max(from.year, firstYear), lastYear); year !== undefined;) {
    const isFirstYear = year === from.year;
    for (let month = nextMatch(spec.month, isFirstYear ? from.month : 1, 12); month !== undefined;) {
      const length = daysInMonth(year, month);
      const days = daysOf(spec, length);
      const start = isFirstYear && month === from.month ? from.day : 1;
      for (let day = nextMatch(days, start, length); day !== undefined; day = nextMatch(days, day + 1, length))
        if (isMatchingWeekday(spec, { year, month, day })) return startOf({ year, month, day });
      month = nextMatch(spec.month, month + 1, 12);
    }
    year = nextMatch(spec.year, year + 1, lastYear);
  }
  return undefined;
}

function isMatchingDay(spec: CalendarSpec, date: Wall): boolean {
  const length = daysInMonth(date.year, date.month);
  return (
    nextMatch(spec.year, date.year, lastYear) === date.year &&
    nextMatch(spec.month, date.month, 12) === date.month &&
    nextMatch(daysOf(spec, length), date.day, length) === date.day &&
    isMatchingWeekday(spec, date)
  );
}

/** Days that are counted from the month's end, as those of a month of this length. */
function daysOf(spec: CalendarSpec, length: number): readonly CalendarRange[] | undefined {
  if (!spec.isDayFromEnd) return spec.day;
  return spec.day?.map(({ start, stop, repeat }) => ({
    start: length + 1 - (stop ?? start),
    stop: stop === undefined ? undefined : length + 1 - start,
    repeat,
  }));
}

/** The first matching time of a day at or after this one, in µs of the day. */
function nextInDay(spec: CalendarSpec, fromUs: number): number | undefined {
  for (let hour = nextMatch(spec.hour, Math.floor(fromUs / usPerHour), 23); hour !== undefined;) {
    const restUs = Math.max(0, fromUs - hour * usPerHour);
    for (let minute = nextMatch(spec.minute, Math.floor(restUs / usPerMinute), 59); minute !== undefined;) {
      const second = nextSecond(spec, Math.max(0, restUs - minute * usPerMinute));
      if (second !== undefined) return hour * usPerHour + minute * usPerMinute + second;
      minute = nextMatch(spec.minute, minute + 1, 59);
    }
    hour = nextMatch(spec.hour, hour + 1, 23);
  }
  return undefined;
}

function nextSecond(spec: CalendarSpec, fromUs: number): number | undefined {
  const everySecond = [{ start: 0, stop: undefined, repeat: usPerSecond }];
  return nextMatch(spec.secondUs ?? everySecond, fromUs, usPerMinute - 1, usPerSecond);
}

/** The smallest value of a component from `from` to `max`. `step` is that of a range that does not say. */
function nextMatch(
  ranges: readonly CalendarRange[] | undefined,
  from: number,
  max: number,
  step = 1,
): number | undefined {
  if (ranges === undefined) return from <= max ? from : undefined;
  let best: number | undefined;
  for (const { start, stop, repeat } of ranges) {
    const stride = repeat > 0 ? repeat : stop === undefined ? undefined : step;
    const value = start >= from || stride === undefined ? start : start + Math.ceil((from - start) / stride) * stride;
    if (value < from || value > Math.min(max, stop ?? max)) continue;
    if (best === undefined || value < best) best = value;
  }
  return best;
}

function isMatchingWeekday(spec: CalendarSpec, date: Wall): boolean {
  if (spec.weekdays === undefined) return true;
  const sundayFirst = new Date(startOf(date) / 1_000).getUTCDay();
  return (spec.weekdays & (1 << ((sundayFirst + 6) % 7))) !== 0;
}

function startOf({ year, month, day }: Wall): number {
  return Date.UTC(year, month - 1, day) * 1_000;
}

function daysInMonth(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}
