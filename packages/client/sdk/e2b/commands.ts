import { CodedError } from '@bhatti/base/errors.ts';
import { guestHome, guestUser } from '@bhatti/wire/guest-paths.ts';

import type { Content } from '../bytes.ts';
import type { Sandbox } from '../sandbox.ts';
import { CommandHandle, type CommandResult, type OutputTakers } from './command-handle.ts';
import { notOffered } from './not-offered.ts';

export interface RunOptions extends OutputTakers {
  readonly cwd?: string | undefined;
  readonly envs?: Readonly<Record<string, string>> | undefined;
  /** `user` and `root`, as in E2B; or any other. */
  readonly user?: string | undefined;
  /** Default 60 000, and 0 for none. */
  readonly timeoutMs?: number | undefined;
  /** In the background: whether `sendStdin` is going to be used. */
  readonly stdin?: boolean | undefined;
  readonly background?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

const usualTimeoutMs = 60_000; // E2B's

export class Commands {
  readonly #sandbox: Sandbox;
  readonly #running = new Map<number, CommandHandle>();

  constructor(sandbox: Sandbox) {
    this.#sandbox = sandbox;
  }

  /** A line for bash. Throws CommandExitError for another exit code than 0. */
  run(command: string, options: RunOptions & { readonly background: true }): Promise<CommandHandle>;
  run(command: string, options?: RunOptions & { readonly background?: false | undefined }): Promise<CommandResult>;
  async run(command: string, options: RunOptions = {}): Promise<CommandHandle | CommandResult> {
    const { envs, timeoutMs = usualTimeoutMs, onStdout, onStderr } = options;
    const process = await this.#sandbox.exec.stream(['/bin/bash', '-l', '-c', command], {
      cwd: options.cwd ?? guestHome,
      user: userOf(options.user),
      env: envs,
      timeoutMs,
      signal: options.signal,
      ...(options.stdin === true ? { stdin: 'open' } : {}),
    });
    const handle = new CommandHandle(process, { command, timeoutMs, onStdout, onStderr });
    this.#keep(handle);
    return options.background === true ? handle : handle.wait();
  }

  /** Of a command that this program has in the background. */
  async kill(pid: number): Promise<boolean> {
    return (await this.#running.get(pid)?.kill()) ?? false;
  }

  sendStdin(pid: number, data: Content): Promise<void> {
    return this.#mustFind(pid).sendStdin(data);
  }

  async connect(pid: number): Promise<CommandHandle> {
    return this.#mustFind(pid);
  }

  list(): never {
    throw notOffered('a list of commands', 'run "ps" in the sandbox');
  }

  #keep(handle: CommandHandle): void {
    this.#running.set(handle.pid, handle);
    const forget = () => this.#running.delete(handle.pid);
    handle.wait().then(forget, forget);
  }

  #mustFind(pid: number): CommandHandle {
    const handle = this.#running.get(pid);
    if (handle !== undefined) return handle;
    throw new CodedError(
      'INVALID_ARGUMENT',
      `no command of this program has the pid ${pid}`,
      { argument: 'pid', value: String(pid) },
      { hint: 'only the program that started a command in the background can reach it' },
    );
  }
}

/** E2B's account of the person is ours under another name. */
export function userOf(user: string | undefined): string | undefined {
  return user === 'user' ? guestUser : user;
}
