import { fieldsOf, textOf, type EntryContext } from './entry.ts';
import type { JournalReader } from './read.ts';

/** `-N`: the names of all fields that entries have. */
export function fieldNames(reader: JournalReader, context: EntryContext): string[] {
  const names = new Set<string>();
  for (const entry of reader.forward(reader.units(), 0)) for (const [name] of fieldsOf(entry, context)) names.add(name);
  return [...names];
}

/** `-F`: all values that one field has. */
export function fieldValues(reader: JournalReader, context: EntryContext, wanted: string): string[] {
  const values = new Set<string>();
  for (const entry of reader.forward(reader.units(), 0))
    for (const [name, value] of fieldsOf(entry, context)) if (name === wanted) values.add(textOf(value));
  return [...values];
}
