import { CodedError } from '@bhatti/base/errors.ts';
import type { ViewerSessionId } from '@bhatti/base/ids.ts';
import { onAnnounce } from '@bhatti/base/log.ts';
import { LeaseSchema, type LeaseEvent } from '@bhatti/wire/display/lease.ts';
import { beforeEach, describe, expect, test } from 'bun:test';
import * as v from 'valibot';
import type { AgentTurn } from './agent-turn.ts';
import { InputLease, type Person } from './input-lease.ts';

const person = (id: string): Person => ({
  // SAFETY: a test's own id.
  id: id as ViewerSessionId,
  user: id,
});
const [ann, ben] = [person('ann'), person('ben')];
const quietMs = 120_000;

/** Time that stands still until it is told. */
class TestClock {
  #nowMs = 0;
  readonly #timers = new Map<() => void, number>();

  nowMs(): number {
    return this.#nowMs;
  }

  after(ms: number, act: () => void): () => void {
    const timer = () => act();
    this.#timers.set(timer, this.#nowMs + ms);
    return () => this.#timers.delete(timer);
  }

  pass(ms: number): void {
    const endMs = this.#nowMs + ms;
    for (;;) {
      const [next] = [...this.#timers].toSorted(([, a], [, b]) => a - b);
      if (next === undefined || next[1] > endMs) break;
      this.#timers.delete(next[0]);
      this.#nowMs = next[1];
      next[0]();
    }
    this.#nowMs = endMs;
  }

  get size(): number {
    return this.#timers.size;
  }
}

let clock: TestClock;
let lease: InputLease;
let letGo: number;
let holdsDown: boolean;
let changes: number;

beforeEach(() => {
  clock = new TestClock();
  letGo = 0;
  holdsDown = false;
  changes = 0;
  lease = new InputLease({
    clock,
    quietMs: () => quietMs,
    letGo: () => ++letGo > 0,
    agentHoldsDown: () => holdsDown,
    onChange: () => changes++,
  });
});

/** A batch with one acting action, which has ended. */
function act(): void {
  using turn = lease.beginTurn();
  turn.act('click');
}

function codeOf(body: () => unknown): string | undefined {
  try {
    body();
    return undefined;
  } catch (error) {
    return error instanceof CodedError ? error.code : String(error);
  }
}

const kind = () => lease.status().holder.kind;
const events = () => lease.status().events;
const lastOf = (event: LeaseEvent['event']) => events().findLast((each) => each.event === event);

describe('what is refused', () => {
  test.each<[string, () => void, () => unknown, string]>([
    ['an agent that acts while a person has it', () => lease.takeOver(ann), () => act(), 'INPUT_HELD'],
    ['an agent that wants to hold it then', () => lease.takeOver(ann), () => lease.hold(1_000), 'INPUT_HELD'],
    ['private, of somebody who has not got it', () => {}, () => lease.setPrivate(ann.id, true), 'INVALID_ARGUMENT'],
    [
      'private, of another person than who has it',
      () => lease.takeOver(ann),
      () => lease.setPrivate(ben.id, true),
      'INVALID_ARGUMENT',
    ],
    ['private, while an agent has it', () => act(), () => lease.setPrivate(ann.id, true), 'INVALID_ARGUMENT'],
    [
      'a picture while it is private',
      () => {
        lease.takeOver(ann);
        lease.setPrivate(ann.id, true);
      },
      () => lease.checkScreen(),
      'SCREEN_WITHHELD',
    ],
  ])('%s', (_, before, ask, code) => {
    before();
    const then = lease.status().holder;
    expect(codeOf(ask)).toBe(code);
    expect(lease.status().holder).toEqual(then);
  });

  test('what a refused agent hears', () => {
    lease.takeOver(ann);
    expect(() => act()).toThrow('cannot act: a person, "ann", has the input');
    try {
      act();
    } catch (error) {
      expect(error).toMatchObject({ details: { holder: 'ann' }, hint: expect.stringContaining('wait=free') });
    }
    expect(lastOf('refused')).toMatchObject({ event: 'refused', action: 'click', count: 2 });
  });
});

describe('what is let be', () => {
  test.each<[string, () => void, () => void, string]>([
    ['handing back what another has', () => lease.takeOver(ann), () => lease.handBack(ben.id), 'person'],
    ['handing back what an agent has', () => act(), () => lease.handBack(ann.id), 'agent'],
    ['handing back what nobody has', () => {}, () => lease.handBack(ann.id), 'nobody'],
    ['an agent returning what a person has', () => lease.takeOver(ann), () => lease.returnByAgent(), 'person'],
    ['another viewer leaving', () => lease.takeOver(ann), () => lease.leave(ben.id, 'disconnected'), 'person'],
    ['taking over again', () => lease.takeOver(ann), () => lease.takeOver(ann), 'person'],
  ])('%s', (_, before, ask, holder) => {
    before();
    const [then, wasLetGo] = [events().length, letGo];
    ask();
    expect(kind()).toBe(holder as never);
    expect([events().length, letGo]).toEqual([then, wasLetGo]);
  });
});

type Step = 'act' | 'take' | 'takeByBen' | 'back' | 'quiet' | 'leave' | 'viewOnly' | 'agentReturns' | 'hold' | 'lapse';
const steps: Readonly<Record<Step, () => void>> = {
  act,
  take: () => lease.takeOver(ann),
  takeByBen: () => lease.takeOver(ben),
  back: () => lease.handBack(ann.id),
  quiet: () => clock.pass(quietMs),
  leave: () => lease.leave(ann.id, 'disconnected'),
  viewOnly: () => lease.leave(ann.id, 'viewOnly'),
  agentReturns: () => lease.returnByAgent(),
  hold: () => lease.hold(10_000),
  lapse: () => clock.pass(3_000),
};

describe('transitions', () => {
  test.each<[readonly Step[], string, string | undefined]>([
    [['act'], 'agent', undefined],
    [['act', 'lapse'], 'nobody', 'lapsed'],
    [['act', 'agentReturns'], 'nobody', 'returned'],
    [['hold'], 'agent', undefined],
    [['hold', 'lapse'], 'agent', undefined],
    [['hold', 'act', 'lapse'], 'agent', undefined],
    [['hold', 'lapse', 'lapse', 'lapse', 'lapse'], 'nobody', 'lapsed'],
    [['hold', 'agentReturns'], 'nobody', 'returned'],
    [['take'], 'person', undefined],
    [['take', 'back'], 'nobody', 'handedBack'],
    [['take', 'quiet'], 'nobody', 'quiet'],
    [['take', 'leave'], 'nobody', 'disconnected'],
    [['take', 'viewOnly'], 'nobody', 'viewOnly'],
    [['take', 'lapse'], 'person', undefined],
    [['take', 'takeByBen'], 'person', 'takenOver'],
    [['take', 'takeByBen', 'back'], 'person', 'takenOver'],
    [['act', 'take'], 'person', 'takenOver'],
    [['hold', 'take', 'back', 'act', 'lapse'], 'nobody', 'lapsed'],
    [['take', 'back', 'act'], 'agent', 'handedBack'],
  ])('%j ends with %s, the last return because %s', (path, holder, why) => {
    for (const step of path) steps[step]();
    expect(kind()).toBe(holder as never);
    const returned = lastOf('returned');
    expect(returned?.event === 'returned' ? returned.why : undefined).toBe(why as never);
    // All was let go of at each change, and nothing else.
    const changed = events().filter(({ event }) => event === 'taken' || event === 'returned').length;
    const inOne = events().filter((event) => event.event === 'returned' && event.why === 'takenOver').length;
    expect(letGo).toBe(changed - inOne);
    expect(v.is(LeaseSchema, lease.status())).toBe(true);
  });
});

describe('an agent', () => {
  let turn: AgentTurn;
  beforeEach(() => (turn = lease.beginTurn()));

  test('that only looks takes nothing, and is not disturbed', () => {
    lease.takeOver(ann);
    expect(turn.signal.aborted).toBe(false);
    turn[Symbol.dispose]();
    expect(kind()).toBe('person');
  });

  test('is stopped in the middle of a batch, and the batch gets no further even after handing back', () => {
    turn.act('drag');
    lease.takeOver(ann);
    expect(turn.signal.reason).toMatchObject({ code: 'INPUT_HELD', details: { holder: 'ann' } });
    lease.handBack(ann.id);
    expect(codeOf(() => turn.act('click'))).toBe('INPUT_HELD');
    expect(kind()).toBe('nobody');
  });

  test('keeps it for a batch of any length', () => {
    turn.act('type');
    clock.pass(600_000);
    expect(kind()).toBe('agent');
    turn[Symbol.dispose]();
    clock.pass(2_999);
    expect(kind()).toBe('agent');
    clock.pass(1);
    expect(kind()).toBe('nobody');
  });

  test('that gives it up in the middle of a batch has it until the end of that', () => {
    turn.act('type');
    lease.returnByAgent();
    expect(kind()).toBe('agent');
    turn[Symbol.dispose]();
    expect(kind()).toBe('nobody');
  });

  test('with a button down keeps it while a model thinks, and no longer than a minute', () => {
    turn.act('down');
    holdsDown = true;
    turn[Symbol.dispose]();
    clock.pass(50_000);
    expect(kind()).toBe('agent');
    clock.pass(15_000);
    expect(kind()).toBe('nobody');
  });

  test('hears whether viewers held something down', () => {
    expect(turn.act('click')).toBe(true);
    expect(turn.act('click')).toBe(false);
  });
});

describe('a person', () => {
  test('who does something is not quiet', () => {
    lease.takeOver(ann);
    clock.pass(quietMs - 1);
    lease.touch(ann.id);
    clock.pass(quietMs - 1);
    lease.touch(ben.id);
    expect(kind()).toBe('person');
    clock.pass(1);
    expect(kind()).toBe('nobody');
    expect(lease.viewOf(ann.id).lost).toBe('quiet');
    expect(lease.viewOf(ben.id).lost).toBeUndefined();
  });

  test('alone may act, others only look', () => {
    const may = () => [lease.mayAct(ann.id), lease.mayAct(ben.id)];
    expect(may()).toEqual([true, true]);
    act();
    expect(may()).toEqual([false, false]);
    lease.takeOver(ann);
    expect(may()).toEqual([true, false]);
    lease.takeOver(ben);
    expect(may()).toEqual([false, true]);
  });

  test('sees who has it from where it sits', () => {
    lease.takeOver(ann);
    lease.takeOver(ben);
    expect(lease.viewOf(ann.id)).toEqual({ holder: 'other', isPrivate: false, lost: 'takenOver' });
    expect(lease.viewOf(ben.id)).toEqual({ holder: 'you', isPrivate: false });
    expect(lease.viewOf(undefined).holder).toBe('other');
    lease.takeOver(ann);
    expect(lease.viewOf(ann.id).lost).toBeUndefined();
  });

  test('who takes over from one who is private is private as well; handing back ends it', () => {
    lease.takeOver(ann);
    lease.setPrivate(ann.id, true);
    lease.takeOver(ben);
    expect(lease.status().holder).toEqual({ kind: 'person', user: 'ben', isPrivate: true });
    lease.handBack(ben.id);
    expect(codeOf(() => lease.checkScreen())).toBeUndefined();
    lease.takeOver(ann);
    expect(codeOf(() => lease.checkScreen())).toBeUndefined();
  });
});

describe('help', () => {
  test('is pending until a person has taken over and handed back', () => {
    lease.askHelp('what is the code?');
    lease.takeOver(ann);
    expect(lease.viewOf(ann.id).help?.message).toBe('what is the code?');
    lease.takeOver(ben);
    expect(lease.status().help?.message).toBe('what is the code?');
    lease.handBack(ben.id);
    expect(lease.status().help).toBeUndefined();
    expect(lastOf('helpEnded')).toMatchObject({ event: 'helpEnded', why: 'answered' });
  });

  test('that is withdrawn is gone, and an agent coming and going does not end it', () => {
    lease.askHelp('first');
    lease.askHelp('second');
    act();
    clock.pass(3_000);
    expect(lease.status().help?.message).toBe('second');
    lease.withdrawHelp();
    expect(lease.status().help).toBeUndefined();
    const before = changes;
    lease.withdrawHelp();
    expect(changes).toBe(before);
  });
});

describe('waiting until it is free', () => {
  const none = new AbortController().signal;

  test('ends at once while no person has it', async () => {
    act();
    await lease.whenFree(60_000, none);
  });

  test.each<[string, () => void]>([
    ['when it is handed back', () => lease.handBack(ann.id)],
    ['when its time is over', () => clock.pass(60_000)],
  ])('ends %s, and leaves nothing', async (_, end) => {
    lease.takeOver(ann);
    const timers = clock.size;
    let isOver = false;
    const waiting = lease.whenFree(60_000, none).then(() => (isOver = true));
    lease.takeOver(ben);
    lease.takeOver(ann);
    await Promise.resolve();
    expect(isOver).toBe(false);
    end();
    await waiting;
    expect(clock.size).toBeLessThanOrEqual(timers);
  });

  test('ends when whoever waits goes away', async () => {
    lease.takeOver(ann);
    const gone = new AbortController();
    const waiting = lease.whenFree(60_000, gone.signal);
    gone.abort();
    await waiting;
  });
});

describe('the log', () => {
  test('keeps the last 200, and an agent that tries again and again fills one line', () => {
    for (let i = 0; i < 150; i++) {
      lease.takeOver(ann);
      lease.handBack(ann.id);
    }
    lease.takeOver(ann);
    for (let i = 0; i < 500; i++) codeOf(() => act());
    const kept = events();
    expect(kept).toHaveLength(200);
    expect(kept.at(-1)).toMatchObject({ event: 'refused', action: 'click', count: 500 });
    expect(kept.at(-2)).toMatchObject({ event: 'taken', by: 'person', user: 'ann' });
  });

  test('is announced', () => {
    const heard: string[] = [];
    const stop = onAnnounce((channel) => heard.push(channel));
    lease.askHelp('please');
    lease.takeOver(ann);
    lease.setPrivate(ann.id, true);
    codeOf(() => act());
    lease.handBack(ann.id);
    stop();
    expect(heard).toEqual([
      'lease:help',
      'lease:taken',
      'lease:private',
      'lease:refused',
      'lease:private',
      'lease:returned',
      'lease:help',
    ]);
  });
});
