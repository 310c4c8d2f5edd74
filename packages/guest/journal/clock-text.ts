import { readlinkSync } from 'node:fs';
import { shortZoneName } from '../unit/time-zone.ts';

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/**
 * Whether the local zone is UTC, by looking at how it is set: asking the runtime would load all that is known of zones, which takes as long as all else that `journalctl -n` does.
 */
function isLocalUtc(): boolean {
  const name = process.env['TZ'];
  if (name !== undefined) return /^:?(?:|(?:Etc\/)?UTC|UTC0)$/.test(name);
  try {
    return /\/(?:Etc\/)?UTC$/.test(readlinkSync('/etc/localtime'));
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ENOENT'; // none is set
  }
}

let isKnownUtc: boolean | undefined;

function isShownInUtc(isUtc: boolean): boolean {
  return isUtc || (isKnownUtc ??= isLocalUtc());
}

/** How the short formats begin their lines. */
export type ClockStyle = 'short' | 'iso' | 'full';

/** Times to the second, `Nov 27 16:31:07`, `2026-11-27T16:31:07` or `Fri 2026-11-27 16:31:07`. Made for many in a row: the last one is remembered. */
export function openClock(style: ClockStyle, isUtc: boolean): (timeUs: number) => string {
  const isPlain = isShownInUtc(isUtc);
  let second = -1;
  let text = '';
  return (timeUs) => {
    const now = Math.floor(timeUs / 1_000_000);
    if (now === second) return text;
    second = now;
    text = format(style, clockOf(now * 1_000, isPlain));
    return text;
  };
}

/** `+0100`, as the time has it. */
export function zoneOffset(timeUs: number, isUtc: boolean): string {
  const minutes = isShownInUtc(isUtc) ? 0 : -new Date(timeUs / 1_000).getTimezoneOffset();
  const sign = minutes < 0 ? '-' : '+';
  return `${sign}${two(Math.floor(Math.abs(minutes) / 60))}${two(Math.abs(minutes) % 60)}`;
}

/** `UTC`, `CET`. */
export function zoneName(timeUs: number, isUtc: boolean): string {
  return isShownInUtc(isUtc) ? 'UTC' : shortZoneName(new Date(timeUs / 1_000));
}

/** The microseconds of a time. */
export function microseconds(timeUs: number): string {
  return String(timeUs % 1_000_000).padStart(6, '0');
}

/** `[    5.000000`, seconds and microseconds. */
export function secondsText(us: number, width = 12): string {
  return `${Math.floor(us / 1_000_000)}.${microseconds(us)}`.padStart(width);
}

/** The time whose UTC parts are what a clock shows. */
function clockOf(ms: number, isUtc: boolean): Date {
  return new Date(isUtc ? ms : ms - new Date(ms).getTimezoneOffset() * 60_000);
}

function format(style: ClockStyle, clock: Date): string {
  const time = `${two(clock.getUTCHours())}:${two(clock.getUTCMinutes())}:${two(clock.getUTCSeconds())}`;
  if (style === 'short') return `${months[clock.getUTCMonth()]} ${two(clock.getUTCDate())} ${time}`;
  const date = `${clock.getUTCFullYear()}-${two(clock.getUTCMonth() + 1)}-${two(clock.getUTCDate())}`;
  return style === 'iso' ? `${date}T${time}` : `${weekdays[clock.getUTCDay()]} ${date} ${time}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
