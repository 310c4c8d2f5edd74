import { microseconds, openClock, secondsText, zoneName, zoneOffset } from './clock-text.ts';
import { ownUnit, textOf, type FieldValue, type JournalEntry } from './entry.ts';
import { blob, isPrintable, withoutColours } from './printable.ts';

export const SHORT_OUTPUTS = [
  'short',
  'short-full',
  'short-iso',
  'short-iso-precise',
  'short-precise',
  'short-monotonic',
  'short-delta',
  'short-unix',
  'with-unit',
] as const;
export type ShortOutput = (typeof SHORT_OUTPUTS)[number];

export interface ShortOptions {
  readonly output: ShortOutput;
  readonly isUtc: boolean;
  /** Unprintable messages as they are. */
  readonly isAll: boolean;
  /** Undefined leaves it out. */
  readonly hostname: string | undefined;
  readonly bootAt: (timeUs: number) => string;
}

/** Entries one by one as classic syslog files have them; undefined for one without a message. */
export function openShortFormat(options: ShortOptions): (entry: JournalEntry) => FieldValue | undefined {
  const time = openTime(options);
  const host = options.hostname === undefined ? '' : `${options.hostname} `;
  return (entry) => {
    const { message } = entry;
    if (message === undefined) return undefined;
    const prefix = `${time(entry)} ${host}${speakerOf(entry, options.output)}: `;
    if (options.isAll) return asItIs(message, prefix);
    const text = typeof message === 'string' ? withoutColours(withoutEnd(message)) : message;
    return isPrintable(text) ? `${prefix}${indented(text, prefix)}\n` : `${prefix}${blob(text)}\n`;
  };
}

function asItIs(message: FieldValue, prefix: string): FieldValue {
  if (typeof message === 'string') return `${prefix}${indented(message, prefix)}\n`;
  const bytes = Buffer.from(indented(Buffer.from(message).toString('latin1'), prefix), 'latin1');
  return Buffer.concat([Buffer.from(prefix), bytes, Buffer.from('\n')]);
}

/** The newline or carriage return that a message may end with. */
function withoutEnd(text: string): string {
  const last = text.charCodeAt(text.length - 1);
  return last === 10 || last === 13 ? text.replace(/\r?\n$|\r$/, '') : text;
}

function indented(text: string, prefix: string): string {
  return text.includes('\n') ? text.replaceAll('\n', `\n${' '.repeat(prefix.length)}`) : text;
}

function speakerOf({ speaker, fields }: JournalEntry, output: ShortOutput): string {
  const { identifier, comm, transport } = speaker;
  const unit = transport === 'driver' ? ownUnit : speaker.unit;
  const name = (output === 'with-unit' ? unit : undefined) ?? identifier ?? comm ?? 'unknown';
  const pid = speaker.pid ?? fields.find(([field]) => field === 'SYSLOG_PID')?.[1];
  const shown = isPrintable(name) ? name : 'unknown';
  return pid === undefined ? shown : `${shown}[${typeof pid === 'number' ? pid : textOf(pid)}]`;
}

function openTime({ output, isUtc, bootAt }: ShortOptions): (entry: JournalEntry) => string {
  const short = openClock('short', isUtc);
  const iso = openClock('iso', isUtc);
  const full = openClock('full', isUtc);
  switch (output) {
    case 'short':
      return ({ timeUs }) => short(timeUs);
    case 'short-precise':
      return ({ timeUs }) => `${short(timeUs)}.${microseconds(timeUs)}`;
    case 'short-iso':
      return ({ timeUs }) => `${iso(timeUs)}${zoneOffset(timeUs, isUtc)}`;
    case 'short-iso-precise':
      return ({ timeUs }) => `${iso(timeUs)}.${microseconds(timeUs)}${zoneOffset(timeUs, isUtc)}`;
    case 'short-unix':
      return ({ timeUs }) => secondsText(timeUs, 0);
    case 'short-full':
    case 'with-unit':
      return ({ timeUs }) => `${full(timeUs)} ${zoneName(timeUs, isUtc)}`;
    case 'short-monotonic':
      return ({ monotonicUs }) => `[${secondsText(monotonicUs)}]`;
    case 'short-delta':
      return openDelta(bootAt);
  }
}

/** Monotonic time, and how long after the entry before; `*` marks a difference between two boots. */
function openDelta(bootAt: (timeUs: number) => string): (entry: JournalEntry) => string {
  let last: { readonly monotonicUs: number; readonly boot: string } | undefined;
  return ({ timeUs, monotonicUs }) => {
    const boot = bootAt(timeUs);
    const delta =
      last === undefined
        ? ' '.repeat(16)
        : ` <${secondsText(Math.abs(monotonicUs - last.monotonicUs))}${last.boot === boot ? ' ' : '*'}>`;
    last = { monotonicUs, boot };
    return `[${secondsText(monotonicUs)}${delta}]`;
  };
}
