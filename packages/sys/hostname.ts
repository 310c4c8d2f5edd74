import { cString } from './native/descriptor.ts';
import { errnoError } from './native/errno.ts';
import { lazyLibrary } from './native/library.ts';

const libc = lazyLibrary(['libc.so.6'], { sethostname: { args: ['ptr', 'u64'], returns: 'i32' } });

/** Sets the host name of this UTS namespace. Root only. */
export function setHostname(name: string): void {
  if (libc().sethostname(cString(name), BigInt(Buffer.byteLength(name))) !== 0)
    throw errnoError(`sethostname "${name}"`);
}
