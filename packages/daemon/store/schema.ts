import { CodedError } from '@bhatti/base/errors.ts';
import type { SqlDatabase } from '@bhatti/sys/database/sqlite.ts';

/**
 * Each entry brings a database from one version to the next; the number of entries applied is kept in `user_version`. Entries that were released are never edited.
 *
 * The store holds what was asked. What is, the engines know; nothing here may be believed about a running sandbox.
 */
const migrations: readonly string[] = [
  `
  CREATE TABLE users (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    key_hash TEXT NOT NULL UNIQUE,
    max_sandboxes INTEGER NOT NULL,
    max_cpus REAL NOT NULL,
    max_memory_mib INTEGER NOT NULL,
    created_at TEXT NOT NULL
  ) STRICT;

  CREATE TABLE sandboxes (
    id TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    name TEXT NOT NULL,
    image TEXT NOT NULL,
    desktop INTEGER NOT NULL,
    cpus REAL NOT NULL,
    memory_mib INTEGER NOT NULL,
    disk_mib INTEGER NOT NULL,
    env TEXT NOT NULL,
    init TEXT,
    labels TEXT NOT NULL,
    keep_hot INTEGER NOT NULL,
    boot_files TEXT NOT NULL,
    wanted TEXT NOT NULL CHECK (wanted IN ('creating', 'running', 'stopped', 'destroyed')),
    created_at TEXT NOT NULL,
    stopped_at TEXT,
    UNIQUE (owner, name)
  ) STRICT;

  CREATE TABLE publish_rules (
    id TEXT PRIMARY KEY,
    sandbox_id TEXT NOT NULL REFERENCES sandboxes (id) ON DELETE CASCADE,
    port INTEGER NOT NULL CHECK (port BETWEEN 1 AND 65535),
    alias TEXT NOT NULL UNIQUE,
    created_at TEXT NOT NULL,
    UNIQUE (sandbox_id, port)
  ) STRICT;

  CREATE TABLE events (
    id INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    type TEXT NOT NULL,
    owner TEXT NOT NULL,
    sandbox TEXT NOT NULL,
    detail TEXT NOT NULL
  ) STRICT;
  `,
];

/** Brings the database to this program's version, all of it or nothing. Throws VERSION_UNSUPPORTED for a database of a later program. */
export function migrate(db: SqlDatabase): void {
  const found = Number(db.get('PRAGMA user_version')?.['user_version'] ?? 0);
  if (found > migrations.length)
    throw new CodedError(
      'VERSION_UNSUPPORTED',
      `cannot open the database: it has version ${found}, and this program knows ${migrations.length}`,
      { version: String(found) },
      { hint: 'start the newer bhatti that wrote it' },
    );
  db.transaction(() => {
    for (const migration of migrations.slice(found)) db.script(migration);
    // PRAGMA takes no parameters; the number is ours.
    db.script(`PRAGMA user_version = ${migrations.length}`);
  });
}
