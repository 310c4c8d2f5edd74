import type { SqlDatabase, SqlRow } from '@bhatti/sys/database/sqlite.ts';
import { numberOf, textOf } from './row.ts';

/** Something that happened to a sandbox, for people who ask later. Types are past tense: `sandbox.created`. */
export interface EventRow {
  readonly id: number;
  readonly at: string;
  readonly type: string;
  readonly owner: string;
  /** Name at that time. */
  readonly sandbox: string;
  readonly detail: string;
}

export interface EventTable {
  add(event: Omit<EventRow, 'id'>): void;
  /** Newest first. */
  latest(limit: number): EventRow[];
}

const maxEvents = 10_000; // some megabytes; older ones go

export function eventTable(db: SqlDatabase): EventTable {
  return {
    add(event) {
      db.transaction(() => {
        db.run(
          'INSERT INTO events (at, type, owner, sandbox, detail) VALUES (?, ?, ?, ?, ?)',
          event.at,
          event.type,
          event.owner,
          event.sandbox,
          event.detail,
        );
        db.run('DELETE FROM events WHERE id <= (SELECT max(id) FROM events) - ?', maxEvents);
      });
    },
    latest: (limit) => db.all('SELECT * FROM events ORDER BY id DESC LIMIT ?', limit).map(decodeRow),
  };
}

function decodeRow(row: SqlRow): EventRow {
  return {
    id: numberOf(row, 'id'),
    at: textOf(row, 'at'),
    type: textOf(row, 'type'),
    owner: textOf(row, 'owner'),
    sandbox: textOf(row, 'sandbox'),
    detail: textOf(row, 'detail'),
  };
}
