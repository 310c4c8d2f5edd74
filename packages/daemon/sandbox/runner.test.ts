import { describe, expect, test } from 'bun:test';
import { hasCode } from '@bhatti/base/errors.ts';
import { startOperation } from '@bhatti/base/operation.ts';
import { actions, isResting } from './phase-table.ts';
import { Runner } from './runner.ts';

describe('a runner', () => {
  test('runs one at a time, in order, also after one that failed', async () => {
    const runner = new Runner();
    using op = startOperation();
    const seen: string[] = [];
    const gate = Promise.withResolvers<void>();
    const first = runner.run(op, async () => {
      seen.push('first begins');
      await gate.promise;
      seen.push('first ends');
      throw new Error('first');
    });
    const second = runner.run(op, async () => void seen.push('second'));
    const third = runner.run(op, async () => 'third');
    expect(runner.isIdle).toBe(false);
    gate.resolve();
    expect(await first.catch((error: Error) => error.message)).toBe('first');
    await second;
    expect(await third).toBe('third');
    expect(seen).toEqual(['first begins', 'first ends', 'second']);
    expect(runner.isIdle).toBe(true);
  });

  test('lets who waits leave, and never begins what was left', async () => {
    const runner = new Runner();
    using op = startOperation();
    const gate = Promise.withResolvers<void>();
    const first = runner.run(op, () => gate.promise);
    const leaving = new AbortController();
    using impatient = startOperation({ signal: leaving.signal });
    let hasBegun = false;
    const second = runner.run(impatient, async () => void (hasBegun = true));
    const third = runner.run(op, async () => (hasBegun ? 'late' : 'in order'));
    leaving.abort();
    expect(hasCode(await second.catch((error: unknown) => error), 'ABORTED')).toBe(true);
    gate.resolve();
    await first;
    expect(await third).toBe('in order');
  });
});

describe('the table of phases', () => {
  test('has every verb twice without a failure: what is so already stays', () => {
    expect(actions.running.start).toBe('stay');
    expect(actions.stopped.stop).toBe('stay');
    expect(actions.paused.pause).toBe('stay');
    expect(actions.running.resume).toBe('stay');
  });

  test('knows which phases rest', () => {
    expect((['running', 'paused', 'stopped', 'failed'] as const).every(isResting)).toBe(true);
    expect((['creating', 'booting', 'stopping'] as const).some(isResting)).toBe(false);
  });
});
