import { assert } from '@bhatti/base/errors.ts';
import type { SandboxId } from '@bhatti/base/ids.ts';
import type { SqlDatabase, SqlRow } from '@bhatti/sys/database/sqlite.ts';
import type { BootRequest } from '@bhatti/wire/agent/boot.ts';
import { maybeTextOf, numberOf, recordOf, textOf } from './row.ts';

/**
 * What a sandbox shall be. `creating`: its creation has not ended; after a crash it is taken back. `destroyed`: its destruction has begun and will be ended whatever happens;
 * the row goes last.
 */
export const wantedPhases = ['creating', 'running', 'stopped', 'destroyed'] as const;
export type Wanted = (typeof wantedPhases)[number];

export interface SandboxRow {
  readonly id: SandboxId;
  readonly owner: string;
  readonly name: string;
  readonly image: string;
  /** Whether the image has a desktop, as it was when the sandbox was made. */
  readonly desktop: boolean;
  readonly cpus: number;
  readonly memoryMib: number;
  readonly diskMib: number;
  readonly env: Readonly<Record<string, string>>;
  readonly init: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly keepHot: boolean;
  /** Files to write at the first boot; empty afterwards, so that a later boot does not take back what the sandbox made of them. */
  readonly bootFiles: BootRequest['files'];
  readonly wanted: Wanted;
  readonly createdAt: string;
  readonly stoppedAt: string | undefined;
}

export type SandboxChange = Partial<
  Pick<SandboxRow, 'name' | 'labels' | 'keepHot' | 'bootFiles' | 'wanted' | 'stoppedAt'>
>;

export interface SandboxTable {
  all(): SandboxRow[];
  insert(row: SandboxRow): void;
  /** The row as it is afterwards. Throws a SqlConstraintError when the owner has another sandbox of this name. */
  update(row: SandboxRow, change: SandboxChange): SandboxRow;
  /** Its publish rules go with it. */
  delete(id: SandboxId): void;
}

export function sandboxTable(db: SqlDatabase): SandboxTable {
  return {
    all: () => db.all('SELECT * FROM sandboxes ORDER BY created_at, id').map(decodeRow),
    insert(row) {
      db.run(
        `INSERT INTO sandboxes (id, owner, name, image, desktop, cpus, memory_mib, disk_mib, env, init, labels, keep_hot, boot_files, wanted, created_at, stopped_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        row.id,
        row.owner,
        row.name,
        row.image,
        row.desktop ? 1 : 0,
        row.cpus,
        row.memoryMib,
        row.diskMib,
        JSON.stringify(row.env),
        row.init ?? null,
        JSON.stringify(row.labels),
        row.keepHot ? 1 : 0,
        JSON.stringify(row.bootFiles),
        row.wanted,
        row.createdAt,
        row.stoppedAt ?? null,
      );
    },
    update(row, change) {
      const next = { ...row, ...change };
      db.run(
        'UPDATE sandboxes SET name = ?, labels = ?, keep_hot = ?, boot_files = ?, wanted = ?, stopped_at = ? WHERE id = ?',
        next.name,
        JSON.stringify(next.labels),
        next.keepHot ? 1 : 0,
        JSON.stringify(next.bootFiles),
        next.wanted,
        next.stoppedAt ?? null,
        row.id,
      );
      return next;
    },
    delete: (id) => void db.run('DELETE FROM sandboxes WHERE id = ?', id),
  };
}

function decodeRow(row: SqlRow): SandboxRow {
  return {
    // SAFETY: only `insert` writes this column, and it takes a SandboxId.
    id: textOf(row, 'id') as SandboxId,
    owner: textOf(row, 'owner'),
    name: textOf(row, 'name'),
    image: textOf(row, 'image'),
    desktop: numberOf(row, 'desktop') === 1,
    cpus: numberOf(row, 'cpus'),
    memoryMib: numberOf(row, 'memory_mib'),
    diskMib: numberOf(row, 'disk_mib'),
    env: recordOf(row, 'env'),
    init: maybeTextOf(row, 'init'),
    labels: recordOf(row, 'labels'),
    keepHot: numberOf(row, 'keep_hot') === 1,
    // SAFETY: only `insert` and `update` write this column, and they take exactly this type.
    bootFiles: JSON.parse(textOf(row, 'boot_files')) as SandboxRow['bootFiles'],
    wanted: decodeWanted(textOf(row, 'wanted')),
    createdAt: textOf(row, 'created_at'),
    stoppedAt: maybeTextOf(row, 'stopped_at'),
  };
}

function decodeWanted(text: string): Wanted {
  const wanted = wantedPhases.find((phase) => phase === text);
  assert(wanted !== undefined, `"${text}" is a wanted phase`);
  return wanted;
}
