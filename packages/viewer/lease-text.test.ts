import type { LeaseView } from '@bhatti/wire/display/lease.ts';
import { describe, expect, test } from 'bun:test';
import { describeLease, sayLease } from './lease-text.ts';

const view = (holder: LeaseView['holder'], rest: Partial<LeaseView> = {}): LeaseView => ({
  holder,
  isPrivate: false,
  ...rest,
});

describe('what the page says about the input', () => {
  test.each<[LeaseView, string, 'take' | 'return']>([
    [view('agent'), 'The agent is working', 'take'],
    [view('you'), 'You have the input', 'return'],
    [view('other'), 'Somebody else has the input', 'take'],
    [view('other', { lost: 'takenOver' }), 'Somebody else took over', 'take'],
    [view('nobody'), 'The input is free', 'take'],
    [view('nobody', { lost: 'quiet' }), 'Handed back: you were quiet', 'take'],
  ])('%j', (seen, who, action) => {
    expect(describeLease(seen)).toEqual({ who, action });
  });

  test('an agent that comes and goes is said once, a person each time', () => {
    const steps = [view('agent'), view('nobody'), view('agent'), view('you'), view('nobody'), view('agent')];
    const heard: string[] = [];
    let said = '';
    for (const step of steps) {
      const next = sayLease(step, said);
      if (next !== said) heard.push(next);
      said = next;
    }
    expect(heard).toEqual(['The agent is working', 'You have the input', 'The input is free', 'The agent is working']);
  });
});
