import { CodedError } from '@bhatti/base/errors.ts';
import type { ViewerSessionId } from '@bhatti/base/ids.ts';
import type { Help, HelpEnd, Lease, LeaseView, ReturnReason } from '@bhatti/wire/display/lease.ts';
import { AgentTurn } from './agent-turn.ts';
import { LeaseLog } from './lease-log.ts';

/** A viewer session, as the lease knows it. */
export interface Person {
  readonly id: ViewerSessionId;
  /** Empty where no password is needed. */
  readonly user: string;
}

export interface LeaseClock {
  /** Monotonic. */
  nowMs(): number;
  /** Calls back once, unless the returned function is called before. */
  after(ms: number, act: () => void): () => void;
}

export interface InputLeaseParts {
  readonly clock: LeaseClock;
  /** How long a person who has it may do nothing; 0 is for ever. */
  readonly quietMs: () => number;
  /** Lets go of every key and button, whoever holds it down; whether viewers held any. */
  readonly letGo: () => boolean;
  /** Whether the agent left a key or a button down. */
  readonly agentHoldsDown: () => boolean;
  /** Something that `status` or a view shows is different. */
  readonly onChange: () => void;
}

type State =
  | { readonly kind: 'nobody' }
  | { readonly kind: 'agent' }
  | { readonly kind: 'person'; readonly person: Person; readonly isPrivate: boolean };

const lingerMs = 3_000; // between two batches an agent looks and thinks; a person who waits for the desktop waits no longer
const heldDownMs = 60_000; // an agent presses a button in one batch and lets go in a later one, a model's answer in between

/**
 * Who has the desktop's one keyboard and one pointer: nobody, an agent, or one person, so that there are never two hands on one mouse. An agent takes it by acting; a person does by saying so, at any moment, and keeps it until
 * handing back. While nobody has it every viewer may act. Whenever the holder changes, every key and button is let go of.
 */
export class InputLease implements Disposable {
  readonly #parts: InputLeaseParts;
  readonly #log = new LeaseLog();
  readonly #turns = new Set<AgentTurn>();
  readonly #waiting = new Set<() => void>();
  #state: State = { kind: 'nobody' };
  #since = new Date();
  #help: Help | undefined;
  /** The person who had it last and did not hand it back. */
  #lost: { readonly id: ViewerSessionId; readonly why: NonNullable<LeaseView['lost']> } | undefined;
  #stopTimer: (() => void) | undefined;
  #touchedAtMs = 0;
  /** Until when the agent asked to keep it between batches. */
  #heldUntilMs = 0;
  #restsSinceMs = 0;
  #returnsAfterTurn = false;

  constructor(parts: InputLeaseParts) {
    this.#parts = parts;
  }

  // What viewers ask.

  mayAct(id: ViewerSessionId): boolean {
    const state = this.#state;
    return state.kind === 'nobody' || (state.kind === 'person' && state.person.id === id);
  }

  /** A key or a movement of this viewer. */
  touch(id: ViewerSessionId): void {
    if (this.#state.kind === 'person' && this.#state.person.id === id) this.#touchedAtMs = this.#parts.clock.nowMs();
  }

  /** A person takes over, from an agent in the middle of a batch too. */
  takeOver(person: Person): void {
    const before = this.#state;
    if (before.kind === 'person' && before.person.id === person.id) return;
    if (before.kind === 'person') this.#lost = { id: before.person.id, why: 'takenOver' };
    else if (this.#lost?.id === person.id) this.#lost = undefined;
    this.#noteReturned(before, 'takenOver');
    // What one person does not want agents to see does not show because another helps out.
    const isPrivate = before.kind === 'person' && before.isPrivate;
    this.#enter({ kind: 'person', person, isPrivate });
    for (const turn of this.#turns) if (turn.hasActed) turn.stop(heldError(person, 'stopped'));
    this.#parts.letGo();
    this.#log.add({ event: 'taken', by: 'person', user: person.user });
    this.#touchedAtMs = this.#parts.clock.nowMs();
    if (this.#parts.quietMs() > 0) this.#watchQuiet(this.#parts.quietMs());
    this.#parts.onChange();
  }

  handBack(id: ViewerSessionId): void {
    this.#endPerson(id, 'handedBack');
  }

  /** The viewer is gone, or may not act any more. */
  leave(id: ViewerSessionId, why: 'disconnected' | 'viewOnly'): void {
    this.#endPerson(id, why);
  }

  /** Throws INVALID_ARGUMENT for who does not have the input. */
  setPrivate(id: ViewerSessionId, isPrivate: boolean): void {
    const state = this.#state;
    if (state.kind !== 'person' || state.person.id !== id) {
      throw new CodedError('INVALID_ARGUMENT', 'cannot change what agents see: only who has the input can', {
        argument: 'op',
      });
    }
    if (state.isPrivate === isPrivate) return;
    this.#state = { ...state, isPrivate };
    this.#log.add({ event: 'private', user: state.person.user, on: isPrivate });
    this.#parts.onChange();
  }

  // What agents ask.

  /** A batch begins. It has the input once it acts. */
  beginTurn(): AgentTurn {
    const turn = new AgentTurn({
      take: (action) => this.#takeForAgent(action),
      end: (ended) => this.#endTurn(ended),
    });
    this.#turns.add(turn);
    return turn;
  }

  /** Keeps it for the agent for so long from now, also between batches. Throws INPUT_HELD while a person has it. */
  hold(ms: number): void {
    this.#takeForAgent('hold');
    this.#returnsAfterTurn = false;
    this.#heldUntilMs = this.#parts.clock.nowMs() + ms;
    this.#rest();
  }

  /** The agent gives it up: at once, or when the batch that acts has ended. */
  returnByAgent(): void {
    if (this.#state.kind !== 'agent') return;
    this.#heldUntilMs = 0;
    if ([...this.#turns].some(({ hasActed }) => hasActed)) this.#returnsAfterTurn = true;
    else this.#end('returned');
  }

  askHelp(message: string): void {
    this.#help = { message, askedAt: new Date().toISOString() };
    this.#log.add({ event: 'helpAsked', message });
    this.#parts.onChange();
  }

  withdrawHelp(): void {
    if (this.#endHelp('withdrawn')) this.#parts.onChange();
  }

  /** Throws SCREEN_WITHHELD while a person does something private. */
  checkScreen(): void {
    if (this.#state.kind !== 'person' || !this.#state.isPrivate) return;
    throw new CodedError(
      'SCREEN_WITHHELD',
      'cannot show the desktop: a person does something private on it',
      {},
      { hint: 'wait until it is handed back: GET /lease?wait=free' },
    );
  }

  /** Resolves when no person has it, or `timeoutMs` are over, or `signal` ends it. */
  whenFree(timeoutMs: number, signal: AbortSignal): Promise<void> {
    if (this.#state.kind !== 'person' || signal.aborted) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    const stop = this.#parts.clock.after(timeoutMs, resolve);
    this.#waiting.add(resolve);
    signal.addEventListener('abort', () => resolve(), { once: true });
    return promise.finally(() => {
      stop();
      this.#waiting.delete(resolve);
    });
  }

  // What both see.

  status(): Lease {
    const state = this.#state;
    return {
      holder:
        state.kind === 'person'
          ? { kind: 'person', user: state.person.user, isPrivate: state.isPrivate }
          : { kind: state.kind },
      since: this.#since.toISOString(),
      ...(this.#help === undefined ? {} : { help: this.#help }),
      events: [...this.#log.events],
    };
  }

  /** As it looks to a viewer; undefined for a page whose viewer is not in. */
  viewOf(id: ViewerSessionId | undefined): LeaseView {
    const state = this.#state;
    const ofPerson = state.kind === 'person' && state.person.id === id ? 'you' : 'other';
    return {
      holder: state.kind === 'person' ? ofPerson : state.kind,
      isPrivate: state.kind === 'person' && state.isPrivate,
      ...(this.#help === undefined ? {} : { help: this.#help }),
      ...(id !== undefined && this.#lost?.id === id ? { lost: this.#lost.why } : {}),
    };
  }

  [Symbol.dispose](): void {
    this.#stopTimer?.();
    for (const resolve of this.#waiting) resolve();
  }

  #takeForAgent(action: string): boolean {
    const state = this.#state;
    if (state.kind === 'person') {
      this.#log.add({ event: 'refused', action, count: 1 });
      throw heldError(state.person, 'refused');
    }
    if (state.kind === 'agent') return false;
    this.#enter({ kind: 'agent' });
    const hasReleased = this.#parts.letGo();
    this.#log.add({ event: 'taken', by: 'agent' });
    this.#parts.onChange();
    return hasReleased;
  }

  #endTurn(turn: AgentTurn): void {
    this.#turns.delete(turn);
    this.#rest();
  }

  /** Between batches it stays with the agent for a while. */
  #rest(): void {
    if (this.#state.kind !== 'agent' || this.#turns.size > 0) return;
    if (this.#returnsAfterTurn) return this.#end('returned');
    this.#restsSinceMs = this.#parts.clock.nowMs();
    this.#waitToLapse();
  }

  #waitToLapse(): void {
    const { clock } = this.#parts;
    this.#stopTimer?.();
    this.#stopTimer = clock.after(Math.max(lingerMs, this.#heldUntilMs - clock.nowMs()), () => {
      // A batch has begun: its end counts.
      if (this.#turns.size > 0) return;
      const hasTimeLeft = clock.nowMs() - this.#restsSinceMs < heldDownMs;
      if (hasTimeLeft && this.#parts.agentHoldsDown()) this.#waitToLapse();
      else this.#end('lapsed');
    });
  }

  #watchQuiet(ms: number): void {
    const { clock, quietMs } = this.#parts;
    this.#stopTimer?.();
    this.#stopTimer = clock.after(ms, () => {
      const leftMs = this.#touchedAtMs + quietMs() - clock.nowMs();
      if (leftMs > 0) this.#watchQuiet(leftMs);
      else this.#end('quiet');
    });
  }

  #endPerson(id: ViewerSessionId, why: ReturnReason): void {
    if (this.#state.kind === 'person' && this.#state.person.id === id) this.#end(why);
  }

  /** Nobody has it any more. */
  #end(why: ReturnReason): void {
    const before = this.#state;
    if (before.kind === 'person') {
      this.#lost = why === 'quiet' ? { id: before.person.id, why } : undefined;
      if (before.isPrivate) this.#log.add({ event: 'private', user: before.person.user, on: false });
    }
    this.#noteReturned(before, why);
    if (before.kind === 'person') this.#endHelp('answered');
    this.#enter({ kind: 'nobody' });
    this.#parts.letGo();
    this.#parts.onChange();
    for (const resolve of this.#waiting) resolve();
  }

  #enter(state: State): void {
    this.#stopTimer?.();
    this.#state = state;
    this.#since = new Date();
    this.#heldUntilMs = 0;
    this.#returnsAfterTurn = false;
  }

  #noteReturned(from: State, why: ReturnReason): void {
    if (from.kind === 'agent') this.#log.add({ event: 'returned', by: 'agent', why });
    if (from.kind === 'person') this.#log.add({ event: 'returned', by: 'person', user: from.person.user, why });
  }

  #endHelp(why: HelpEnd): boolean {
    if (this.#help === undefined) return false;
    this.#help = undefined;
    this.#log.add({ event: 'helpEnded', why });
    return true;
  }
}

function heldError({ user }: Person, how: 'refused' | 'stopped'): CodedError<'INPUT_HELD'> {
  const who = user === '' ? 'a person' : `a person, "${user}",`;
  const message = how === 'refused' ? `cannot act: ${who} has the input` : `stopped: ${who} has taken the input over`;
  return new CodedError(
    'INPUT_HELD',
    message,
    { holder: user },
    { hint: 'wait until it is handed back: GET /lease?wait=free' },
  );
}
