/*
 * Calendar events of systemd.time(7): which they are. When one comes next is calendar-next.ts. A component is a list of values and ranges; undefined is `*`. Seconds count in microseconds.
 */
export interface CalendarRange {
  readonly start: number;
  /** Undefined for a single value, or without end when it repeats. */
  readonly stop: number | undefined;
  /** 0 for a single value, and for a range that takes every value. */
  readonly repeat: number;
}

export interface CalendarSpec {
  /** Bit 0 is Monday; undefined is any day. */
  readonly weekdays: number | undefined;
  readonly year: readonly CalendarRange[] | undefined;
  readonly month: readonly CalendarRange[] | undefined;
  /** Counted from the month's end when `isDayFromEnd`. */
  readonly day: readonly CalendarRange[] | undefined;
  readonly isDayFromEnd: boolean;
  readonly hour: readonly CalendarRange[] | undefined;
  readonly minute: readonly CalendarRange[] | undefined;
  readonly secondUs: readonly CalendarRange[] | undefined;
  /** `UTC`, a name of the IANA database, or undefined for wherever this is. */
  readonly zone: string | undefined;
}

export const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] as const;
export const usPerSecond = 1_000_000;
export const firstYear = 1970;
export const lastYear = 2199;

const everyDay = 0b111_1111;
const lastEpochSecond = 7_258_118_399; // the end of the last year
/** `daily` and its kin by their normalized forms. */
const shorthands: Readonly<Record<string, string>> = {
  minutely: '*-*-* *:*:00',
  hourly: '*-*-* *:00:00',
  daily: '*-*-* 00:00:00',
  weekly: 'Mon *-*-* 00:00:00',
  monthly: '*-*-01 00:00:00',
  quarterly: '*-01,04,07,10-01 00:00:00',
  yearly: '*-01-01 00:00:00',
  annually: '*-01-01 00:00:00',
  anually: '*-01-01 00:00:00',
  semiannually: '*-01,07-01 00:00:00',
  'semi-annually': '*-01,07-01 00:00:00',
  biannually: '*-01,07-01 00:00:00',
  'bi-annually': '*-01,07-01 00:00:00',
};

interface Bounds {
  readonly min: number;
  readonly max: number;
  /** Of a range that does not say. */
  readonly step: number;
}
const years: Bounds = { min: firstYear, max: lastYear, step: 1 };
const months: Bounds = { min: 1, max: 12, step: 1 };
const days: Bounds = { min: 1, max: 31, step: 1 };
const daysFromEnd: Bounds = { min: 1, max: 28, step: 1 };
const hours: Bounds = { min: 0, max: 23, step: 1 };
const minutes: Bounds = { min: 0, max: 59, step: 1 };
const secondsUs: Bounds = { min: 0, max: 60 * usPerSecond - 1, step: usPerSecond };
const maxRanges = 100; // in one component, as systemd counts them

/** Undefined when it is none. `isZone` knows the names of time zones. */
export function parseCalendar(text: string, isZone: (name: string) => boolean): CalendarSpec | undefined {
  const { rest, zone } = splitZone(text, isZone);
  if (rest.startsWith('@')) return zone === undefined ? parseEpoch(rest.slice(1)) : undefined;
  const words = (shorthands[rest.toLowerCase()] ?? rest).trimEnd();
  const weekdays = splitWeekdays(words);
  if (weekdays === undefined) return undefined;
  const [first, second, ...more] = weekdays.rest.split(/\s+/).filter((word) => word !== '');
  if (more.length > 0 || words === '' || /^\s/.test(words)) return undefined;
  if (first === undefined && weekdays.mask === undefined) return undefined;
  // The date comes first; either may be left out.
  const isDate = first !== undefined && !first.includes(':');
  if (second !== undefined && !isDate) return undefined;
  const date = parseDate(isDate ? first : '*-*-*');
  const time = parseTime((isDate ? second : first) ?? '00:00:00');
  if (date === undefined || time === undefined) return undefined;
  const mask = weekdays.mask === everyDay ? undefined : weekdays.mask;
  return { weekdays: mask, ...date, ...time, zone };
}

function splitZone(text: string, isZone: (name: string) => boolean): { rest: string; zone: string | undefined } {
  const space = text.lastIndexOf(' ');
  const last = text.slice(space + 1);
  if (space <= 0) return { rest: text, zone: undefined };
  if (last.toUpperCase() === 'UTC') return { rest: text.slice(0, space), zone: 'UTC' };
  const isName = /^[A-Za-z][\w+/-]*$/.test(last) && isZone(last);
  return isName ? { rest: text.slice(0, space), zone: last } : { rest: text, zone: undefined };
}

function parseEpoch(text: string): CalendarSpec | undefined {
  if (!/^\d{1,10}$/.test(text) || Number(text) > lastEpochSecond) return undefined;
  const date = new Date(Number(text) * 1_000);
  return {
    weekdays: undefined,
    year: single(date.getUTCFullYear()),
    month: single(date.getUTCMonth() + 1),
    day: single(date.getUTCDate()),
    isDayFromEnd: false,
    hour: single(date.getUTCHours()),
    minute: single(date.getUTCMinutes()),
    secondUs: single(date.getUTCSeconds() * usPerSecond),
    zone: 'UTC',
  };
}

function single(start: number): CalendarRange[] {
  return [{ start, stop: undefined, repeat: 0 }];
}

/** `Mon..Wed,Sat`, in front of everything else; `-` for `..` is an old form. */
function splitWeekdays(text: string): { mask: number | undefined; rest: string } | undefined {
  if (!/^[A-Za-z]/.test(text)) return { mask: undefined, rest: text };
  const end = text.search(/\s|$/);
  const [, list = ''] = /^(.*?),?$/.exec(text.slice(0, end)) ?? [];
  let mask = 0;
  for (const item of list.split(',')) {
    const [from, to = from, ...more] = item.split(/\.\.|-/).map(weekdayNumber);
    if (from === undefined || to === undefined || more.length > 0 || from > to) return undefined;
    for (let day = from; day <= to; day += 1) mask |= 1 << day;
  }
  return { mask, rest: text.slice(end).trimStart() };
}

function weekdayNumber(name: string): number | undefined {
  const lower = name.toLowerCase();
  const at = WEEKDAYS.findIndex((day) => day.toLowerCase() === lower || day.slice(0, 3).toLowerCase() === lower);
  return at === -1 ? undefined : at;
}

type DatePart = Pick<CalendarSpec, 'year' | 'month' | 'day' | 'isDayFromEnd'>;

/** `Y-M-D`, `M-D`; `~` in place of the last `-` counts from the month's end. */
function parseDate(text: string): DatePart | undefined {
  const match = /^(?:([^-~]+)-)?([^-~]+)([-~])([^-~]+)$/.exec(text);
  if (match === null) return undefined;
  const [, yearText = '*', monthText = '', separator, dayText = ''] = match;
  const isDayFromEnd = separator === '~';
  const year = parseComponent(yearText, years, (digits) => fullYear(Number(digits)));
  const month = parseComponent(monthText, months);
  const day = parseComponent(dayText, isDayFromEnd ? daysFromEnd : days, Number, isDayFromEnd ? 'from end' : 'forward');
  if (year === undefined || month === undefined || day === undefined) return undefined;
  return {
    year: year.ranges,
    month: month.ranges,
    day: day.ranges,
    isDayFromEnd: isDayFromEnd && day.ranges !== undefined,
  };
}

function fullYear(year: number): number {
  if (year >= 100) return year;
  return year >= 70 ? 1900 + year : 2000 + year;
}

function parseTime(text: string): Pick<CalendarSpec, 'hour' | 'minute' | 'secondUs'> | undefined {
  const [hourText = '', minuteText = '', secondText = '00', ...more] = text.split(':');
  const hour = parseComponent(hourText, hours);
  const minute = parseComponent(minuteText, minutes);
  const second = parseComponent(secondText, secondsUs, microseconds);
  if (hour === undefined || minute === undefined || second === undefined || more.length > 0) return undefined;
  // From zero on, every second, is what `*` says.
  const isEvery = second.ranges?.some(
    ({ start, stop, repeat }) => start === 0 && stop === undefined && repeat === usPerSecond,
  );
  return { hour: hour.ranges, minute: minute.ranges, secondUs: isEvery === true ? undefined : second.ranges };
}

function microseconds(text: string): number {
  const [whole = '', fraction = ''] = text.split('.');
  return Number(whole) * usPerSecond + (fraction === '' ? 0 : Math.round(Number(`0.${fraction}`) * usPerSecond));
}

/** One component: `*`, or values, ranges and repetitions in a list. Undefined when it is wrong; its `ranges` are undefined for `*`. */
function parseComponent(
  text: string,
  bounds: Bounds,
  valueOf: (digits: string) => number = Number,
  direction: 'forward' | 'from end' = 'forward',
): { ranges: CalendarRange[] | undefined } | undefined {
  if (text === '*') return { ranges: undefined };
  const isFraction = bounds === secondsUs;
  const number = isFraction ? String.raw`\d{1,9}(?:\.\d{1,18})?` : String.raw`\d{1,9}`;
  const form = new RegExp(`^(${number})(?:\\.\\.(${number}))?(?:/(${number}))?$`);
  const items = text.split(',');
  if (items.length > maxRanges) return undefined;
  const ranges: CalendarRange[] = [];
  for (const item of items) {
    const [, startText, stopText, repeatText] = form.exec(item) ?? [];
    if (startText === undefined) return undefined;
    const repeat = repeatText === undefined ? 0 : isFraction ? microseconds(repeatText) : Number(repeatText);
    if (repeatText !== undefined && repeat === 0) return undefined;
    const range = checkedRange(
      { start: valueOf(startText), stop: stopText === undefined ? undefined : valueOf(stopText), repeat },
      bounds,
      direction,
    );
    if (range === undefined) return undefined;
    ranges.push(range);
  }
  return { ranges: sortedRanges(ranges) };
}

function checkedRange(
  range: CalendarRange,
  { min, max, step }: Bounds,
  direction: 'forward' | 'from end',
): CalendarRange | undefined {
  const { start, stop, repeat } = range;
  if (start < min || start > max || (stop !== undefined && stop < start)) return undefined;
  // A repetition that no month, hour, … could ever reach is a mistake.
  if (stop === undefined && direction === 'forward' && start + repeat > max) return undefined;
  const isTooFar = direction === 'from end' && repeat > 0 && (stop ?? start) - repeat < min;
  if (stop === undefined) return isTooFar ? undefined : range;
  const stride = repeat === 0 ? step : repeat;
  const last = start + Math.floor((stop - start) / stride) * stride;
  if (last === start) return { start, stop: undefined, repeat: 0 };
  if (last > max || isTooFar) return undefined;
  return { start, stop: last, repeat: stride === step ? 0 : stride };
}

function sortedRanges(ranges: readonly CalendarRange[]): CalendarRange[] {
  const sorted = ranges.toSorted((a, b) => a.start - b.start || (a.stop ?? -1) - (b.stop ?? -1) || a.repeat - b.repeat);
  return sorted.filter((range, at) => at === 0 || JSON.stringify(range) !== JSON.stringify(sorted[at - 1]));
}

/** The normalized form, as `systemd-analyze calendar` and `systemctl show` print it. */
export function formatCalendar(spec: CalendarSpec): string {
  const weekdays = spec.weekdays === undefined ? '' : `${formatWeekdays(spec.weekdays)} `;
  const date = `${formatRanges(spec.year, 4)}-${formatRanges(spec.month, 2)}${spec.isDayFromEnd ? '~' : '-'}${formatRanges(spec.day, 2)}`;
  const time = `${formatRanges(spec.hour, 2)}:${formatRanges(spec.minute, 2)}:${formatSeconds(spec.secondUs)}`;
  return `${weekdays}${date} ${time}${spec.zone === undefined ? '' : ` ${spec.zone}`}`;
}

/** Three or more in a row are a range. */
function formatWeekdays(mask: number): string {
  const parts: string[] = [];
  for (let day = 0; day < 7; day += 1) {
    if ((mask & (1 << day)) === 0) continue;
    let last = day;
    while ((mask & (1 << (last + 1))) !== 0) last += 1;
    if (last - day < 2) {
      parts.push(shortName(day));
      continue;
    }
    parts.push(`${shortName(day)}..${shortName(last)}`);
    day = last;
  }
  return parts.join(',');
}

function shortName(day: number): string {
  return (WEEKDAYS[day] ?? '').slice(0, 3);
}

function formatRanges(
  ranges: readonly CalendarRange[] | undefined,
  width: number,
  format: (value: number) => string = (value) => String(value).padStart(width, '0'),
  formatRepeat: (value: number) => string = String,
): string {
  if (ranges === undefined) return '*';
  return ranges
    .map(
      ({ start, stop, repeat }) =>
        `${format(start)}${stop === undefined ? '' : `..${format(stop)}`}${repeat === 0 ? '' : `/${formatRepeat(repeat)}`}`,
    )
    .join(',');
}

function formatSeconds(ranges: readonly CalendarRange[] | undefined): string {
  const fraction = (us: number) => (us % usPerSecond === 0 ? '' : `.${String(us % usPerSecond).padStart(6, '0')}`);
  const whole = (us: number) => String(Math.floor(us / usPerSecond));
  return formatRanges(
    ranges,
    2,
    (us) => `${whole(us).padStart(2, '0')}${fraction(us)}`,
    (us) => `${whole(us)}${fraction(us)}`,
  );
}
