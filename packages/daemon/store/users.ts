import type { SqlDatabase, SqlRow } from '@bhatti/sys/database/sqlite.ts';
import { numberOf, textOf } from './row.ts';

export interface UserLimits {
  readonly maxSandboxes: number;
  /** Of one sandbox. */
  readonly maxCpus: number;
  readonly maxMemoryMib: number;
}

/** Someone who has an API key. The key itself is nowhere: only its SHA-256 is kept, which is enough for 256 random bits. */
export interface UserRow extends UserLimits {
  readonly id: string;
  readonly name: string;
  readonly keyHash: string;
  readonly createdAt: string;
}

export interface UserTable {
  all(): UserRow[];
  byId(id: string): UserRow | undefined;
  byName(name: string): UserRow | undefined;
  byKeyHash(keyHash: string): UserRow | undefined;
  /** Throws a SqlConstraintError when the name is taken. */
  insert(user: UserRow): void;
  setKeyHash(id: string, keyHash: string): void;
  delete(id: string): void;
}

export function userTable(db: SqlDatabase): UserTable {
  const one = (row: SqlRow | undefined) => (row === undefined ? undefined : decodeRow(row));
  return {
    all: () => db.all('SELECT * FROM users ORDER BY name').map(decodeRow),
    byId: (id) => one(db.get('SELECT * FROM users WHERE id = ?', id)),
    byName: (name) => one(db.get('SELECT * FROM users WHERE name = ?', name)),
    byKeyHash: (keyHash) => one(db.get('SELECT * FROM users WHERE key_hash = ?', keyHash)),
    insert(user) {
      db.run(
        'INSERT INTO users (id, name, key_hash, max_sandboxes, max_cpus, max_memory_mib, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
        user.id,
        user.name,
        user.keyHash,
        user.maxSandboxes,
        user.maxCpus,
        user.maxMemoryMib,
        user.createdAt,
      );
    },
    setKeyHash: (id, keyHash) => void db.run('UPDATE users SET key_hash = ? WHERE id = ?', keyHash, id),
    delete: (id) => void db.run('DELETE FROM users WHERE id = ?', id),
  };
}

function decodeRow(row: SqlRow): UserRow {
  return {
    id: textOf(row, 'id'),
    name: textOf(row, 'name'),
    keyHash: textOf(row, 'key_hash'),
    maxSandboxes: numberOf(row, 'max_sandboxes'),
    maxCpus: numberOf(row, 'max_cpus'),
    maxMemoryMib: numberOf(row, 'max_memory_mib'),
    createdAt: textOf(row, 'created_at'),
  };
}
