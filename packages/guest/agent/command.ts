import { CodedError } from '@bhatti/base/errors.ts';
import type { AccountDatabase } from '@bhatti/sys/account.ts';
import type { SpawnSpec } from '@bhatti/sys/process/spawn.ts';
import type { ExecRequest } from '@bhatti/wire/agent/exec.ts';
import { guestUser } from '@bhatti/wire/guest-paths.ts';
import { statSync } from 'node:fs';
import { commandEnvironment, standardPath } from './environment.ts';

/** What a request asks to run, complete; or why it cannot, as env(1) would say it with its exit codes. */
export type Command = { readonly kind: 'runnable'; readonly spec: SpawnSpec } | Refused;

export interface Refused {
  readonly kind: 'refused';
  readonly exitCode: number;
  readonly message: string;
}

/** Resolves and starts in one go. */
export function launch<T>(
  accounts: AccountDatabase,
  request: ExecRequest,
  start: (spec: SpawnSpec) => T,
): { readonly kind: 'started'; readonly child: T } | Refused {
  const command = resolveCommand(accounts, request);
  return command.kind === 'refused' ? command : startCommand(command.spec, start);
}

/** Throws INVALID_ARGUMENT for a user that does not exist and for a NUL in a string; all else that is wrong is the command's own result. */
export function resolveCommand(accounts: AccountDatabase, request: ExecRequest): Command {
  refuseNul(request);
  const user = request.user ?? guestUser;
  const account = accounts.find(user);
  if (account === undefined)
    throw new CodedError('INVALID_ARGUMENT', `cannot run as user "${user}": no such user`, {
      argument: 'user',
      value: user,
    });

  const env = commandEnvironment(account, request.env ?? {});
  const cwd = request.cwd ?? (request.tty === undefined ? '/' : '/workspace');
  const directory = directoryOr(cwd, request.cwd === undefined ? account.home : undefined);
  if (directory === undefined) return refused(125, `cannot change directory to '${cwd}': No such file or directory`);

  const name = request.argv[0] ?? '';
  const path = findProgram(name, env['PATH'] ?? standardPath, directory);
  if (path === undefined) return refused(127, `'${name}': No such file or directory`);
  const credentials = { uid: account.uid, gid: account.gid, groups: account.groups };
  return { kind: 'runnable', spec: { path, argv: request.argv, env, cwd: directory, credentials } };
}

/**
 * Starts a resolved command. A file without `#!` that the kernel does not know is a shell script, as execvp(3) has it; a file that may not be
 * executed is exit code 126.
 */
export function startCommand<T>(
  spec: SpawnSpec,
  start: (spec: SpawnSpec) => T,
): { readonly kind: 'started'; readonly child: T } | Refused {
  try {
    return { kind: 'started', child: start(spec) };
  } catch (error) {
    switch (errorCode(error)) {
      case 'ENOEXEC':
        return {
          kind: 'started',
          child: start({ ...spec, path: '/bin/sh', argv: ['sh', spec.path, ...spec.argv.slice(1)] }),
        };
      case 'EACCES':
        return refused(126, `'${spec.argv[0]}': Permission denied`);
      case 'ENOENT':
        // The file is there, so it is the interpreter in its first line that is not.
        return refused(127, `'${spec.argv[0]}': No such file or directory`);
      case 'E2BIG':
        return refused(126, `'${spec.argv[0]}': Argument list too long`);
      default:
        throw error;
    }
  }
}

/** execvp(3)'s search: a name with a slash is a path; otherwise the first executable file in PATH, else the first file that is not. */
export function findProgram(name: string, path: string, cwd: string): string | undefined {
  if (name === '') return undefined;
  if (name.includes('/')) {
    const absolute = name.startsWith('/') ? name : `${cwd}/${name}`;
    return statOf(absolute) === undefined ? undefined : absolute;
  }
  let found: string | undefined;
  for (const directory of path.split(':')) {
    const candidate = `${directory === '' ? cwd : directory}/${name}`;
    const stat = statOf(candidate);
    if (stat === undefined || !stat.isFile()) continue;
    if ((stat.mode & 0o111) !== 0) return candidate;
    found ??= candidate;
  }
  return found;
}

function directoryOr(path: string, otherwise: string | undefined): string | undefined {
  if (statOf(path)?.isDirectory() === true) return path;
  if (otherwise === undefined) return undefined;
  return statOf(otherwise)?.isDirectory() === true ? otherwise : '/';
}

function statOf(path: string) {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined; // expected: ENOTDIR, ELOOP, ENAMETOOLONG: nothing that could be run is there
  }
}

function refused(exitCode: number, message: string): Refused {
  return { kind: 'refused', exitCode, message: `env: ${message}\n` };
}

function refuseNul(request: ExecRequest): void {
  const texts = [...request.argv, ...Object.entries(request.env ?? {}).flat(), request.cwd ?? ''];
  if (texts.some((text) => text.includes('\0')))
    throw new CodedError('INVALID_ARGUMENT', 'cannot run a command with a NUL character in it', { argument: 'argv' });
  const badName = Object.keys(request.env ?? {}).find((name) => name === '' || name.includes('='));
  if (badName !== undefined)
    throw new CodedError('INVALID_ARGUMENT', `cannot set the variable "${badName}": a name has no "="`, {
      argument: 'env',
    });
}

function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
