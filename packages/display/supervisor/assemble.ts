// The supervising process, wired: credentials → cookie → X server → streaming process. It runs as root and calls no native encoder.
import { CodedError } from '@bhatti/base/errors.ts';
import { startOperation } from '@bhatti/base/operation.ts';
import { type Account, openAccountDatabase } from '@bhatti/sys/account.ts';
import { releaseIdleMemory } from '@bhatti/sys/idle-memory.ts';
import type { TlsIdentity } from '@bhatti/sys/native/tls-identity.ts';
import { chmodSync, chownSync, mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DisplayPaths } from '../config/paths.ts';
import type { Settings } from '../config/settings.ts';
import { A11yBus } from './a11y-bus.ts';
import { loadCredentials, watchCredentials } from './password-watch.ts';
import { StreamingProcess } from './streaming-process.ts';
import { cookieEntry, writeCookie } from './x-authority.ts';
import { clearDisplay, removeDisplayFiles, startXServer } from './x-server.ts';

export interface SupervisorOptions {
  readonly settings: Settings;
  readonly paths: DisplayPaths;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Path of this program. */
  readonly executable: string;
}

const restAfterMs = 2_000; // by then everything has been started, and nothing is left to do but wait
const xStartTimeoutMs = 10_000; // a hundred times what it takes on an idle machine

/** Runs the desktop server until `stop` resolves (0) or the X server ends by itself (1). */
export async function supervise(options: SupervisorOptions, stop: Promise<void>): Promise<number> {
  const { settings, paths } = options;
  const account = findAccount(paths);
  for (const line of settings.ignored) console.error(`note: ${line}`);
  const tlsIdentity = await identityOf(options);
  // Before anything is touched that a server which runs already may use.
  await clearDisplay(settings.display);
  await using stack = new AsyncDisposableStack();
  makeRunDirs(paths, account);
  stack.defer(() => removeRunFiles(paths));
  const credentials = loadCredentials(paths);
  const cookie = crypto.getRandomValues(new Uint8Array(16));
  writeCookies(options, account, cookie);
  using starting = startOperation({ timeoutMs: xStartTimeoutMs });
  const xServer = await startXServer(starting, { settings, paths, account });
  stack.defer(async () => {
    await xServer.stop();
    removeDisplayFiles(settings.display);
  });
  const a11yBus = new A11yBus({ paths, account });
  stack.defer(() => a11yBus.stop());
  const orders = { cookie: Buffer.from(cookie).toString('base64'), tlsIdentity };
  const streaming = new StreamingProcess({
    ...options,
    account,
    orders: { ...orders, credentials },
  });
  stack.defer(() => streaming.stop());
  const watch = watchCredentials(paths, (changed) => streaming.give({ ...orders, credentials: changed }));
  stack.use(watch);
  const resting = setTimeout(releaseIdleMemory, restAfterMs);
  stack.defer(() => clearTimeout(resting));
  const end = await Promise.race([stop, xServer.child.exited]);
  if (end === undefined) return 0;
  console.error(`error: the X server ended (${end.signal ?? `exit ${end.exitCode}`})`);
  return 1;
}

/** What the port for VNC programs shows of itself, where it is on. */
async function identityOf({ settings, paths }: SupervisorOptions): Promise<TlsIdentity | undefined> {
  if (settings.vnc === undefined) return undefined;
  // The only native library that this process loads, and for few desktops.
  const { loadVncIdentity } = await import('./vnc-identity.ts');
  return loadVncIdentity(settings.vnc, paths.vncIdentityFile);
}

function findAccount(paths: DisplayPaths): Account {
  if (process.getuid?.() !== 0) {
    throw new CodedError(
      'HOST_UNSUPPORTED',
      'cannot start the desktop: only root may',
      { needs: 'root' },
      { hint: 'systemctl restart kasmvnc' },
    );
  }
  const account = openAccountDatabase().find(paths.user);
  if (account !== undefined) return { ...account, home: paths.home };
  const message = `cannot start the desktop: there is no account "${paths.user}"`;
  throw new CodedError('HOST_UNSUPPORTED', message, { needs: `account ${paths.user}` });
}

function makeRunDirs(paths: DisplayPaths, { uid, gid }: Account): void {
  mkdirSync(dirname(paths.runDir), { recursive: true, mode: 0o755 });
  for (const [dir, mode] of [
    [paths.runDir, 0o750],
    [paths.privateDir, 0o700],
  ] as const) {
    mkdirSync(dir, { recursive: true, mode });
    chownSync(dir, uid, gid);
    chmodSync(dir, mode);
  }
}

function removeRunFiles(paths: DisplayPaths): void {
  rmSync(paths.privateDir, { recursive: true, force: true });
  rmSync(paths.controlSocket, { force: true });
}

/** One cookie, in a file of its own for each of the three that need it: the X server, the account's programs, root's. */
function writeCookies({ settings, paths }: SupervisorOptions, account: Account, cookie: Uint8Array): void {
  const entry = cookieEntry(settings.display, cookie);
  const root = { uid: 0, gid: 0 };
  writeCookie(paths.xServerAuth, entry, account);
  writeCookie(paths.userAuthority, entry, account);
  if (paths.rootAuthority !== paths.userAuthority) writeCookie(paths.rootAuthority, entry, root);
}
