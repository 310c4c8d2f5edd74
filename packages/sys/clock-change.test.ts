import { expect, test } from 'bun:test';
import { openClockChange, takeClockChange } from './clock-change.ts';
import { openEpoll } from './epoll.ts';

test('a clock that nobody sets says nothing', () => {
  using clock = openClockChange();
  using epoll = openEpoll();
  epoll.add(clock.fd);
  expect([takeClockChange(clock), epoll.wait(0), takeClockChange(clock)]).toEqual([false, [], false]);
});
