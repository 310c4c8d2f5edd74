import { afterAll, expect, test } from 'bun:test';
import { mkdtempSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { drainFifo, openFifo } from './fifo.ts';

const dir = mkdtempSync(join(tmpdir(), 'bhatti-fifo-'));
afterAll(() => rmSync(dir, { recursive: true }));

test('the first words are kept, what does not fit is refused without blocking, and all can be read once', () => {
  const path = join(dir, 'console');
  using fifo = openFifo(path);
  expect(drainFifo(path)).toBe('');
  writeSync(fifo.fd, 'first words\n');
  const block = Buffer.alloc(4096, 'x');
  let refused: unknown;
  for (let written = 0; written < 64 && refused === undefined; written++) {
    try {
      writeSync(fifo.fd, block);
    } catch (error) {
      refused = error;
    }
  }
  expect(refused).toMatchObject({ code: 'EAGAIN' });
  expect(drainFifo(path)).toStartWith('first words\n');
  expect(drainFifo(path)).toBe('');
  expect(drainFifo(join(dir, 'nosuch'))).toBe('');
});
