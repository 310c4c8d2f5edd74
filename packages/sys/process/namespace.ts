import { CodedError } from '@bhatti/base/errors.ts';
import { abortReason, type Operation } from '@bhatti/base/operation.ts';
import { openSync, writeFileSync } from 'node:fs';
import { ownFd, type OwnedFd } from '../native/descriptor.ts';

/** `count` ids from `outside` on appear as the ids from `inside` on. */
export interface IdRange {
  readonly inside: number;
  readonly outside: number;
  readonly count: number;
}

/** Namespaces that live as long as somebody holds a descriptor of them or runs in them: a crash of this process leaves nothing. */
export interface HeldNamespaces extends Disposable {
  readonly user: OwnedFd;
  /** Owned by `user`; only where it was asked for. */
  readonly network: OwnedFd | undefined;
}

/**
 * Makes a user namespace with this mapping for uids and gids alike, and a network namespace that belongs to it. A process with several threads cannot enter a new user
 * namespace, so a short-lived program does, and lends its namespaces.
 */
export async function openNamespaces(
  op: Operation,
  mapping: readonly IdRange[],
  kinds: { readonly network: boolean },
): Promise<HeldNamespaces> {
  op.check();
  const child = Bun.spawn(
    ['unshare', '--user', ...(kinds.network ? ['--net'] : []), 'sh', '-c', 'echo ready; read line'],
    { stdio: ['pipe', 'pipe', 'pipe'] },
  );
  const kill = () => child.kill('SIGKILL');
  op.signal.addEventListener('abort', kill, { once: true });
  try {
    await firstChunk(child.stdout);
    if (op.signal.aborted) throw abortReason(op.signal);
    const map = mapping.map((range) => `${range.inside} ${range.outside} ${range.count}\n`).join('');
    try {
      writeFileSync(`/proc/${child.pid}/uid_map`, map);
      writeFileSync(`/proc/${child.pid}/gid_map`, map);
      return hold(child.pid, kinds.network);
    } catch (error) {
      throw new CodedError(
        'HOST_UNSUPPORTED',
        'cannot make a user namespace: the kernel refuses',
        { needs: 'user namespaces' },
        { cause: error, hint: 'check the sysctls user.max_user_namespaces and kernel.unprivileged_userns_clone' },
      );
    }
  } finally {
    op.signal.removeEventListener('abort', kill);
    kill();
    await child.exited;
  }
}

function hold(pid: number, hasNetwork: boolean): HeldNamespaces {
  const user = ownFd(openSync(`/proc/${pid}/ns/user`, 'r'));
  const network = hasNetwork ? ownFd(openSync(`/proc/${pid}/ns/net`, 'r')) : undefined;
  return {
    user,
    network,
    [Symbol.dispose]() {
      network?.[Symbol.dispose]();
      user[Symbol.dispose]();
    },
  };
}

async function firstChunk(stream: ReadableStream<Uint8Array>): Promise<void> {
  const reader = stream.getReader();
  await reader.read();
  reader.releaseLock();
}
