import { describe, expect, test } from 'bun:test';

import fc from 'fast-check';

import { ByteQueue } from './byte-queue.ts';

describe('a byte queue', () => {
  test('gives back what was pushed, in order, however it is consumed', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.uint8Array({ maxLength: 9000 }), fc.nat(9000))), (steps) => {
        const queue = new ByteQueue();
        let expected: number[] = [];
        for (const [chunk, count] of steps) {
          queue.push(chunk);
          expected.push(...chunk);
          const consumed = Math.min(count, expected.length);
          queue.consume(consumed);
          expected = expected.slice(consumed);
          expect(Array.from(queue.bytes())).toEqual(expected);
          expect(queue.length).toBe(expected.length);
        }
      }),
    );
  });

  test('drops bytes that are consumed before they arrive', () => {
    const queue = new ByteQueue();
    queue.push(Uint8Array.of(1, 2, 3));
    queue.consume(5);
    expect(queue.length).toBe(0);
    queue.push(Uint8Array.of(4));
    expect(queue.length).toBe(0);
    queue.push(Uint8Array.of(5, 6, 7));
    expect(Array.from(queue.bytes())).toEqual([6, 7]);
  });
});
