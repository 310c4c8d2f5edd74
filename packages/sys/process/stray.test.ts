import { startOperation } from '@bhatti/base/operation.ts';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { expect, test } from 'bun:test';
import { isProcessAlive, processName } from './proc.ts';
import { endStrays } from './stray.ts';

test('programs of an earlier run are ended, own children and programs of others are not', async () => {
  using op = startOperation({ timeoutMs: 10_000 });
  const mark = { name: 'BHATTI_TEST_MARK', value: crypto.randomUUID() };
  const marked = { ...process.env, [mark.name]: mark.value };
  // The shell ends at once; its sleep is then nobody's child here, as after a crash.
  const shell = spawn('sh', ['-c', 'sleep 60 >/dev/null 2>&1 & echo $!'], { env: marked });
  const [line] = await Promise.all([once(shell.stdout, 'data'), once(shell, 'exit')]);
  const orphan = Number(String(line[0]));
  const child = spawn('sleep', ['60'], { env: marked });
  const other = spawn('sh', ['-c', 'sleep 60 >/dev/null 2>&1 & echo $!'], {
    env: { ...process.env, [mark.name]: 'another' },
  });
  const [otherLine] = await Promise.all([once(other.stdout, 'data'), once(other, 'exit')]);
  const stranger = Number(String(otherLine[0]));

  const startTicks = Number(readFileSync(`/proc/${orphan}/stat`, 'utf8').split(') ')[1]?.split(' ')[19]);
  expect(isProcessAlive({ pid: orphan, startTicks })).toBe(true);

  await endStrays(op, mark);
  expect(isProcessAlive({ pid: orphan, startTicks })).toBe(false);
  expect(processName(child.pid ?? 0)).toBe('sleep');
  expect(processName(stranger)).toBe('sleep');
  process.kill(stranger, 'SIGKILL');
  child.kill('SIGKILL');
  await once(child, 'exit');
});
