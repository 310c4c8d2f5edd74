import type { LeaseView } from '@bhatti/wire/display/lease.ts';

/** What the page says about who has the keyboard and the pointer. */
export interface LeaseText {
  readonly who: string;
  readonly action: 'take' | 'return';
}

export function describeLease({ holder, lost }: LeaseView): LeaseText {
  switch (holder) {
    case 'agent':
      return { who: 'The agent is working', action: 'take' };
    case 'you':
      return { who: 'You have the input', action: 'return' };
    case 'other':
      return { who: lost === 'takenOver' ? 'Somebody else took over' : 'Somebody else has the input', action: 'take' };
    case 'nobody':
      return { who: lost === 'quiet' ? 'Handed back: you were quiet' : 'The input is free', action: 'take' };
  }
}

/** What is read out. An agent comes and goes with each of its steps, which is worth saying once. */
export function sayLease(view: LeaseView, said: string): string {
  const agentIsWorking = 'The agent is working';
  return view.holder === 'nobody' && said === agentIsWorking ? said : describeLease(view).who;
}
