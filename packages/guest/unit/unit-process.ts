import type { Account, AccountDatabase } from '@bhatti/sys/account.ts';
import type { TrackedGroup } from '@bhatti/sys/cgroup/delegated-tree.ts';
import { spawnWith, type Child } from '@bhatti/sys/process/spawn.ts';
import type { Credentials } from '@bhatti/sys/process/thread-credentials.ts';
import { chownSync, closeSync, constants, existsSync, mkdirSync, openSync } from 'node:fs';
import { basename } from 'node:path';
import type { Journal } from '../journal/journal.ts';
import type { OutputStream } from '../journal/layout.ts';
import { expandArguments } from './command-line.ts';
import type { ExecCommand, ServiceSettings, StreamTarget } from './definition.ts';
import { unitDirectories, unitEnvironment } from './unit-environment.ts';

/**
 * The shell lines between lohar and a service's program; exit codes are those of systemd.exec(5) for the step that failed. It joins the unit's group first, so that nothing of the unit is ever outside.
 * $1 directory, $2 whether it may be missing, $3 umask, $4 nice, $5 name to be called by, then program and arguments.
 */
function prologue(passed: number): string {
  const joinFd = 3 + passed;
  return `echo 0 >&${joinFd} || exit 219
exec ${joinFd}>&-
${passed === 0 ? '' : 'export LISTEN_PID=$$'}
cd "$1" 2>/dev/null || [ "$2" = optional ] || { echo "Changing to the requested working directory failed: $1" >&2; exit 200; }
umask "$3"
[ -f "$6" ] || { echo "Failed at step EXEC spawning $6: No such file or directory" >&2; exit 203; }
[ -x "$6" ] || { echo "Failed at step EXEC spawning $6: Permission denied" >&2; exit 203; }
bhatti_nice=$4 bhatti_name=$5; shift 5
[ -z "$bhatti_nice" ] || exec nice -n "$bhatti_nice" "$@"
`;
}
const searchPath = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

export interface ProcessContext {
  readonly accounts: AccountDatabase;
  readonly journal: Journal;
}

export interface UnitProcessSpec {
  readonly unit: string;
  readonly settings: ServiceSettings;
  readonly command: ExecCommand;
  readonly stream: OutputStream;
  readonly group: TrackedGroup;
  /** INVOCATION_ID, MAINPID, NOTIFY_SOCKET, … */
  readonly env: Readonly<Record<string, string>>;
  /** Descriptors that the program finds from 3 on (sd_listen_fds(3)), or as its standard streams. */
  readonly passed: readonly { readonly fd: number; readonly name: string }[];
}

/** Starts one command of a service in its group. Throws an Error whose message says which step failed. */
export function startUnitProcess(context: ProcessContext, spec: UnitProcessSpec): Child {
  const { settings, command, unit } = spec;
  const account = accountOf(context.accounts, settings.user, 'USER');
  const credentials = command.fullPrivileges ? rootCredentials : credentialsOf(context.accounts, settings, account);
  prepareDirectories(settings, credentials);
  // What goes into a standard stream is not passed beside it.
  const passed = usesSocket(settings) ? [] : spec.passed;
  const env = unitEnvironment(settings, account, { ...spec.env, ...listenVariables(passed) });
  const argv = expandArguments(command, env);
  const path = findProgram(command.path);
  const files = new StreamFiles(() => context.journal.openOutput(unit, spec.stream, credentials.uid), spec.passed);
  try {
    const stdin = files.open(settings.standardInput, null);
    const stdout = files.open(settings.standardOutput, stdin);
    const stderr = files.open(settings.standardError, stdout);
    spec.group.create();
    const join = files.own(spec.group.openProcs());
    const shell = shellCommand(settings, { account, path, argv, passed: passed.length });
    const fds = [stdin, stdout, stderr, ...passed.map(({ fd }) => fd), join];
    const child = spawnWith({ ...shell, env, cwd: '/', credentials }, fds);
    context.journal.spawned(unit, spec.stream, child.pid, settings.syslogIdentifier ?? basename(command.path));
    return child;
  } finally {
    files.close();
  }
}

/** sd_listen_fds(3). LISTEN_PID is the process's own to set. */
function listenVariables(passed: readonly { readonly name: string }[]): Record<string, string> {
  if (passed.length === 0) return {};
  return { LISTEN_FDS: String(passed.length), LISTEN_FDNAMES: passed.map(({ name }) => name).join(':') };
}

function usesSocket({ standardInput, standardOutput, standardError }: ServiceSettings): boolean {
  return [standardInput, standardOutput, standardError].some(({ kind }) => kind === 'socket');
}

interface Invocation {
  readonly account: Account | undefined;
  readonly path: string;
  readonly argv: readonly string[];
  /** How many descriptors go along. */
  readonly passed: number;
}

function shellCommand(
  settings: ServiceSettings,
  { account, path, argv, passed }: Invocation,
): { path: string; argv: string[] } {
  const name = argv[0] ?? path;
  // Only bash can call a program by another name; it is asked only when one is wanted (`@`).
  const isRenamed = name !== path && basename(name) !== basename(path);
  const shell = isRenamed || 3 + passed > 9 ? '/bin/bash' : '/bin/sh'; // sh knows descriptors of one digit
  const last = isRenamed ? 'exec -a "$bhatti_name" "$@"' : 'exec "$@"';
  const directory = settings.workingDirectory?.path ?? '/';
  return {
    path: shell,
    argv: [
      shell,
      '-c',
      `${prologue(passed)}${last}`,
      'sh',
      directory === '~' ? (account?.home ?? '/root') : directory,
      settings.workingDirectory?.isOptional === true ? 'optional' : '',
      settings.umask.toString(8),
      settings.nice === undefined ? '' : String(settings.nice),
      name,
      path,
      ...argv.slice(1),
    ],
  };
}

const rootCredentials: Credentials = { uid: 0, gid: 0, groups: [] };

function credentialsOf(
  accounts: AccountDatabase,
  settings: ServiceSettings,
  account: Account | undefined,
): Credentials {
  const group = settings.group === undefined ? undefined : groupId(accounts, settings.group);
  const extra = settings.supplementaryGroups.map((name) => groupId(accounts, name));
  const gid = group ?? account?.gid ?? 0;
  return { uid: account?.uid ?? 0, gid, groups: [...new Set([gid, ...(account?.groups ?? []), ...extra])] };
}

function accountOf(accounts: AccountDatabase, user: string | undefined, step: string): Account | undefined {
  if (user === undefined) return undefined;
  const account = accounts.find(user);
  if (account === undefined)
    throw new StepError(217, `Failed to determine user credentials: No such process (step ${step}, "${user}")`);
  return account;
}

function groupId(accounts: AccountDatabase, name: string): number {
  const group = accounts.findGroup(name);
  if (group === undefined)
    throw new StepError(216, `Failed to determine group credentials: No such process ("${name}")`);
  return group.gid;
}

/** A step before the program ran failed; `exitStatus` as in systemd.exec(5). */
export class StepError extends Error {
  readonly exitStatus: number;

  constructor(exitStatus: number, message: string) {
    super(message);
    this.exitStatus = exitStatus;
  }
}

function prepareDirectories(settings: ServiceSettings, owner: Credentials): void {
  for (const { key, path, mode } of unitDirectories(settings)) {
    const made = mkdirSync(path, { recursive: true, mode });
    // Configuration belongs to root; what exists keeps its owner.
    if (made !== undefined && key !== 'configurationDirectory') chownSync(path, owner.uid, owner.gid);
  }
}

function findProgram(path: string): string {
  if (path.startsWith('/')) return path;
  return (
    searchPath.map((directory) => `${directory}/${path}`).find((candidate) => existsSync(candidate)) ??
    `/usr/bin/${path}`
  );
}

/** Opens the files of a process's streams and closes this process's copies afterwards. */
class StreamFiles {
  readonly #openJournal: () => number;
  readonly #passed: readonly { readonly fd: number }[];
  readonly #opened: number[] = [];
  readonly #byPath = new Map<string, number>();
  #journalFd: number | undefined;

  constructor(openJournal: () => number, passed: readonly { readonly fd: number }[]) {
    this.#openJournal = openJournal;
    this.#passed = passed;
  }

  open(target: StreamTarget, inherited: number | null): number | null {
    switch (target.kind) {
      case 'null':
        return null;
      case 'inherit':
        return inherited;
      case 'journal':
        return (this.#journalFd ??= this.own(this.#openJournal()));
      case 'socket':
        return this.#socket();
      case 'file':
      case 'append':
      case 'truncate':
        return this.#openFile(target.kind, target.path);
    }
  }

  /** The one socket there is: a connection, or what the unit's only socket listens on. Its owner closes it. */
  #socket(): number {
    const [only, another] = this.#passed;
    if (only === undefined || another !== undefined)
      throw new StepError(
        208,
        `Failed to set up standard input: Got ${only === undefined ? 'no' : 'more than one'} socket.`,
      );
    return only.fd;
  }

  own(fd: number): number {
    this.#opened.push(fd);
    return fd;
  }

  close(): void {
    for (const fd of this.#opened) closeSync(fd);
  }

  #openFile(kind: 'file' | 'append' | 'truncate', path: string): number {
    const known = this.#byPath.get(path);
    if (known !== undefined) return known;
    const how = { file: 0, append: constants.O_APPEND, truncate: constants.O_TRUNC }[kind];
    const fd = this.own(openSync(path, constants.O_RDWR | constants.O_CREAT | how, 0o644));
    this.#byPath.set(path, fd);
    return fd;
  }
}
