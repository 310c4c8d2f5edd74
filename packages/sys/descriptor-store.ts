import { connectFdHolder, maxHeldNameBytes, type FdHolder } from './fd-holder.ts';
import { closeOnExec, ownFd, type OwnedFd } from './native/descriptor.ts';

/*
 * Descriptors that must outlive this process, kept by s6-fdholderd. After a death the next run begins under s6-fdholder-getdump, which hands all of them over with their
 * names in the environment (S6_FD#, S6_FD_0, S6_FDID_0, …).
 */
export interface DescriptorStore {
  /** Keeps a copy under this name; one that is kept already stays. When it returns, the copy survives us. */
  keep(name: string, descriptor: { readonly fd: number }): void;
  /** One that an earlier run kept. The caller owns it. */
  take(name: string): OwnedFd | undefined;
  drop(name: string): void;
  /** Drops what was handed over and nobody took: an earlier run died before it could. */
  dropRest(): void;
}

const EEXIST = 17;

/** `socket` is s6-fdholderd's. */
export function openDescriptorStore(socket: string, env: Record<string, string | undefined>): DescriptorStore {
  const inherited = new Map<string, OwnedFd>();
  const kept = new Set<string>();
  // `S6_FD#` has their number, but a shell in between drops a variable of such a name.
  for (let at = 0; ; at += 1) {
    const name = env[`S6_FDID_${at}`];
    const fd = Number(env[`S6_FD_${at}`]);
    if (name === undefined || !Number.isInteger(fd)) break;
    closeOnExec(fd);
    inherited.set(name, ownFd(fd));
    kept.add(name);
  }
  const ask = askHolder(socket);
  const drop = (name: string) => {
    if (kept.delete(name)) ask((holder) => holder.delete(name));
  };
  return {
    keep(name, { fd }) {
      if (kept.has(name) || Buffer.byteLength(name) > maxHeldNameBytes) return;
      const problem = ask((holder) => holder.store(name, fd));
      if (problem === 0 || problem === EEXIST) kept.add(name);
    },
    take(name) {
      const found = inherited.get(name);
      inherited.delete(name);
      return found;
    },
    drop,
    dropRest() {
      for (const [name, descriptor] of inherited) {
        descriptor[Symbol.dispose]();
        drop(name);
      }
      inherited.clear();
    },
  };
}

/** One connection for all requests, opened at the first. A failure costs what the store is for, and no more: the exit status of a process that ends while we are away. */
function askHolder(socket: string): (request: (holder: FdHolder) => number) => number | undefined {
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
