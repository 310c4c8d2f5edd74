const units: Readonly<Record<string, number>> = {
  us: 0.001,
  usec: 0.001,
  µs: 0.001,
  ms: 1,
  msec: 1,
  s: 1_000,
  sec: 1_000,
  second: 1_000,
  seconds: 1_000,
  m: 60_000,
  min: 60_000,
  minute: 60_000,
  minutes: 60_000,
  h: 3_600_000,
  hr: 3_600_000,
  hour: 3_600_000,
  hours: 3_600_000,
  d: 86_400_000,
  day: 86_400_000,
  days: 86_400_000,
  w: 604_800_000,
  week: 604_800_000,
  weeks: 604_800_000,
  M: 2_629_800_000,
  month: 2_629_800_000,
  months: 2_629_800_000,
  y: 31_557_600_000,
  year: 31_557_600_000,
  years: 31_557_600_000,
};

/** systemd.time(7): `90`, `2s`, `1min 30s`, `infinity`; a bare number is seconds. Milliseconds; undefined when it is none. */
export function parseTimeSpan(text: string): number | undefined {
  if (text === 'infinity') return Infinity;
  let total = 0;
  let rest = text.trim();
  if (rest === '') return undefined;
  while (rest !== '') {
    const match = /^(\d+(?:\.\d+)?)\s*([a-zA-Zµ]*)\s*/.exec(rest);
    if (match === null) return undefined;
    const unit = match[2] === '' ? 1_000 : units[match[2] ?? ''];
    if (unit === undefined) return undefined;
    total += Number(match[1]) * unit;
    rest = rest.slice(match[0].length);
  }
  return total;
}

const spans = [
  ['y', 31_557_600_000],
  ['month', 2_629_800_000],
  ['w', 604_800_000],
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
  ['ms', 1],
] as const;

/** The same the other way, as systemd prints it: `1min 30s`, `2.345s`. Properties are told to the microsecond. */
export function formatTimeSpan(ms: number, accuracy: 'ms' | 'us' = 'ms'): string {
  if (ms === Infinity) return 'infinity';
  if (ms <= 0) return '0';
  if (ms < 1) return `${Math.round(ms * 1_000)}us`;
  const parts: string[] = [];
  let rest = accuracy === 'us' ? ms : Math.round(ms);
  for (const [name, length] of spans) {
    // Under a minute the rest is one number with decimals.
    if ((name === 's' && rest >= 1_000) || (name === 'ms' && accuracy === 'us' && rest >= 1)) {
      const digits = (name === 's' ? 3 : 0) + (accuracy === 'us' ? 3 : 0);
      const value = rest / length;
      parts.push(`${Number.isInteger(value) ? value : value.toFixed(digits)}${name}`);
      break;
    }
    const count = Math.floor(rest / length);
    if (count === 0) continue;
    parts.push(name === 'month' ? `${count}month${count > 1 ? 's' : ''}` : `${count}${name}`);
    rest -= count * length;
  }
  return parts.join(' ');
}

const preciseSpans = [
  ['y', 31_557_600_000_000],
  ['month', 2_629_800_000_000],
  ['w', 604_800_000_000],
  ['d', 86_400_000_000],
  ['h', 3_600_000_000],
  ['min', 60_000_000],
  ['s', 1_000_000],
  ['ms', 1_000],
  ['us', 1],
] as const;

/** The same of microseconds and to the last of them, as `systemctl show` prints it: `1h 25min 50.573658s`. */
export function formatSpanUs(us: number): string {
  if (us === Infinity) return 'infinity';
  let rest = Math.round(us);
  if (rest <= 0) return '0';
  const parts: string[] = [];
  for (const [name, length] of preciseSpans) {
    const count = Math.floor(rest / length);
    if (count === 0) continue;
    rest -= count * length;
    // Under a minute what is left are decimals.
    if (length < 60_000_000 && rest > 0) {
      parts.push(`${count}.${String(rest).padStart(String(length).length - 1, '0')}${name}`);
      break;
    }
    parts.push(name === 'month' && count > 1 ? `${count}months` : `${count}${name}`);
  }
  return parts.join(' ');
}
