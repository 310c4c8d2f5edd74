import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { expect, test } from 'bun:test';
import { catchesSignal, isProcessAlive, processName } from './proc.ts';

test('a process is known by number and start time; its end is seen, a number used again is not taken for it', async () => {
  const child = spawn('sleep', ['60']);
  const pid = child.pid ?? 0;
  const startTicks = Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[19]);
  expect(isProcessAlive({ pid, startTicks })).toBe(true);
  expect(isProcessAlive({ pid, startTicks: startTicks + 1 })).toBe(false);
  expect(processName(pid)).toBe('sleep');
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(isProcessAlive({ pid, startTicks })).toBe(false);
  expect(processName(pid)).toBeUndefined();
});

test('it is seen whether a process handles a signal', async () => {
  const child = spawn('sh', ['-c', 'trap "exit 0" TERM; echo ready; while :; do sleep 1; done'], { detached: true });
  await once(child.stdout, 'data');
  expect(catchesSignal(child.pid ?? 0, 15)).toBe(true);
  // A shell blocks every signal for the moment in which it forks.
  while (catchesSignal(child.pid ?? 0, 10)) await new Promise(setImmediate);
  process.kill(-(child.pid ?? 0), 'SIGKILL');
  await once(child, 'exit');
  expect(catchesSignal(child.pid ?? 0, 15)).toBe(false);
});
