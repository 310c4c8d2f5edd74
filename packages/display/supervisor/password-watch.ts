import { describe } from '@bhatti/base/errors.ts';
import { type FSWatcher, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { DisplayPaths } from '../config/paths.ts';
import { ensureCredentials } from '../credentials/generate.ts';
import { type Credential, tryReadPasswordFile } from '../credentials/password-file.ts';

const settleMs = 20; // an editor or a tool makes several events of one change

/** The users, made first where there are none. */
export function loadCredentials(paths: DisplayPaths): Credential[] {
  ensureCredentials(paths);
  return tryReadPasswordFile(paths.passwordFile) ?? [];
}

/** Follows the password file. Where it is removed, new credentials are made: a desktop is never without, and removing the file is the way to get others. */
export function watchCredentials(paths: DisplayPaths, onChange: (credentials: Credential[]) => void): Disposable {
  let last = JSON.stringify(tryReadPasswordFile(paths.passwordFile));
  let timer: ReturnType<typeof setTimeout> | undefined;
  const look = () => {
    timer = undefined;
    try {
      const credentials = loadCredentials(paths);
      const now = JSON.stringify(credentials);
      if (now === last) return;
      last = now;
      onChange(credentials);
    } catch (error) {
      console.error(`error: cannot follow "${paths.passwordFile}": ${describe(error)}`);
    }
  };
  // The directory is watched, since the file is replaced by renaming another one over it.
  const watcher: FSWatcher = watch(dirname(paths.passwordFile), (_event, name) => {
    if (name !== null && name !== basename(paths.passwordFile)) return;
    timer ??= setTimeout(look, settleMs);
  });
  // What changed before the watch began.
  look();
  return {
    [Symbol.dispose]() {
      clearTimeout(timer);
      watcher.close();
    },
  };
}
