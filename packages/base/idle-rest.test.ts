import { afterEach, beforeEach, expect, jest, test } from 'bun:test';
import { IdleRest } from './idle-rest.ts';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

function setUp() {
  const state = { isBusy: false, rests: 0 };
  const idle = new IdleRest({ afterMs: 1000, isBusy: () => state.isBusy, rest: () => state.rests++ });
  return { state, idle };
}

test('rests once after a quiet while, and again only after something was going on', () => {
  const { state, idle } = setUp();
  jest.advanceTimersByTime(1000);
  expect(state.rests).toBe(0);
  jest.advanceTimersByTime(1000);
  expect(state.rests).toBe(1);
  jest.advanceTimersByTime(60_000);
  expect(state.rests).toBe(1);
  idle.touch();
  jest.advanceTimersByTime(2000);
  expect(state.rests).toBe(2);
});

test('does not rest while busy', () => {
  const { state } = setUp();
  state.isBusy = true;
  jest.advanceTimersByTime(60_000);
  expect(state.rests).toBe(0);
  state.isBusy = false;
  jest.advanceTimersByTime(1000);
  expect(state.rests).toBe(1);
});
