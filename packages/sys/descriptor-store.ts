import { closeOnExec, ownFd, type OwnedFd } from './native/descriptor.ts';

/*
 * Descriptors that must outlive this process, kept by s6-fdholderd. After a death the next run begins under s6-fdholder-getdump, which hands all of them over with their
 * names in the environment (S6_FD#, S6_FD_0, S6_FDID_0, …).
 */
export interface DescriptorStore {
  /** Keeps a copy under this name; one that is kept already stays. Returns at once: that it is kept is a matter of milliseconds. */
  keep(name: string, descriptor: OwnedFd): void;
  /** One that an earlier run kept. The caller owns it. */
  take(name: string): OwnedFd | undefined;
  dropAll(matches: (name: string) => boolean): void;
  /** Closes what was handed over and nobody took; the store itself keeps it. */
  closeRest(): void;
}

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
  const drop = (name: string) => {
    if (kept.delete(name)) runTool(['s6-fdholder-delete', socket, name], null);
  };
  return {
    keep(name, descriptor) {
      if (kept.has(name)) return;
      kept.add(name);
      runTool(['s6-fdholder-store', '-d', '0', socket, name], descriptor.fd);
    },
    take(name) {
      const found = inherited.get(name);
      inherited.delete(name);
      return found;
    },
    dropAll(matches) {
      for (const name of kept) if (matches(name)) drop(name);
    },
    closeRest() {
      for (const descriptor of inherited.values()) descriptor[Symbol.dispose]();
      inherited.clear();
    },
  };
}

/** A failure costs what the store is for, and no more: the exit status of a process that ends while we are away. */
function runTool(argv: string[], stdin: number | null): void {
  try {
    Bun.spawn(argv, { stdio: [stdin ?? 'ignore', 'ignore', 'ignore'], env: { PATH: '/usr/bin:/bin' } });
  } catch (error) {
    console.error(`cannot run "${argv[0]}": ${error instanceof Error ? error.message : String(error)}`);
  }
}
