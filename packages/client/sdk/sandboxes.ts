import type { Calls, CallOptions } from './calls.ts';
import { requestOf, type SandboxSpec } from './sandbox-info.ts';
import { Sandbox } from './sandbox.ts';

/** A sandbox that this program asked for. `await using` destroys it at the end of its scope, unless it was there before. */
export type CreatedSandbox = Sandbox & AsyncDisposable & { readonly isExisting: boolean };

export interface ListOptions extends CallOptions {
  /** Only those that carry all of them. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
}

export class Sandboxes {
  readonly #calls: Calls;

  constructor(calls: Calls) {
    this.#calls = calls;
  }

  /** Makes a sandbox and waits until it is usable. One that has the name already is answered as it is, with `isExisting`. */
  async create(spec: SandboxSpec = {}, options: CallOptions = {}): Promise<CreatedSandbox> {
    // Once, also where a name would find what a first try has made: that may be half made, or about to be taken away again.
    const { sandbox, isExisting } = await this.#calls.once(options, async (op) =>
      (await this.#calls.client.sandboxes()).create(op, requestOf(spec)),
    );
    return created(new Sandbox(this.#calls, sandbox), isExisting);
  }

  /** By id or name. Throws SANDBOX_NOT_FOUND. */
  async get(sandbox: string, options: CallOptions = {}): Promise<Sandbox> {
    const found = await this.#calls.repeat(options, async (op) =>
      (await this.#calls.client.sandboxes()).get(op, sandbox),
    );
    return new Sandbox(this.#calls, found);
  }

  async list({ labels, ...options }: ListOptions = {}): Promise<Sandbox[]> {
    const found = await this.#calls.repeat(options, async (op) =>
      (await this.#calls.client.sandboxes()).list(op, labels),
    );
    return found.map((one) => new Sandbox(this.#calls, one));
  }
}

/** One that was there before belongs to somebody else. */
function created(sandbox: Sandbox, isExisting: boolean): CreatedSandbox {
  return Object.assign(sandbox, {
    isExisting,
    [Symbol.asyncDispose]: async () => {
      if (!isExisting) await sandbox.destroy();
    },
  });
}
