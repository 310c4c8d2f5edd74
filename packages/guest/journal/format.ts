import { hostname } from 'node:os';
import { textOf, type EntryContext, type FieldValue, type JournalEntry } from './entry.ts';
import { FIELD_OUTPUTS, openFieldFormat, type FieldOutput } from './format-fields.ts';
import { openShortFormat, SHORT_OUTPUTS, type ShortOutput } from './format-short.ts';

/** journalctl(1), -o, in the order in which `-o help` has them. */
export const OUTPUTS = [
  ...SHORT_OUTPUTS.filter((name) => name !== 'with-unit'),
  ...FIELD_OUTPUTS.filter((name) => name !== 'cat'),
  'cat',
  'with-unit',
] as const;
export type JournalOutput = ShortOutput | FieldOutput;

export interface FormatOptions {
  readonly output: JournalOutput;
  readonly isUtc: boolean;
  readonly isAll: boolean;
  readonly hasHostname: boolean;
  readonly wanted: ReadonlySet<string> | undefined;
  readonly context: EntryContext;
}

/** What prints entries one by one, lines with their ends; undefined for an entry that this format does not show. */
export function openFormat(options: FormatOptions): (entry: JournalEntry) => FieldValue | undefined {
  const { output, isUtc, isAll, hasHostname, wanted, context } = options;
  if (isShort(output))
    return openShortFormat({
      output,
      isUtc,
      isAll,
      hostname: hasHostname ? context.hostname : undefined,
      bootAt: context.bootAt,
    });
  return openFieldFormat({ output, isUtc, isAll, wanted, context });
}

/** A few entries as `systemctl status` shows them. */
export function formatEntries(entries: Iterable<JournalEntry>, output: ShortOutput | 'cat' = 'short'): string {
  if (output === 'cat') return Array.from(entries, ({ message = '' }) => `${textOf(message)}\n`).join('');
  const format = openShortFormat({
    output,
    isUtc: false,
    isAll: false,
    hostname: hostname(),
    bootAt: () => '',
  });
  return Array.from(entries, (entry) => textOf(format(entry) ?? '')).join('');
}

export function isShort(output: JournalOutput): output is ShortOutput {
  return SHORT_OUTPUTS.some((name) => name === output);
}
