import type { CodedError } from '@bhatti/base/errors.ts';
import { abortReason } from '@bhatti/base/operation.ts';

export interface AgentTurnParts {
  /** Throws INPUT_HELD. True when what viewers held down was let go of. */
  readonly take: (action: string) => boolean;
  readonly end: (turn: AgentTurn) => void;
}

/** One batch of an agent, from its first action until its reply. It has the input from its first acting action on, until it ends or a person takes over. */
export class AgentTurn implements Disposable {
  readonly #parts: AgentTurnParts;
  readonly #stopped = new AbortController();
  #hasActed = false;

  constructor(parts: AgentTurnParts) {
    this.#parts = parts;
  }

  get hasActed(): boolean {
    return this.#hasActed;
  }

  /** Aborted, with INPUT_HELD, when a person takes over what this batch has. */
  get signal(): AbortSignal {
    return this.#stopped.signal;
  }

  /** An acting action is about to begin. Throws INPUT_HELD while a person has the input. True when viewers held something down, which X may not have heard yet that it is let go of. */
  act(action: string): boolean {
    if (this.signal.aborted) throw abortReason(this.signal);
    const hasReleased = this.#parts.take(action);
    this.#hasActed = true;
    return hasReleased;
  }

  stop(reason: CodedError): void {
    this.#stopped.abort(reason);
  }

  [Symbol.dispose](): void {
    this.#parts.end(this);
  }
}
