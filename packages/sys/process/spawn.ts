import { constants } from 'node:os';
import { closeSync } from 'node:fs';
import { openPipe, PipeReader, PipeWriter, type Pipe } from './pipe.ts';
import { withThreadCredentials, type Credentials } from './thread-credentials.ts';

export interface SpawnSpec {
  /** Absolute path of the program. */
  readonly path: string;
  /** argv, the name it is called by first. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly credentials: Credentials;
}

export interface ChildExit {
  /** Exit code, or 128 + the number of the signal that ended it. */
  readonly exitCode: number;
  readonly signal: string | undefined;
  /** Whether the signal left a core; undefined when it is not known. */
  readonly hasCore?: boolean;
}

/** A child in a session and process group of its own, whose number is its pid. */
export interface Child {
  readonly pid: number;
  readonly exited: Promise<ChildExit>;
}

export interface PipedChild extends Child {
  /** Undefined when standard input was not asked for: it is /dev/null then. */
  readonly stdin: PipeWriter | undefined;
  readonly stdout: PipeReader;
  readonly stderr: PipeReader;
}

/**
 * Starts a child with the given descriptors as 0, 1, 2, 3, …; `null` is /dev/null. They stay the caller's. Throws what the system said (`code` ENOENT, EACCES, ENOEXEC, …), and then nothing was started.
 */
export function spawnWith(spec: SpawnSpec, fds: readonly (number | null)[]): Child {
  return withThreadCredentials(spec.credentials, () => {
    const child = Bun.spawn([spec.path, ...spec.argv.slice(1)], {
      argv0: spec.argv[0] ?? spec.path,
      env: { ...spec.env },
      cwd: spec.cwd,
      detached: true, // a session of its own, so that its process group can be signalled whole
      stdio: [stdioOf(fds[0]), stdioOf(fds[1]), stdioOf(fds[2]), ...fds.slice(3).map(stdioOf)],
    });
    return { pid: child.pid, exited: child.exited.then(() => exitOf(child.exitCode, child.signalCode)) };
  });
}

/** Starts a child on pipes. */
export function spawnPiped(spec: SpawnSpec, options: { readonly stdin: 'pipe' | 'null' }): PipedChild {
  const { uid, gid } = spec.credentials;
  const pipes: Pipe[] = [];
  try {
    const out = openPipe(uid, gid);
    pipes.push(out);
    const err = openPipe(uid, gid);
    pipes.push(err);
    const input = options.stdin === 'pipe' ? openPipe(uid, gid) : undefined;
    if (input !== undefined) pipes.push(input);
    const child = spawnWith(spec, [input?.readFd ?? null, out.writeFd, err.writeFd]);
    closeSync(out.writeFd);
    closeSync(err.writeFd);
    if (input !== undefined) closeSync(input.readFd);
    return {
      ...child,
      stdin: input === undefined ? undefined : new PipeWriter(input.writeFd),
      stdout: new PipeReader(out.readFd),
      stderr: new PipeReader(err.readFd),
    };
  } catch (error) {
    for (const pipe of pipes) {
      closeSync(pipe.readFd);
      closeSync(pipe.writeFd);
    }
    throw error;
  }
}

/** Sends a signal to a process group; false when nobody is left in it. */
export function signalGroup(pgid: number, signal: NodeJS.Signals): boolean {
  // -1 and 0 would mean everybody and ourselves.
  if (pgid <= 1) return false;
  return trySignal(-pgid, signal);
}

/** Sends a signal to one process; false when it is gone. */
export function signalProcess(pid: number, signal: NodeJS.Signals): boolean {
  if (pid <= 1) return false;
  return trySignal(pid, signal);
}

export function isSignalName(name: string): name is NodeJS.Signals {
  return Object.hasOwn(constants.signals, name);
}

export function signalNumber(name: NodeJS.Signals): number {
  return constants.signals[name];
}

function trySignal(target: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(target, signal);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false; // gone already
    throw error;
  }
}

function stdioOf(fd: number | null | undefined): number | 'ignore' {
  return fd ?? 'ignore';
}

function exitOf(exitCode: number | null, signal: NodeJS.Signals | number | null): ChildExit {
  if (signal === null) return { exitCode: exitCode ?? 255, signal: undefined };
  // A real-time signal has no name: its number stands for it.
  if (typeof signal === 'number') return { exitCode: 128 + signal, signal: `SIGRTMIN+${signal - 34}` };
  return { exitCode: 128 + signalNumber(signal), signal };
}
