import type { PublishRuleId, SandboxId } from '@bhatti/base/ids.ts';
import type { SqlDatabase, SqlRow } from '@bhatti/sys/database/sqlite.ts';
import { numberOf, textOf } from './row.ts';

/** (sandbox, guest port) → public alias. */
export interface PublishRuleRow {
  readonly id: PublishRuleId;
  readonly sandboxId: SandboxId;
  readonly port: number;
  readonly alias: string;
  readonly createdAt: string;
}

export interface PublishRuleTable {
  all(): PublishRuleRow[];
  /** Throws a SqlConstraintError when the alias is taken. */
  insert(rule: PublishRuleRow): void;
  delete(id: PublishRuleId): void;
}

export function publishRuleTable(db: SqlDatabase): PublishRuleTable {
  return {
    all: () => db.all('SELECT * FROM publish_rules ORDER BY created_at, id').map(decodeRow),
    insert(rule) {
      db.run(
        'INSERT INTO publish_rules (id, sandbox_id, port, alias, created_at) VALUES (?, ?, ?, ?, ?)',
        rule.id,
        rule.sandboxId,
        rule.port,
        rule.alias,
        rule.createdAt,
      );
    },
    delete: (id) => void db.run('DELETE FROM publish_rules WHERE id = ?', id),
  };
}

function decodeRow(row: SqlRow): PublishRuleRow {
  return {
    // SAFETY: only `insert` writes these two columns, and it takes the branded types.
    id: textOf(row, 'id') as PublishRuleId,
    sandboxId: textOf(row, 'sandbox_id') as SandboxId,
    port: numberOf(row, 'port'),
    alias: textOf(row, 'alias'),
    createdAt: textOf(row, 'created_at'),
  };
}
