import { CodedError } from '@bhatti/base/errors.ts';
import type { SandboxEntry } from './entry.ts';

/** On whose behalf something is done. */
export interface Caller {
  /** Owner of what the caller makes: `local` for the unix socket, a user's id otherwise. */
  readonly owner: string;
  /** Root and group `bhatti`, on the unix socket: everything is theirs. */
  readonly isAdmin: boolean;
}

export const localCaller: Caller = { owner: 'local', isAdmin: true };

/** All sandboxes of this daemon, in memory. */
export class SandboxRegistry {
  readonly #byId = new Map<string, SandboxEntry>();

  add(entry: SandboxEntry): void {
    this.#byId.set(entry.row.id, entry);
  }

  remove(entry: SandboxEntry): void {
    this.#byId.delete(entry.row.id);
  }

  byId(id: string): SandboxEntry | undefined {
    return this.#byId.get(id);
  }

  /** The owner's sandbox of this name. */
  byName(owner: string, name: string): SandboxEntry | undefined {
    for (const entry of this.#byId.values()) if (entry.row.name === name && entry.row.owner === owner) return entry;
    return undefined;
  }

  /** In order of creation. */
  all(): SandboxEntry[] {
    return [...this.#byId.values()];
  }

  visibleTo(caller: Caller): SandboxEntry[] {
    return this.all().filter((entry) => isVisible(caller, entry));
  }

  /** By id or name. The caller's own name wins; an administrator finds others' by a name that only one of them uses. Throws SANDBOX_NOT_FOUND. */
  find(caller: Caller, idOrName: string): SandboxEntry {
    const found = this.#byId.get(idOrName) ?? this.byName(caller.owner, idOrName) ?? this.#ofOthers(caller, idOrName);
    // That it exists is nobody else's business either: same answer.
    if (found !== undefined && isVisible(caller, found)) return found;
    throw new CodedError(
      'SANDBOX_NOT_FOUND',
      `sandbox "${idOrName}" not found`,
      { sandbox: idOrName },
      { hint: 'see "bhatti list"' },
    );
  }

  #ofOthers(caller: Caller, name: string): SandboxEntry | undefined {
    if (!caller.isAdmin) return undefined;
    const named = this.all().filter((entry) => entry.row.name === name);
    return named.length === 1 ? named[0] : undefined;
  }
}

function isVisible(caller: Caller, entry: SandboxEntry): boolean {
  return caller.isAdmin || entry.row.owner === caller.owner;
}
