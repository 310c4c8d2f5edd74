import { openClock, zoneName } from './clock-text.ts';
import type { BootRecord } from './boots.ts';
import { QueryError } from './query-error.ts';
import type { JournalReader } from './read.ts';

/** A boot of which entries are left. */
export interface ListedBoot {
  readonly id: string;
  readonly beginUs: number;
  /** The beginning of the next boot, Infinity for the last one. */
  readonly endUs: number;
  readonly firstUs: number;
  readonly lastUs: number;
}

/** The boots of which entries are left, oldest first. */
export function listBoots(reader: JournalReader, boots: readonly BootRecord[]): ListedBoot[] {
  const units = reader.units();
  const first = firstOf(reader.forward(units, 0));
  if (first === undefined) return [];
  return boots.flatMap(({ id, timeUs }, at) => {
    const beginUs = at === 0 ? 0 : timeUs;
    const endUs = boots[at + 1]?.timeUs ?? Infinity;
    if (endUs <= first.timeUs) return [];
    const firstUs = firstOf(reader.forward(units, beginUs))?.timeUs ?? Infinity;
    const lastUs = firstOf(reader.backward(units, endUs - 1))?.timeUs ?? 0;
    return firstUs < endUs && lastUs >= beginUs ? [{ id, beginUs, endUs, firstUs, lastUs }] : [];
  });
}

/** `-b`: an id, an offset (0 and below from the newest, above from the oldest), or an id with an offset from there. Undefined for `all`. */
export function findBoot(text: string, list: () => readonly ListedBoot[]): ListedBoot | undefined {
  if (text === 'all') return undefined;
  const [, id, offsetText] = /^([0-9a-f]{32})?([+-]?\d+)?$/i.exec(text) ?? [];
  if (text !== '' && id === undefined && offsetText === undefined)
    throw new QueryError(`Failed to parse boot descriptor '${text}'`);
  const offset = Number(offsetText ?? 0);
  const boots = list();
  const from = id === undefined ? boots.length - 1 : boots.findIndex((boot) => boot.id === id.toLowerCase());
  const at = id === undefined && offset > 0 ? offset - 1 : from + offset;
  const found = from === -1 && id !== undefined ? undefined : boots[at];
  if (found !== undefined) return found;
  const signed = offset > 0 ? `+${offset}` : String(offset);
  throw new QueryError(
    `Data from the specified boot (${id === undefined ? signed : `${id}${offsetText === undefined ? '' : signed}`}) is not available: No such boot ID in journal`,
  );
}

export interface BootListOptions {
  readonly isUtc: boolean;
  readonly isQuiet: boolean;
  readonly isReverse: boolean;
  readonly isJson: boolean;
}

/** `--list-boots`. */
export function formatBoots(boots: readonly ListedBoot[], options: BootListOptions): string {
  const rows = boots.map((boot, at) => ({ ...boot, index: at + 1 - boots.length }));
  if (options.isReverse) rows.reverse();
  if (options.isJson)
    return `${JSON.stringify(rows.map(({ index, id, firstUs, lastUs }) => ({ index, boot_id: id, first_entry: firstUs, last_entry: lastUs })))}\n`;
  const clock = openClock('full', options.isUtc);
  const time = (timeUs: number) => `${clock(timeUs)} ${zoneName(timeUs, options.isUtc)}`;
  const cells = [
    ...(options.isQuiet ? [] : [['IDX', 'BOOT ID', 'FIRST ENTRY', 'LAST ENTRY']]),
    ...rows.map(({ index, id, firstUs, lastUs }) => [String(index), id, time(firstUs), time(lastUs)]),
  ];
  const width = (column: number) => Math.max(...cells.map((row) => row[column]?.length ?? 0));
  return cells
    .map(([index = '', id = '', first = '', last = '']) =>
      `${index.padStart(width(0))} ${id.padEnd(width(1))} ${first.padEnd(width(2))} ${last}`.trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join('');
}

function firstOf<T>(values: Generator<T>): T | undefined {
  for (const value of values) return value;
  return undefined;
}
