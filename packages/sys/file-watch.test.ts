import { expect, test } from 'bun:test';
import { appendFileSync, closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FILE_EVENTS, openFileWatch } from './file-watch.ts';

const { created, deleted, modified, writtenAndClosed } = FILE_EVENTS;

test('a watch tells what happened to whom, in order, and nothing twice', () => {
  const directory = mkdtempSync(join(tmpdir(), 'bhatti-file-watch-'));
  const files = openFileWatch();
  try {
    const watch = files.add(directory, created | deleted) ?? -2;
    expect(files.add(join(directory, 'missing'), modified)).toBeUndefined();
    expect(files.read()).toEqual([]);
    const path = join(directory, 'a');
    const fd = openSync(path, 'w');
    const own = files.add(path, modified | writtenAndClosed) ?? -2;
    writeSync(fd, 'x');
    expect(files.read().map((event) => [event.watch, event.mask, event.name])).toEqual([
      [watch, created, 'a'],
      [own, modified, ''],
    ]);
    closeSync(fd);
    expect(files.read().map(({ mask }) => mask)).toEqual([writtenAndClosed]);
    files.remove(own);
    appendFileSync(path, 'y');
    rmSync(path);
    expect(files.read().filter((event) => event.watch === watch)).toEqual([{ watch, mask: deleted, name: 'a' }]);
  } finally {
    files.descriptor[Symbol.dispose]();
    rmSync(directory, { recursive: true });
  }
});
