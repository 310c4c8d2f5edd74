import { describe, expect, test } from 'bun:test';

import { MessageQueue } from './message-queue.ts';

describe('a message queue', () => {
  test('gives messages in the order they came, also those that come while the taker waits', async () => {
    const queue = new MessageQueue<number>();
    queue.put(1);
    const taken = take(queue);
    queue.put(2);
    await Promise.resolve();
    queue.put(3);
    queue.end();
    expect(await taken).toEqual([1, 2, 3]);
  });

  test('gives what is there before it throws the error it ended with', async () => {
    const queue = new MessageQueue<number>();
    queue.put(1);
    queue.fail(new Error('gone'));
    queue.end();
    const seen: number[] = [];
    const error: unknown = await take(queue, seen).catch((reason: unknown) => reason);
    expect(error).toEqual(new Error('gone'));
    expect(seen).toEqual([1]);
  });

  test('says each time when the taker has caught up', async () => {
    const queue = new MessageQueue<number>();
    let emptied = 0;
    queue.onEmptied = () => (emptied += 1);
    queue.put(1);
    queue.put(2);
    queue.end();
    await take(queue);
    expect(emptied).toBe(1);
  });
});

async function take(queue: MessageQueue<number>, into: number[] = []): Promise<number[]> {
  for await (const message of queue) into.push(message);
  return into;
}
