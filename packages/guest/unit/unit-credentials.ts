import { randomHex } from '@bhatti/base/ids.ts';
import type { Credentials } from '@bhatti/sys/process/thread-credentials.ts';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { ExecSettings } from './exec-settings.ts';
import { step, StepError } from './step-error.ts';

const root = '/run/credentials';
const stores = ['/etc/credstore', '/run/credstore', '/usr/lib/credstore'];
const maxBytes = 1024 * 1024; // of all credentials of a unit (systemd.exec(5), LoadCredential=)

export function credentialsDirectory(unit: string): string {
  return join(root, unit);
}

export function hasCredentials({ loadedCredentials, setCredentials }: ExecSettings): boolean {
  return loadedCredentials.size > 0 || setCredentials.size > 0;
}

/** Puts the unit's credentials where only its user reads them: once for all commands of a run, whole or not at all. */
export function prepareCredentials(unit: string, exec: ExecSettings, owner: Credentials): void {
  const directory = credentialsDirectory(unit);
  if (!hasCredentials(exec) || existsSync(directory)) return;
  step(243, 'Failed to set up credentials', () => {
    const found = new Map([...exec.setCredentials].map(([name, text]) => [name, Buffer.from(text)] as const));
    for (const [name, path] of exec.loadedCredentials) loadCredential(found, name, path);
    const total = [...found.values()].reduce((sum, { length }) => sum + length, 0);
    if (total > maxBytes) throw new StepError(243, 'Failed to set up credentials', 'Argument list too long');
    const draft = join(root, `.${randomHex(8)}`);
    mkdirSync(root, { recursive: true, mode: 0o755 });
    mkdirSync(draft, { mode: 0o700 });
    for (const [name, bytes] of found) {
      writeFileSync(join(draft, name), bytes, { mode: 0o400 });
      chownSync(join(draft, name), owner.uid, owner.gid);
    }
    chmodSync(draft, 0o500);
    chownSync(draft, owner.uid, owner.gid);
    renameSync(draft, directory);
  });
}

export function removeCredentials(unit: string): void {
  rmSync(credentialsDirectory(unit), { recursive: true, force: true });
}

/** A file, each file of a directory, or what a store has under that name; one that was set as well stands in for a missing one. */
function loadCredential(found: Map<string, Buffer>, name: string, path: string): void {
  const file = path.startsWith('/') ? path : stores.map((store) => join(store, path)).find((each) => existsSync(each));
  if (file === undefined) {
    if (path === name || found.has(name)) return; // expected: to be inherited, and there is none
    throw Object.assign(new Error(path), { errno: -2 });
  }
  const stat = statSync(file, { throwIfNoEntry: !found.has(name) });
  if (stat === undefined) return;
  if (stat.size > maxBytes) throw new StepError(243, 'Failed to set up credentials', 'Argument list too long');
  if (stat.isFile()) return void found.set(name, readFileSync(file));
  for (const entry of readdirSync(file, { withFileTypes: true }))
    if (entry.isFile()) found.set(`${name}_${entry.name}`, readFileSync(join(file, entry.name)));
}
