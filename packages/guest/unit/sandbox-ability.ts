import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { CAPABILITIES } from './capability-table.ts';

/** What this sandbox lets a service have of its own. It does not change while it runs. */
export interface SandboxAbilities {
  can(namespace: Namespace): boolean;
  /** What root may do here. */
  readonly capabilities: ReadonlySet<string>;
}

/** Options of unshare(1). */
export type Namespace = 'mount' | 'net' | 'uts' | 'ipc' | 'user';

/** Looks when it is asked for the first time, which few units do. */
export function readSandboxAbilities(
  status = readFileSync('/proc/self/status', 'utf8'),
  probe = tryUnshare,
): SandboxAbilities {
  const bits = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`);
  const capabilities = new Set(CAPABILITIES.filter((_, number) => ((bits >> BigInt(number)) & 1n) === 1n));
  const answers = new Map<Namespace, boolean>();
  return {
    capabilities,
    can(namespace) {
      const known = answers.get(namespace);
      if (known !== undefined) return known;
      // Only user namespaces can be made without it (namespaces(7)).
      const isPossible = namespace === 'user' || capabilities.has('CAP_SYS_ADMIN');
      const answer = isPossible && probe(namespace);
      answers.set(namespace, answer);
      return answer;
    },
  };
}

/** The kernel, a filter of system calls and a security module all have a say: the one way to know is to try. */
function tryUnshare(namespace: Namespace): boolean {
  return spawnSync('/usr/bin/unshare', [`--${namespace}`, '/bin/true'], { stdio: 'ignore' }).status === 0;
}
