import { CodedError, describe } from '@bhatti/base/errors.ts';
import { openSqlite, type SqlDatabase } from '@bhatti/sys/database/sqlite.ts';
import { eventTable, type EventTable } from './events.ts';
import { publishRuleTable, type PublishRuleTable } from './publish-rules.ts';
import { sandboxTable, type SandboxTable } from './sandboxes.ts';
import { migrate } from './schema.ts';
import { userTable, type UserTable } from './users.ts';

/** What was asked of this daemon, on disk. */
export interface Store extends Disposable {
  readonly sandboxes: SandboxTable;
  readonly rules: PublishRuleTable;
  readonly users: UserTable;
  readonly events: EventTable;
}

/** Opens or creates the store. Throws STORE_CORRUPT when the file is no sound database: starting with an empty one instead would make every sandbox an orphan. */
export function openStore(path: string): Store {
  const db = openOrThrow(path);
  try {
    migrate(db);
  } catch (error) {
    db[Symbol.dispose]();
    throw error instanceof CodedError ? error : storeCorrupt(path, error);
  }
  return {
    sandboxes: sandboxTable(db),
    rules: publishRuleTable(db),
    users: userTable(db),
    events: eventTable(db),
    [Symbol.dispose]: () => db[Symbol.dispose](),
  };
}

function openOrThrow(path: string): SqlDatabase {
  try {
    return openSqlite(path);
  } catch (error) {
    throw storeCorrupt(path, error);
  }
}

function storeCorrupt(path: string, cause: unknown): CodedError {
  return new CodedError(
    'STORE_CORRUPT',
    `cannot read the database "${path}": ${describe(cause)}`,
    { path },
    { cause, hint: 'put a copy of it back; the sandboxes themselves are not touched' },
  );
}
