import type { Engine } from '@bhatti/engine/engine.ts';
import { AgentLink } from '../agent-link/link.ts';
import type { SandboxRow } from '../store/sandboxes.ts';
import type { Observed } from './phase-table.ts';
import { Runner } from './runner.ts';

/** One sandbox in the daemon's memory: what was asked, what is, and the way into it. */
export class SandboxEntry implements Disposable {
  row: SandboxRow;
  observed: Observed;
  /** IPv4 address; known once the engine has made the sandbox. */
  address: string | undefined;
  /** Remarks of its last start. */
  notices: readonly string[] = [];
  /** One waking at a time; whoever comes meanwhile waits for the same one. */
  waking: Promise<void> | undefined;
  readonly runner = new Runner();
  readonly link: AgentLink;
  #uses = 0;
  #usedAtMs: number;
  readonly #nowMs: () => number;

  constructor(engine: Engine, row: SandboxRow, observed: Observed, nowMs: () => number) {
    this.row = row;
    this.observed = observed;
    this.link = new AgentLink(row.name, (op) => engine.dialAgent(op, row.id));
    this.#nowMs = nowMs;
    this.#usedAtMs = nowMs();
  }

  /** Marks the sandbox as in use until the result is disposed: it is not paused meanwhile. */
  use(): Disposable {
    this.#uses += 1;
    let isOver = false;
    return {
      [Symbol.dispose]: () => {
        if (isOver) return;
        isOver = true;
        this.#uses -= 1;
        this.#usedAtMs = this.#nowMs();
      },
    };
  }

  /** How long nobody has used it, in ms; 0 while someone does. */
  idleMs(): number {
    return this.#uses > 0 ? 0 : this.#nowMs() - this.#usedAtMs;
  }

  [Symbol.dispose](): void {
    this.link[Symbol.dispose]();
  }
}
