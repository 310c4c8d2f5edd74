import { shortZoneName } from '../unit/time-zone.ts';
const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/** `Mon 2026-11-24 01:45:12 UTC`, as systemd prints a time; empty for never. */
export function formatTimestamp(timeUs: number): string {
  if (timeUs === 0) return '';
  const date = new Date(timeUs / 1_000);
  return `${weekdays[date.getDay()]} ${formatDate(date)} ${formatClock(date)} ${zoneName(date)}`;
}

const ages = [
  ['year', 31_557_600_000, 'month', 2_629_800_000],
  ['month', 2_629_800_000, 'day', 86_400_000],
  ['week', 604_800_000, 'day', 86_400_000],
] as const;

/** `5min ago`, `1h 3min ago`, `2 days ago`: systemd's format_timestamp_relative. */
export function formatAge(timeUs: number, nowUs: number): string {
  const ms = (nowUs - timeUs) / 1_000;
  for (const [name, length, restName, restLength] of ages) {
    if (ms < length || (name === 'week' && ms < 2 * length && ms < 604_800_000)) continue;
    const count = Math.floor(ms / length);
    const rest = Math.floor((ms % length) / restLength);
    return `${plural(count, name)}${rest > 0 ? ` ${plural(rest, restName)}` : ''} ago`;
  }
  const [day, hour, minute, second] = [86_400_000, 3_600_000, 60_000, 1_000];
  if (ms >= 2 * day) return `${Math.floor(ms / day)} days ago`;
  if (ms >= 25 * hour) return `1 day ${Math.floor((ms - day) / hour)}h ago`;
  if (ms >= 6 * hour) return `${Math.floor(ms / hour)}h ago`;
  if (ms >= hour) return `${Math.floor(ms / hour)}h ${Math.floor((ms % hour) / minute)}min ago`;
  if (ms >= 5 * minute) return `${Math.floor(ms / minute)}min ago`;
  if (ms >= minute) return `${Math.floor(ms / minute)}min ${Math.floor((ms % minute) / second)}s ago`;
  if (ms >= second) return `${Math.floor(ms / second)}s ago`;
  return ms >= 1 ? `${Math.floor(ms)}ms ago` : 'now';
}

/** `59min left`, `1 day 10h left`: the same for what is to come, and `ago` for what should have been. */
export function formatLeft(timeUs: number, nowUs: number): string {
  return timeUs <= nowUs ? formatAge(timeUs, nowUs) : formatAge(2 * nowUs - timeUs, nowUs).replace(/ago$/, 'left');
}

function plural(count: number, name: string): string {
  return `${count} ${name}${count === 1 ? '' : 's'}`;
}

function formatDate(date: Date): string {
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

function formatClock(date: Date): string {
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

function zoneName(date: Date): string {
  return date.getTimezoneOffset() === 0 ? 'UTC' : shortZoneName(date);
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
