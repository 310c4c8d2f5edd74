import { assert } from '@bhatti/base/errors.ts';
import type { SqlRow } from '@bhatti/sys/database/sqlite.ts';

/** Columns of a row by type. A wrong type is a defect of ours, since the tables are STRICT. */
export function textOf(row: SqlRow, column: string): string {
  const value = row[column];
  assert(typeof value === 'string', `column ${column} holds text`);
  return value;
}

export function maybeTextOf(row: SqlRow, column: string): string | undefined {
  return row[column] === null ? undefined : textOf(row, column);
}

export function numberOf(row: SqlRow, column: string): number {
  const value = row[column];
  assert(typeof value === 'number', `column ${column} holds a number`);
  return value;
}

/** A record of strings that was stored as JSON. */
export function recordOf(row: SqlRow, column: string): Record<string, string> {
  const value: unknown = JSON.parse(textOf(row, column));
  assert(typeof value === 'object' && value !== null && !Array.isArray(value), `column ${column} holds a record`);
  return Object.fromEntries(Object.entries(value).map(([name, text]) => [name, String(text)]));
}
