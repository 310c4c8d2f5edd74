import { connectFdHolder, maxHeldNameBytes, type FdHolder } from './fd-holder.ts';
import type { OwnedFd } from './native/descriptor.ts';

/** Descriptors that must outlive this process, kept by s6-fdholderd. */
export interface DescriptorStore {
  /** Keeps a copy under this name; one that is kept already stays. When it returns, the copy survives us. */
  keep(name: string, descriptor: { readonly fd: number }): void;
  /** One that an earlier run kept; it stays kept. The caller owns it. */
  take(name: string): OwnedFd | undefined;
  /** The same without looking at it. */
  claim(name: string): void;
  drop(name: string): void;
  /** Drops what an earlier run kept and nobody took or claimed: it died before it could. */
  dropRest(): void;
}

const EEXIST = 17;

/** `socket` is s6-fdholderd's; where nobody listens there yet, nothing was kept. */
export function openDescriptorStore(socket: string): DescriptorStore {
  const ask = askHolder(socket);
  const kept = new Set(listKept(socket));
  const unclaimed = new Set(kept);
  const drop = (name: string) => {
    unclaimed.delete(name);
    if (kept.delete(name)) ask((holder) => holder.delete(name));
  };
  return {
    keep(name, { fd }) {
      if (kept.has(name) || Buffer.byteLength(name) > maxHeldNameBytes) return;
      const problem = ask((holder) => holder.store(name, fd));
      if (problem === 0 || problem === EEXIST) kept.add(name);
    },
    take(name) {
      return unclaimed.delete(name) ? ask((holder) => holder.retrieve(name)) : undefined;
    },
    claim: (name) => void unclaimed.delete(name),
    drop,
    dropRest() {
      for (const name of unclaimed) drop(name);
    },
  };
}

function listKept(socket: string): string[] {
  try {
    using holder = connectFdHolder(socket);
    return holder.list();
  } catch {
    return []; // expected: the first start of this boot
  }
}

/** One connection for all requests, opened at the first. A failure costs what the store is for, and no more: the exit status of a process that ends while we are away. */
function askHolder(socket: string): <T>(request: (holder: FdHolder) => T) => T | undefined {
  let holder: FdHolder | undefined;
  return (request) => {
    for (const isLastTry of [false, true]) {
      try {
        return request((holder ??= connectFdHolder(socket)));
      } catch (error) {
        holder?.[Symbol.dispose]();
        holder = undefined;
        // It may have been started again since.
        if (isLastTry)
          console.error(`cannot keep descriptors: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    return undefined;
  };
}
