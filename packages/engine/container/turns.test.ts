import { expect, test } from 'bun:test';
import { Turns } from './turns.ts';

test('operations on one sandbox follow each other, a failed one included; others do not wait', async () => {
  const turns = new Turns();
  const order: string[] = [];
  const gate = Promise.withResolvers<void>();
  const first = turns.take('a', async () => {
    await gate.promise;
    order.push('first');
    throw new Error('it failed');
  });
  const second = turns.take('a', async () => {
    order.push('second');
    return 2;
  });
  await turns.take('b', async () => void order.push('other'));
  gate.resolve();
  expect(await first.catch(() => 'failed')).toBe('failed');
  expect(await second).toBe(2);
  expect(order).toEqual(['other', 'first', 'second']);
});
