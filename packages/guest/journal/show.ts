import { guestJournalDir } from '@bhatti/wire/guest-paths.ts';
import { hostname } from 'node:os';
import { completeUnitName } from '../unit/unit-name.ts';
import type { JournalArguments } from './arguments.ts';
import { findBoot, formatBoots, listBoots, type ListedBoot } from './boot-list.ts';
import { bootFinder, readBoots, type BootRecord } from './boots.ts';
import { formatCursor } from './cursor.ts';
import type { EntryContext } from './entry.ts';
import { fieldNames, fieldValues } from './field-list.ts';
import { openFormat } from './format.ts';
import { noUnit } from './layout.ts';
import { Page } from './page.ts';
import { printEntries } from './print.ts';
import { QueryError } from './query-error.ts';
import { readQuery, type Query } from './query.ts';
import { JournalReader } from './read.ts';
import { machineId } from '../unit/machine-id.ts';

export interface Shown {
  readonly count: number;
  /** Where the last entry stands that was shown. */
  readonly cursor: string | undefined;
}

/** Prints what a command line asks for. */
export function show(args: JournalArguments, cursorText: string | undefined): Shown {
  const { options } = args;
  const boots = readBoots(guestJournalDir);
  const context: EntryContext = { hostname: hostname(), machineId: machineId(), bootAt: bootFinder(boots) };
  const reader = new JournalReader();
  const query = readQuery(args, context, cursorText);
  const isUtc = options.has('utc');
  const page = new Page();
  const list = showList(args, { reader, context, query, list: () => listBoots(reader, boots) });
  if (list !== undefined) {
    page.print(list);
    page.flush();
    return { count: 1, cursor: undefined };
  }
  const boot = bootOf(options, boots, () => listBoots(reader, boots));
  const printed = printEntries({
    query,
    reader,
    context,
    format: openFormat({
      output: query.output,
      isUtc,
      isAll: options.has('all'),
      hasHostname: !options.has('no-hostname'),
      wanted: wantedFields(options.get('output-fields')),
      context,
    }),
    isWantedUnit: unitTest(query.units, reader),
    fromUs: Math.max(query.sinceUs ?? 0, boot?.beginUs ?? 0),
    untilUs: Math.min(query.untilUs ?? Infinity, (boot?.endUs ?? Infinity) - 1),
  });
  const { last } = printed;
  const cursor = last === undefined ? undefined : formatCursor(last, context.bootAt(last.timeUs));
  if (options.has('show-cursor') && cursor !== undefined) page.print(`-- cursor: ${cursor}\n`);
  page.flush();
  return { count: printed.count, cursor };
}

interface ListContext {
  readonly reader: JournalReader;
  readonly context: EntryContext;
  readonly query: Query;
  readonly list: () => readonly ListedBoot[];
}

/** `--list-boots`, `--fields`, `--field=`. Undefined when entries are asked for. */
function showList({ options }: JournalArguments, { reader, context, query, list }: ListContext): string | undefined {
  if (options.has('list-boots'))
    return formatBoots(list(), {
      isUtc: options.has('utc'),
      isQuiet: options.has('quiet'),
      isReverse: query.isReverse,
      isJson: query.output.startsWith('json'),
    });
  const field = options.get('field')?.at(-1);
  if (field === undefined && !options.has('fields')) return undefined;
  const found = field === undefined ? fieldNames(reader, context) : fieldValues(reader, context, field);
  return found.map((line) => `${line}\n`).join('');
}

interface BootSpan {
  readonly beginUs: number;
  readonly endUs: number;
}

function bootOf(
  options: JournalArguments['options'],
  boots: readonly BootRecord[],
  list: () => readonly ListedBoot[],
): BootSpan | undefined {
  const text = options.get('boot')?.at(-1);
  if (text === undefined) return undefined;
  // This boot, which most ask for, needs no search.
  if (text === '' || /^[+-]?0$/.test(text)) return { beginUs: boots.at(-1)?.timeUs ?? 0, endUs: Infinity };
  return findBoot(text, list);
}

/** Names and patterns of units; a pattern must have something to stand for. */
function unitTest(given: readonly string[], reader: JournalReader): (unit: string) => boolean {
  if (given.length === 0) return () => true;
  const names = given.filter((name) => name !== '');
  const exact = new Set(names.filter((name) => !isPattern(name)).map(completeUnitName));
  const patterns = names.filter(isPattern).map(globPattern);
  const isWanted = (unit: string) => unit !== noUnit && (exact.has(unit) || patterns.some((one) => one.test(unit)));
  if (exact.size === 0 && !reader.units().some(isWanted))
    throw new QueryError('Failed to add filter for units: No data available');
  return isWanted;
}

function isPattern(name: string): boolean {
  return /[*?[]/.test(name);
}

/** glob(7): `*`, `?`, `[a-z]`, `[!a-z]`. */
function globPattern(glob: string): RegExp {
  const source = glob
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
    .replaceAll('[!', '[^');
  try {
    return new RegExp(`^${source}$`);
  } catch {
    return /(?!)/; // a `[` without its end: it matches nothing
  }
}

function wantedFields(given: readonly string[] | undefined): ReadonlySet<string> | undefined {
  return given === undefined ? undefined : new Set(given.flatMap((list) => list.split(',')));
}
