import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasCode } from '@bhatti/base/errors.ts';
import { newSandboxId, type PublishRuleId } from '@bhatti/base/ids.ts';
import { openSqlite, SqlConstraintError } from '@bhatti/sys/database/sqlite.ts';
import { openStore } from './open.ts';
import type { SandboxRow } from './sandboxes.ts';

let dir: string;
let path: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'bhatti-store-'));
  path = join(dir, 'state.db');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe('the store', () => {
  test('gives back every field of a sandbox after it is opened again', () => {
    const row = sandboxRow('desk');
    {
      using store = openStore(path);
      store.sandboxes.insert(row);
    }
    using store = openStore(path);
    expect(store.sandboxes.all()).toEqual([row]);
  });

  test('applies a change and leaves the rest', () => {
    using store = openStore(path);
    const row = sandboxRow('desk');
    store.sandboxes.insert(row);
    const changed = store.sandboxes.update(row, {
      wanted: 'stopped',
      stoppedAt: '2026-01-02T00:00:00.000Z',
      bootFiles: [],
    });
    expect(store.sandboxes.all()).toEqual([changed]);
    expect(changed).toEqual({ ...row, wanted: 'stopped', stoppedAt: '2026-01-02T00:00:00.000Z', bootFiles: [] });
  });

  test('lets two owners use one name, and one owner only once', () => {
    using store = openStore(path);
    store.sandboxes.insert(sandboxRow('desk', 'ann'));
    store.sandboxes.insert(sandboxRow('desk', 'ben'));
    expect(() => store.sandboxes.insert(sandboxRow('desk', 'ann'))).toThrow(SqlConstraintError);
  });

  test('drops the publish rules of a sandbox with it, and refuses a taken alias', () => {
    using store = openStore(path);
    const row = sandboxRow('desk');
    store.sandboxes.insert(row);
    // SAFETY: a test makes up its own id.
    const rule = {
      id: 'pub_1' as PublishRuleId,
      sandboxId: row.id,
      port: 6080,
      alias: 'desk',
      createdAt: row.createdAt,
    };
    store.rules.insert(rule);
    // SAFETY: as above.
    expect(() => store.rules.insert({ ...rule, id: 'pub_2' as PublishRuleId, port: 80 })).toThrow(SqlConstraintError);
    expect(store.rules.all()).toEqual([rule]);
    store.sandboxes.delete(row.id);
    expect(store.rules.all()).toEqual([]);
  });

  test('keeps only the latest events', () => {
    using store = openStore(path);
    for (const type of ['sandbox.created', 'sandbox.stopped'])
      store.events.add({ at: '2026-01-01T00:00:00.000Z', type, owner: 'local', sandbox: 'desk', detail: '' });
    expect(store.events.latest(1).map((event) => event.type)).toEqual(['sandbox.stopped']);
  });

  test('refuses a file that is no database with STORE_CORRUPT and leaves it as it is', () => {
    writeFileSync(path, 'not a database at all, only words. '.repeat(200));
    expect(codeOf(() => openStore(path))).toBe('STORE_CORRUPT');
    expect(codeOf(() => openStore(path))).toBe('STORE_CORRUPT');
  });

  test('refuses the database of a later version', () => {
    {
      using db = openSqlite(path);
      db.script('PRAGMA user_version = 999');
    }
    expect(codeOf(() => openStore(path))).toBe('VERSION_UNSUPPORTED');
  });
});

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    for (const code of ['STORE_CORRUPT', 'VERSION_UNSUPPORTED'] as const) if (hasCode(error, code)) return code;
    throw error;
  }
  return 'none';
}

function sandboxRow(name: string, owner = 'local'): SandboxRow {
  return {
    id: newSandboxId(),
    owner,
    name,
    image: 'computer',
    desktop: true,
    cpus: 1.5,
    memoryMib: 1024,
    diskMib: 8192,
    env: { DISPLAY_WIDTH: '1280' },
    init: 'echo hello',
    labels: { team: 'a' },
    keepHot: true,
    bootFiles: [{ path: '/etc/motd', contentBase64: 'aGk=', mode: '0644' }],
    wanted: 'running',
    createdAt: '2026-01-01T00:00:00.000Z',
    stoppedAt: undefined,
  };
}
