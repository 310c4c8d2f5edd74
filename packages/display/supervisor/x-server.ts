import { CodedError } from '@bhatti/base/errors.ts';
import type { Operation } from '@bhatti/base/operation.ts';
import type { Account } from '@bhatti/sys/account.ts';
import { openPipe, PipeReader } from '@bhatti/sys/process/pipe.ts';
import { type Child, signalProcess, spawnWith } from '@bhatti/sys/process/spawn.ts';
import { chmodSync, closeSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import type { DisplayPaths } from '../config/paths.ts';
import type { Settings } from '../config/settings.ts';

const xSocketDir = '/tmp/.X11-unix';
const stopTimeoutMs = 3_000;

export interface XServerOptions {
  readonly settings: Settings;
  readonly paths: DisplayPaths;
  readonly account: Account;
}

/** The X server: TigerVNC's Xvnc, as the desktop's account, reachable by its local socket and, for us, by RFB on a private one. */
export interface XServer {
  readonly child: Child;
  stop(): Promise<void>;
}

/** Starts it, and resolves when it accepts connections. Throws DISPLAY_UNAVAILABLE when it ends instead. */
export async function startXServer(op: Operation, options: XServerOptions): Promise<XServer> {
  const { settings, paths, account } = options;
  mkdirSync(xSocketDir, { recursive: true });
  chmodSync(xSocketDir, 0o1777); // as every X server expects it; ours is not root and could not make it
  rmSync(paths.xRfbSocket, { force: true });
  const ready = openPipe(0, 0);
  const child = spawnWith(
    {
      path: '/usr/bin/setpriv',
      // If we die without a word, so does it: a new supervisor starts with a new X server, and its unit with new programs.
      argv: ['setpriv', '--pdeathsig', 'KILL', '--', '/usr/bin/Xvnc', ...xServerArgs(settings, paths)],
      env: environmentOf(account),
      cwd: '/',
      credentials: { uid: account.uid, gid: account.gid, groups: account.groups },
    },
    [null, 1, 2, ready.writeFd],
  );
  closeSync(ready.writeFd);
  if (!(await hasLine(op, new PipeReader(ready.readFd)))) {
    signalProcess(child.pid, 'SIGKILL');
    throw unavailable(settings.display, 'the X server did not start; what it said stands above');
  }
  return { child, stop: () => stopChild(child, stopTimeoutMs) };
}

/** The X server writes its number when it accepts connections, on both of its sockets; when it ends instead, so does the pipe. */
async function hasLine(op: Operation, reader: PipeReader): Promise<boolean> {
  const abort = () => reader.close();
  op.signal.addEventListener('abort', abort, { once: true });
  try {
    // The line may come in parts, and the X server gives up when the pipe is closed before its end.
    for (let part = await reader.read(); part !== undefined; part = await reader.read()) {
      if (part.includes(0x0a)) return true;
    }
    return false;
  } finally {
    op.signal.removeEventListener('abort', abort);
    reader.close();
  }
}

/** Ends a child in order, and by force when it does not. */
export async function stopChild(child: Child, timeoutMs: number): Promise<void> {
  signalProcess(child.pid, 'SIGTERM');
  const timer = setTimeout(() => signalProcess(child.pid, 'SIGKILL'), timeoutMs);
  await child.exited;
  clearTimeout(timer);
}

export function environmentOf(account: Account): Record<string, string> {
  const passed = ['PATH', 'LANG', 'TZ'].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    LANG: 'en_US.UTF-8',
    ...Object.fromEntries(passed),
    HOME: account.home,
    USER: account.name,
    LOGNAME: account.name,
  };
}

function xServerArgs(settings: Settings, paths: DisplayPaths): string[] {
  return [
    [`:${settings.display}`, '-noreset'],
    ['-geometry', `${settings.width}x${settings.height}`],
    ['-depth', String(settings.depth)],
    ['-auth', paths.xServerAuth],
    // Its own network ports are off: RFB listens on the private socket only, X on its local one.
    ['-rfbport', '-1', '-rfbunixpath', paths.xRfbSocket, '-rfbunixmode', '0600'],
    ['-nolisten', 'tcp', '-SecurityTypes', 'None', '-AlwaysShared'],
    // Only we are its RFB client, and we take no pixels there, so it need not look for changed ones.
    ['-CompareFB=0', `-desktop=${settings.desktopName}`],
    // The bounds of the clipboard are ours.
    [`-MaxCutText=${Math.max(settings.maxAcceptedClipboardBytes, settings.maxSentClipboardBytes) + 1024}`],
    ['+extension', 'MIT-SHM', '+extension', 'DAMAGE', '+extension', 'XFIXES', '+extension', 'RANDR'],
    // With it the X server refuses the picture of an animated pointer ("Bad access"), even to trusted clients; all clients here are.
    ['-extension', 'SECURITY'],
    ['-displayfd', '3'],
    // Errors only: who connects is told by us.
    ['-Log', '*:stderr:0'],
    settings.xFlags,
  ].flat();
}

/** Removes what an X server that is gone left behind. Throws DISPLAY_UNAVAILABLE when one is there. */
export async function clearDisplay(display: number): Promise<void> {
  const socket = xSocket(display);
  if (existsSync(socket) && (await accepts(socket))) throw unavailable(display, 'another X server has it');
  rmSync(`/tmp/.X${display}-lock`, { force: true });
  rmSync(socket, { force: true });
}

export function removeDisplayFiles(display: number): void {
  rmSync(`/tmp/.X${display}-lock`, { force: true });
  rmSync(xSocket(display), { force: true });
}

function xSocket(display: number): string {
  return `${xSocketDir}/X${display}`;
}

function accepts(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const settle = (isOpen: boolean) => {
      socket.destroy();
      resolve(isOpen);
    };
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
  });
}

function unavailable(display: number, why: string): CodedError<'DISPLAY_UNAVAILABLE'> {
  const name = `:${display}`;
  return new CodedError('DISPLAY_UNAVAILABLE', `cannot start display "${name}": ${why}`, { display: name });
}
