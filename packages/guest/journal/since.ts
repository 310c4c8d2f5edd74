import { parseTimeSpan } from '../unit/time-span.ts';

/** `--since` and `--until` (systemd.time(7)): `2026-11-24 10:00`, `10:00`, `today`, `yesterday`, `now`, `-1h`, `1h ago`, `@1732400000`. Microseconds; undefined when it is none. */
export function parseTime(text: string, now: Date): number | undefined {
  const trimmed = text.trim();
  const named = { now: 0, today: 0, yesterday: -1, tomorrow: 1 }[trimmed];
  if (trimmed === 'now') return now.getTime() * 1_000;
  if (named !== undefined) return new Date(now.getFullYear(), now.getMonth(), now.getDate() + named).getTime() * 1_000;
  const seconds = /^@(\d+(?:\.\d+)?)$/.exec(trimmed)?.[1];
  if (seconds !== undefined) return Number(seconds) * 1_000_000;
  const relative = /^([+-])(.+)$/.exec(trimmed) ?? /^()(.+) ago$/.exec(trimmed);
  if (relative !== null) {
    const ms = parseTimeSpan(relative[2] ?? '');
    return ms === undefined ? undefined : (now.getTime() + (relative[1] === '+' ? ms : -ms)) * 1_000;
  }
  const absolute = /^(?:(\d{4})-(\d{2})-(\d{2}))?[ T]?(?:(\d{1,2}):(\d{2})(?::(\d{2}))?)?$/.exec(trimmed);
  if (absolute === null || trimmed === '') return undefined;
  const [, year, month, day, hour, minute, second] = absolute.map((part) =>
    part === undefined ? undefined : Number(part),
  );
  const date = new Date(
    year ?? now.getFullYear(),
    month === undefined ? now.getMonth() : month - 1,
    day ?? now.getDate(),
    hour ?? 0,
    minute ?? 0,
    second ?? 0,
  );
  return date.getTime() * 1_000;
}
