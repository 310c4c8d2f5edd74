import { CString } from 'bun:ffi';
import { errnoError } from './native/errno.ts';
import { lazyLibrary } from './native/library.ts';
import { allocateNative } from './native/memory.ts';

const libcrypt = lazyLibrary(['libcrypt.so.1', 'libcrypt.so.2'], {
  crypt: { args: ['u64', 'u64'], returns: 'ptr' },
});

/**
 * crypt(3): the hash of a password under a setting such as `$5$kasm$`, which a whole hash is too. Takes about 3 ms for SHA-256 with its usual 5000 rounds and blocks for as long.
 * Throws when the setting is of no known kind.
 */
export function hashPassword(password: string, setting: string): string {
  using words = allocateNative(Buffer.byteLength(password) + Buffer.byteLength(setting) + 2);
  const key = Buffer.from(`${password}\0`);
  words.bytes.set(key, 0);
  words.bytes.set(Buffer.from(`${setting}\0`), key.length);
  try {
    const result = libcrypt().crypt(words.address, words.address + key.length);
    if (result === null) throw errnoError(`crypt with "${setting.slice(0, 8)}"`);
    const hash = new CString(result).toString();
    // crypt(3): "… shall return a string that is shorter than 13 characters and begins with *" when it fails.
    if (hash.startsWith('*')) throw new Error(`crypt knows no setting "${setting.slice(0, 8)}"`);
    return hash;
  } finally {
    words.bytes.fill(0);
  }
}
