import { hostname } from 'node:os';
import { cString } from './native/descriptor.ts';
import { errno, errnoError } from './native/errno.ts';
import { lazyLibrary } from './native/library.ts';

const libc = lazyLibrary(['libc.so.6'], { sethostname: { args: ['ptr', 'u64'], returns: 'i32' } });

const EPERM = 1;

/**
 * Sets the host name of this UTS namespace, where it is another one. In a container root may not, since it has no SYS_ADMIN: the engine has set the name that the sandbox was
 * made with, and that stays.
 */
export function setHostname(name: string): void {
  if (hostname() === name) return;
  if (libc().sethostname(cString(name), BigInt(Buffer.byteLength(name))) === 0) return;
  if (errno() !== EPERM) throw errnoError(`sethostname "${name}"`);
}
