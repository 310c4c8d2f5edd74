import { describe, expect, test } from 'bun:test';

import { HandOff } from './hand-off.ts';

const turns = async (count: number) => {
  for (let at = 0; at < count; at += 1) await new Promise((resolve) => setImmediate(resolve));
};

describe('a hand-off', () => {
  test('keeps the maker waiting until its value was taken', async () => {
    const handOff = new HandOff<number>();
    let put = 0;
    const make = (async () => {
      for (let value = 1; value <= 3; value += 1) {
        await handOff.put(value);
        put = value;
      }
      handOff.end();
    })();
    await turns(5);
    expect(put).toBe(0);
    const taken: number[] = [];
    for await (const value of handOff) {
      await turns(5);
      taken.push(value);
      // The next one is offered, and waits.
      expect(put).toBe(value);
    }
    await make;
    expect(taken).toEqual([1, 2, 3]);
  });

  test('gives what is left of it to the next taker', async () => {
    const handOff = new HandOff<number>();
    void (async () => {
      for (let value = 1; value <= 3; value += 1) await handOff.put(value);
      handOff.end();
    })();
    for await (const value of handOff) if (value === 1) break;
    const rest: number[] = [];
    for await (const value of handOff) rest.push(value);
    expect(rest).toEqual([2, 3]);
  });

  test('drops what nobody takes, once it was told to, and not before the taker of now has left', async () => {
    const handOff = new HandOff<number>();
    const waiting = handOff.put(1);
    handOff.discard();
    await waiting;
    await handOff.put(2);
    const taken: number[] = [];
    const taking = (async () => {
      for await (const value of handOff) taken.push(value);
    })();
    await turns(2);
    await handOff.put(3);
    handOff.end();
    await taking;
    expect(taken).toEqual([3]);
  });

  test('throws the error that it ended with, after all values', async () => {
    const handOff = new HandOff<number>();
    void handOff.put(1);
    handOff.end(new Error('lost'));
    const taken: number[] = [];
    const error: unknown = await (async () => {
      for await (const value of handOff) taken.push(value);
    })().catch((reason: unknown) => reason);
    expect([taken, error]).toEqual([[1], new Error('lost')]);
  });
});
