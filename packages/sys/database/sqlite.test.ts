import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqlite, SqlConstraintError } from './sqlite.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'bhatti-sqlite-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe('openSqlite', () => {
  test('keeps what was written after it is opened again', () => {
    const path = join(dir, 'a.db');
    {
      using db = openSqlite(path);
      db.script('CREATE TABLE words (word TEXT NOT NULL)');
      expect(db.run('INSERT INTO words VALUES (?)', 'kept')).toBe(1);
    }
    using again = openSqlite(path);
    expect(again.all('SELECT word FROM words')).toEqual([{ word: 'kept' }]);
    expect(again.get('SELECT word FROM words WHERE word = ?', 'other')).toBeUndefined();
  });

  test('names the constraint that refuses a row', () => {
    using db = openSqlite(join(dir, 'a.db'));
    db.script('CREATE TABLE words (word TEXT NOT NULL UNIQUE)');
    db.run('INSERT INTO words VALUES (?)', 'one');
    try {
      db.run('INSERT INTO words VALUES (?)', 'one');
      throw new Error('the second row was accepted');
    } catch (error) {
      expect(error).toBeInstanceOf(SqlConstraintError);
      if (error instanceof SqlConstraintError) expect(error.constraint).toBe('words.word');
    }
  });

  test('takes a transaction back as a whole when it throws', () => {
    using db = openSqlite(join(dir, 'a.db'));
    db.script('CREATE TABLE words (word TEXT NOT NULL)');
    expect(() =>
      db.transaction(() => {
        db.run('INSERT INTO words VALUES (?)', 'one');
        throw new Error('stop');
      }),
    ).toThrow('stop');
    expect(db.all('SELECT word FROM words')).toEqual([]);
  });

  test('refuses a file that is not a database', () => {
    const path = join(dir, 'a.db');
    writeFileSync(path, 'this is no database, whatever its name says'.repeat(100));
    expect(() => openSqlite(path)).toThrow();
  });
});
