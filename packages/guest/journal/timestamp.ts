import { parseTimeSpan } from '../unit/time-span.ts';
import { isTimeZone, shortZoneName, zoneOffsetUs } from '../unit/time-zone.ts';

const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const relativeDays: Readonly<Record<string, number>> = { yesterday: -1, today: 0, tomorrow: 1 };
const absolute =
  /^(?:(\d{2}|\d{4})-(\d{1,2})-(\d{1,2}))?(?:(?:^|[ T])(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,6})\d*)?)?)?$/;

/** A point in time in the words of systemd.time(7), `--since` and `--until`. Microseconds; undefined when it is none. */
export function parseTimestamp(text: string, now: Date): number | undefined {
  const trimmed = text.trim();
  if (trimmed === 'now') return now.getTime() * 1_000;
  const sinceEpoch = /^@(.+)$/.exec(trimmed)?.[1];
  if (sinceEpoch !== undefined) return shifted(0, sinceEpoch, 1);
  const signed = /^([+-])(.+)$/.exec(trimmed);
  if (signed !== null) return shifted(now.getTime(), signed[2] ?? '', signed[1] === '+' ? 1 : -1);
  const worded = /^(.+) (ago|left)$/.exec(trimmed);
  if (worded !== null) return shifted(now.getTime(), worded[1] ?? '', worded[2] === 'left' ? 1 : -1);
  const zoned = /^(.+) ([A-Za-z][A-Za-z0-9_+/-]*)$/.exec(trimmed);
  const zone = zoned === null ? undefined : zoneNamed(zoned[2] ?? '');
  if (zone !== undefined) return calendarTime(zoned?.[1] ?? '', now, zone);
  return calendarTime(trimmed.replace(/Z$/, ''), now, trimmed.endsWith('Z') ? utc : local);
}

function shifted(fromMs: number, span: string, sign: 1 | -1): number | undefined {
  const ms = parseTimeSpan(span);
  return ms === undefined || !Number.isFinite(ms) ? undefined : Math.round((fromMs + sign * ms) * 1_000);
}

/** How a zone's clock is read and set: a time as if it were UTC, and the other way. */
interface Zone {
  toClock(ms: number): number;
  fromClock(clockMs: number): number;
}

const utc: Zone = { toClock: (ms) => ms, fromClock: (clockMs) => clockMs };

const local: Zone = {
  toClock: (ms) => ms - new Date(ms).getTimezoneOffset() * 60_000,
  fromClock(clockMs) {
    const clock = new Date(clockMs);
    const [year, month, day] = [clock.getUTCFullYear(), clock.getUTCMonth(), clock.getUTCDate()];
    const [hour, minute, second] = [clock.getUTCHours(), clock.getUTCMinutes(), clock.getUTCSeconds()];
    return new Date(year, month, day, hour, minute, second, clock.getUTCMilliseconds()).getTime();
  },
};

/** `UTC`, what the local zone is called here, or a name of the IANA database. */
function zoneNamed(name: string): Zone | undefined {
  if (name === 'UTC') return utc;
  if (weekdays.some((day) => isDayName(name, day)) || name in relativeDays) return undefined;
  const localNames = [0, 182].map((day) => shortZoneName(new Date(2024, 0, 1 + day)));
  if (localNames.includes(name)) return local;
  if (!name.includes('/')) return undefined;
  if (!isTimeZone(name)) return undefined;
  const toClock = (ms: number) => ms + zoneOffsetUs(name, ms * 1_000) / 1_000;
  return {
    toClock,
    fromClock(clockMs) {
      const guess = clockMs - (toClock(clockMs) - clockMs);
      // Near a change of the clock the first guess is an hour off.
      return guess - (toClock(guess) - clockMs);
    },
  };
}

/** `[WEEKDAY] [DATE] [TIME]`, or a day by its name. */
function calendarTime(text: string, now: Date, zone: Zone): number | undefined {
  const today = new Date(zone.toClock(now.getTime()));
  const relative = relativeDays[text];
  if (relative !== undefined)
    return zone.fromClock(Date.UTC(today.getUTCFullYear(), today.getUTCMonth(), today.getUTCDate() + relative)) * 1_000;
  const dayName = /^([A-Za-z]+),? /.exec(text);
  const found = absolute.exec(dayName === null ? text : text.slice(dayName[0].length));
  if (found === null || (found[1] === undefined && found[4] === undefined)) return undefined;
  const part = (at: number, otherwise: number) => (found[at] === undefined ? otherwise : Number(found[at]));
  const year = fullYear(found[1]) ?? today.getUTCFullYear();
  const [month, day] = [part(2, today.getUTCMonth() + 1), part(3, today.getUTCDate())];
  const [hour, minute, second] = [part(4, 0), part(5, 0), part(6, 0)];
  const clockMs = Date.UTC(year, month - 1, day, hour, minute, second);
  const clock = new Date(clockMs);
  // 31 April, 25:00: no such time.
  if (clock.getUTCMonth() !== month - 1 || clock.getUTCDate() !== day || hour > 23 || minute > 59 || second > 60)
    return undefined;
  if (dayName !== null && !isDayName(dayName[1] ?? '', weekdays[clock.getUTCDay()] ?? '')) return undefined;
  return zone.fromClock(clockMs) * 1_000 + Number((found[7] ?? '').padEnd(6, '0'));
}

/** strptime(3), %y: 69 to 99 are of the last century. */
function fullYear(text: string | undefined): number | undefined {
  if (text === undefined || text.length === 4) return text === undefined ? undefined : Number(text);
  return Number(text) + (Number(text) >= 69 ? 1_900 : 2_000);
}

/** `Wed` or `Wednesday`, in any case. */
function isDayName(text: string, day: string): boolean {
  const name = text.toLowerCase();
  return name === day || name === day.slice(0, 3);
}
