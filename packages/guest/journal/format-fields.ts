import { microseconds, openClock, zoneName } from './clock-text.ts';
import { formatCursor } from './cursor.ts';
import { fieldsOf, textOf, type EntryContext, type Field, type FieldValue, type JournalEntry } from './entry.ts';
import { blob, byteLength, isPrintable } from './printable.ts';

export const FIELD_OUTPUTS = ['verbose', 'export', 'json', 'json-pretty', 'json-sse', 'json-seq', 'cat'] as const;
export type FieldOutput = (typeof FIELD_OUTPUTS)[number];

const maxJsonBytes = 4_096; // systemd's bound: larger fields are null unless all is asked for

export interface FieldOptions {
  readonly output: FieldOutput;
  readonly isUtc: boolean;
  readonly isAll: boolean;
  /** Only these, where given. */
  readonly wanted: ReadonlySet<string> | undefined;
  readonly context: EntryContext;
}

/** Entries one by one with all their fields. */
export function openFieldFormat(options: FieldOptions): (entry: JournalEntry) => FieldValue | undefined {
  switch (options.output) {
    case 'cat':
      return (entry) => formatCat(entry, options);
    case 'verbose':
      return openVerbose(options);
    case 'export':
      return (entry) => formatExport(entry, options);
    case 'json':
      return (entry) => `${JSON.stringify(jsonOf(entry, options))}\n`;
    case 'json-pretty':
      return (entry) => `${prettyJson(jsonOf(entry, options))}\n`;
    case 'json-sse':
      return (entry) => `data: ${JSON.stringify(jsonOf(entry, options))}\n\n`;
    case 'json-seq':
      return (entry) => `\x1e${JSON.stringify(jsonOf(entry, options))}\n`;
  }
}

function formatCat(entry: JournalEntry, { wanted, context }: FieldOptions): FieldValue | undefined {
  if (wanted === undefined) return entry.message === undefined ? undefined : ended(entry.message);
  const fields = fieldsOf(entry, context).filter(([name]) => wanted.has(name));
  return Buffer.concat(fields.map(([, value]) => Buffer.from(ended(value))));
}

function ended(value: FieldValue): FieldValue {
  return typeof value === 'string' ? `${value}\n` : Buffer.concat([value, Buffer.from('\n')]);
}

function openVerbose(options: FieldOptions): (entry: JournalEntry) => string {
  const clock = openClock('full', options.isUtc);
  return (entry) => {
    const { timeUs } = entry;
    const cursor = formatCursor(entry, options.context.bootAt(timeUs));
    const time = `${clock(timeUs)}.${microseconds(timeUs)} ${zoneName(timeUs, options.isUtc)}`;
    const lines = wantedFields(entry, options).map(([name, value]) => {
      if (!options.isAll && !isPrintable(value)) return `    ${name}=${blob(value)}\n`;
      return `    ${name}=${textOf(value).replaceAll('\n', `\n${' '.repeat(name.length + 5)}`)}\n`;
    });
    return `${time} [${cursor}]\n${lines.join('')}`;
  };
}

/** The Journal Export Format: what is not one line of text goes with its length. */
function formatExport(entry: JournalEntry, options: FieldOptions): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const [name, value] of [...addressOf(entry, options.context), ...wantedFields(entry, options)]) {
    if (isPrintable(value) && !value.includes('\n')) parts.push(Buffer.from(`${name}=${value}\n`));
    else parts.push(Buffer.from(`${name}\n`), sized(value), Buffer.from('\n'));
  }
  return Buffer.concat([...parts, Buffer.from('\n')]);
}

function sized(value: FieldValue): Uint8Array {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(bytes.length));
  return Buffer.concat([length, bytes]);
}

type Json = string | null | readonly number[] | readonly Json[];

function jsonOf(entry: JournalEntry, options: FieldOptions): Record<string, Json> {
  const object: Record<string, Json> = {};
  const repeated = new Map<string, Json[]>();
  for (const [name, value] of [...addressOf(entry, options.context), ...wantedFields(entry, options)]) {
    const json = jsonValue(name, value, options.isAll);
    const before = repeated.get(name);
    if (before !== undefined) before.push(json);
    else if (Object.hasOwn(object, name)) repeated.set(name, [object[name] ?? null, json]);
    else object[name] = json;
  }
  for (const [name, values] of repeated) object[name] = values;
  return object;
}

function jsonValue(name: string, value: FieldValue, isAll: boolean): Json {
  if (!isAll && byteLength(value) + name.length + 1 > maxJsonBytes) return null;
  return isPrintable(value) ? value : [...Buffer.from(value)];
}

/** systemd's way: a tab before, ` : ` between. */
function prettyJson(object: Record<string, Json>): string {
  const value = (json: Json, indent: string): string =>
    Array.isArray(json)
      ? `[\n${json.map((one: Json) => `${indent}\t${value(one, `${indent}\t`)}`).join(',\n')}\n${indent}]`
      : JSON.stringify(json);
  const lines = Object.entries(object).map(([name, json]) => `\t${JSON.stringify(name)} : ${value(json, '\t')}`);
  return `{\n${lines.join(',\n')}\n}`;
}

/** What is always printed: where the entry stands. */
function addressOf(entry: JournalEntry, { bootAt }: EntryContext): Field[] {
  return [
    ['__CURSOR', formatCursor(entry, bootAt(entry.timeUs))],
    ['__REALTIME_TIMESTAMP', String(entry.timeUs)],
    ['__MONOTONIC_TIMESTAMP', String(entry.monotonicUs)],
  ];
}

function wantedFields(entry: JournalEntry, { wanted, context, output }: FieldOptions): Field[] {
  const fields = fieldsOf(entry, context);
  if (wanted === undefined) return fields;
  return fields.filter(([name]) => wanted.has(name) || (output !== 'verbose' && name === '_BOOT_ID'));
}
