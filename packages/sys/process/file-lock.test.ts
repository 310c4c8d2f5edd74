import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lockHolder, tryLockFile } from './file-lock.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'bhatti-lock-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe('tryLockFile', () => {
  test('gives the lock to one holder at a time and says who it is', () => {
    const path = join(dir, 'lock');
    const first = tryLockFile(path);
    expect(first).toBeDefined();
    expect(tryLockFile(path)).toBeUndefined();
    expect(lockHolder(path)).toBe(process.pid);
    first?.[Symbol.dispose]();
    const second = tryLockFile(path);
    expect(second).toBeDefined();
    second?.[Symbol.dispose]();
  });

  test('is free again after its holder was killed, even while a child of it lives on', async () => {
    const path = join(dir, 'lock');
    const script = `
      import { tryLockFile } from ${JSON.stringify(join(import.meta.dir, 'file-lock.ts'))};
      const held = tryLockFile(${JSON.stringify(path)});
      const child = Bun.spawn(['sleep', '60'], { detached: true, stdio: ['ignore', 'ignore', 'ignore'] });
      console.log(held === undefined ? 'refused' : child.pid);
      setInterval(() => {}, 1000);
    `;
    const holder = Bun.spawn([process.execPath, '-e', script], { stdout: 'pipe', stderr: 'inherit' });
    const reader = holder.stdout.getReader();
    const { value } = await reader.read();
    const childPid = Number(new TextDecoder().decode(value).trim());
    expect(childPid).toBeGreaterThan(0);
    try {
      expect(tryLockFile(path)).toBeUndefined();
      holder.kill('SIGKILL');
      await holder.exited;
      // A thread of the holder may be the last to let go of its descriptors, a moment after its exit was told.
      let lock = tryLockFile(path);
      for (let look = 0; lock === undefined && look < 1_000; look++) {
        await new Promise((resolve) => setTimeout(resolve, 1));
        lock = tryLockFile(path);
      }
      expect(lock).toBeDefined();
      lock?.[Symbol.dispose]();
    } finally {
      process.kill(childPid, 'SIGKILL');
    }
  });
});
