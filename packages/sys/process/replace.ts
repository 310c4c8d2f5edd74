import { cString } from '../native/descriptor.ts';
import { errnoError } from '../native/errno.ts';
import { lazyLibrary } from '../native/library.ts';
import { ptr } from 'bun:ffi';

const libc = lazyLibrary(['libc.so.6'], {
  execve: { args: ['ptr', 'ptr', 'ptr'], returns: 'i32' },
  signal: { args: ['i32', 'u64'], returns: 'u64' },
  pthread_sigmask: { args: ['i32', 'ptr', 'ptr'], returns: 'i32' },
  dup2: { args: ['i32', 'i32'], returns: 'i32' },
});
const SIGPIPE = 13;
const sigDefault = 0n;
const sigSetmask = 2;
const sigsetBytes = 128;

export interface Replacement {
  readonly path: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Descriptors to be 0, 1 and 2; where one is left out it stays as it is. */
  readonly stdio?: readonly (number | undefined)[];
}

/** Becomes another program (execve(2)): same process, same streams, and nothing of this one left. Throws what the system said when it cannot. */
export function replaceProcess({ path, argv, env, stdio = [] }: Replacement): never {
  // The runtime ignores SIGPIPE and may block others; the new program must not inherit that.
  libc().signal(SIGPIPE, sigDefault);
  libc().pthread_sigmask(sigSetmask, Buffer.alloc(sigsetBytes), null);
  for (const [to, from] of stdio.entries())
    if (from !== undefined && libc().dup2(from, to) < 0) throw errnoError(`dup2 to ${to}`);
  const strings = [...argv, ...Object.entries(env).map(([name, value]) => `${name}=${value}`)].map((text) =>
    cString(text),
  );
  const addresses = strings.map((bytes) => BigInt(ptr(bytes)));
  const argvPointers = new BigUint64Array([...addresses.slice(0, argv.length), 0n]);
  const envPointers = new BigUint64Array([...addresses.slice(argv.length), 0n]);
  // SAFETY: all buffers are alive until the call returns, which it does only when it has failed.
  libc().execve(cString(path), argvPointers, envPointers);
  throw errnoError(`execute "${path}"`);
}
