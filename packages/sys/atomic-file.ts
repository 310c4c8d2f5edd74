import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { randomHex } from '@bhatti/base/ids.ts';

export interface AtomicFileOptions {
  readonly mode: number;
  readonly owner?: { readonly uid: number; readonly gid: number };
}

/**
 * Replaces a file as a whole: readers see the old or the new contents, also after a crash. The new file is made under a random name with O_EXCL and O_NOFOLLOW, so that in a directory of
 * somebody else no planted link is written through.
 */
export function writeFileAtomically(path: string, contents: string | Uint8Array, options: AtomicFileOptions): void {
  const temporary = join(dirname(path), `.${randomHex(8)}.tmp`);
  const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;
  const fd = openSync(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    try {
      const bytes = typeof contents === 'string' ? Buffer.from(contents) : contents;
      for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at);
      if (options.owner !== undefined) fchownSync(fd, options.owner.uid, options.owner.gid);
      fchmodSync(fd, options.mode);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
