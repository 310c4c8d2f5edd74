import { expect, test } from 'bun:test';
import { FrameClock } from './frame-clock.ts';

function setUp(intervalMs: number) {
  const state = { isDamaged: false, isWanted: true, captures: 0 };
  const clock = new FrameClock(
    {
      get isDamaged() {
        return state.isDamaged;
      },
      async capture() {
        state.isDamaged = false;
        state.captures++;
      },
    },
    { intervalMs: () => intervalMs, isWanted: () => state.isWanted },
  );
  return { state, clock };
}

test('the first damage after a rest is captured at once', () => {
  const { state, clock } = setUp(1_000_000);
  clock.poke();
  expect(state.captures).toBe(0);
  state.isDamaged = true;
  clock.poke();
  expect(state.captures).toBe(1);
  clock.stop();
});

test('a second frame may follow at once, and then damage waits for the end of the interval, however often it is announced', async () => {
  const { state, clock } = setUp(200);
  for (const captures of [1, 2]) {
    state.isDamaged = true;
    clock.poke();
    expect(state.captures).toBe(captures);
    while (clock.refresh() !== undefined) await Promise.resolve();
  }
  state.isDamaged = true;
  clock.poke();
  clock.poke();
  expect(state.captures).toBe(2);
  while (state.captures < 3) await new Promise((resolve) => setImmediate(resolve));
  clock.stop();
});

test('nothing is captured while nobody looks', async () => {
  const { state, clock } = setUp(0);
  state.isDamaged = true;
  state.isWanted = false;
  clock.poke();
  await Promise.resolve();
  expect(state.captures).toBe(0);
  state.isWanted = true;
  clock.poke();
  expect(state.captures).toBe(1);
  clock.stop();
});
