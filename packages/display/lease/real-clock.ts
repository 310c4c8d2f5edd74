import type { LeaseClock } from './input-lease.ts';

export const realClock: LeaseClock = {
  nowMs: () => performance.now(),
  after(ms, act) {
    const timer = setTimeout(act, ms);
    return () => clearTimeout(timer);
  },
};
