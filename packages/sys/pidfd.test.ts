import { expect, test } from 'bun:test';
import { decodeWaitStatus, pidfdStatus, tryOpenPidfd } from './pidfd.ts';

test('a pidfd tells that its process runs, and that it is gone', async () => {
  const child = Bun.spawn(['sleep', '1000']);
  using pidfd = tryOpenPidfd(child.pid);
  if (pidfd === undefined) throw new Error('the child runs');
  expect(pidfdStatus(pidfd, () => true).kind).toBe('running');
  child.kill('SIGKILL');
  await child.exited;
  const status = pidfdStatus(pidfd, () => false);
  // Kernels before 6.15 say no more than that.
  if (status.kind !== 'gone')
    expect(status).toEqual({ kind: 'exited', exitCode: 137, signal: 'SIGKILL', hasCore: false });
  expect(tryOpenPidfd(child.pid)).toBeUndefined();
});

test('wait statuses are decoded', () => {
  expect(decodeWaitStatus(0)).toEqual({ exitCode: 0, signal: undefined });
  expect(decodeWaitStatus(3 << 8)).toEqual({ exitCode: 3, signal: undefined });
  expect(decodeWaitStatus(15)).toEqual({ exitCode: 143, signal: 'SIGTERM', hasCore: false });
  expect(decodeWaitStatus(11 | 0x80)).toEqual({ exitCode: 139, signal: 'SIGSEGV', hasCore: true });
});
