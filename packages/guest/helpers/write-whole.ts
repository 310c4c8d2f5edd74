import { CodedError, describe } from '@bhatti/base/errors.ts';
import { realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/**
 * Writes a file that is there whole or not at all: beside its place first, then moved onto it. A device or pipe is written to as it is, since a
 * move would replace it. Throws INVALID_ARGUMENT that says why.
 */
export function writeWhole(path: string, bytes: Uint8Array): void {
  try {
    const target = tryRealpath(path) ?? path;
    const exists = statSync(target, { throwIfNoEntry: false });
    if (exists !== undefined && !exists.isFile()) writeFileSync(target, bytes);
    else moveInto(target, bytes);
  } catch (error) {
    throw new CodedError(
      'INVALID_ARGUMENT',
      `cannot write "${path}": ${describe(error)}`,
      { argument: 'PATH', value: path },
      { cause: error },
    );
  }
}

function moveInto(target: string, bytes: Uint8Array): void {
  const draft = join(dirname(target), `.${basename(target)}.${process.pid}.tmp`);
  try {
    writeFileSync(draft, bytes, { flag: 'wx' });
    renameSync(draft, target);
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Where a symbolic link leads; undefined while nothing is there. */
function tryRealpath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined; // expected: the file does not exist yet
  }
}
