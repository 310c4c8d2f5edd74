import { readFileSync, readlinkSync } from 'node:fs';

const formats = new Map<string, Intl.DateTimeFormat | undefined>();

/** Whether the time zone database has this name. */
export function isTimeZone(name: string): boolean {
  return formatOf(name) !== undefined;
}

/** The system's zone (localtime(5)): read each time, since it may be set while we run. */
export function localZone(): string {
  const name = linkedZone() ?? writtenZone();
  return name !== undefined && isTimeZone(name) ? name : 'UTC';
}

/** How far the clocks of a zone are ahead of UTC at a moment, both in microseconds. */
export function zoneOffsetUs(zone: string, atUs: number): number {
  if (zone === 'UTC') return 0;
  const atMs = Math.floor(atUs / 1_000_000) * 1_000;
  const parts = new Map(
    formatOf(zone)
      ?.formatToParts(atMs)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0;
  const wallMs = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
  return (wallMs - atMs) * 1_000;
}

/** What the local zone is called at a moment: `UTC`, `CET`. */
export function shortZoneName(date: Date): string {
  const parts = new Intl.DateTimeFormat('en', { timeZoneName: 'short' }).formatToParts(date);
  return parts.find((part) => part.type === 'timeZoneName')?.value ?? '';
}

function formatOf(zone: string): Intl.DateTimeFormat | undefined {
  if (!formats.has(zone)) formats.set(zone, newFormat(zone));
  return formats.get(zone);
}

function newFormat(timeZone: string): Intl.DateTimeFormat | undefined {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function linkedZone(): string | undefined {
  try {
    return /zoneinfo\/(?:posix\/|right\/)?(.+)$/.exec(readlinkSync('/etc/localtime'))?.[1];
  } catch {
    return undefined; // expected: there is none, or it is a copy
  }
}

/** Debian's own record of it. */
function writtenZone(): string | undefined {
  try {
    return readFileSync('/etc/timezone', 'utf8').trim();
  } catch {
    return undefined; // expected: there is none
  }
}
