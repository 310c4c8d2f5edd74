import { CodedError } from '@bhatti/base/errors.ts';

import type { Content } from '../bytes.ts';
import type { ExecProcess } from '../exec-process.ts';

export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly error?: string | undefined;
}

/** A command that exited with another code than 0. */
export class CommandExitError extends CodedError<'COMMAND_FAILED'> implements CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly error: string | undefined;

  constructor(command: string, result: CommandResult) {
    const { exitCode, stdout, stderr } = result;
    super('COMMAND_FAILED', `command exited with ${exitCode}: "${command.slice(0, 200)}"`, { command, exitCode });
    this.exitCode = exitCode;
    this.stdout = stdout;
    this.stderr = stderr;
    this.error = result.error;
  }
}

export interface OutputTakers {
  readonly onStdout?: ((data: string) => unknown) | undefined;
  readonly onStderr?: ((data: string) => unknown) | undefined;
}

/** A command in the background. Its output is taken as it comes, and kept. */
export class CommandHandle {
  readonly pid: number;
  #stdout = '';
  #stderr = '';
  #exitCode: number | undefined;
  readonly #process: ExecProcess;
  readonly #result: Promise<CommandResult>;

  constructor(process: ExecProcess, about: { readonly command: string; readonly timeoutMs: number } & OutputTakers) {
    this.pid = process.pid ?? 0;
    this.#process = process;
    this.#result = this.#follow(about);
    this.#result.catch(() => {}); // WHY: whoever waits gets it; nobody needs to
  }

  get stdout(): string {
    return this.#stdout;
  }
  get stderr(): string {
    return this.#stderr;
  }
  /** Undefined while it runs. */
  get exitCode(): number | undefined {
    return this.#exitCode;
  }

  /** Throws CommandExitError for another exit code than 0, TIMED_OUT when its time was over. */
  wait(): Promise<CommandResult> {
    return this.#result;
  }

  async kill(): Promise<boolean> {
    if (this.#exitCode !== undefined) return false;
    this.#process.kill('KILL');
    return true;
  }

  sendStdin(data: Content): Promise<void> {
    return this.#process.stdin.write(data);
  }

  async closeStdin(): Promise<void> {
    this.#process.stdin.end();
  }

  async #follow(
    about: { readonly command: string; readonly timeoutMs: number } & OutputTakers,
  ): Promise<CommandResult> {
    for await (const { from, text } of this.#process.text()) {
      if (from === 'stdout') this.#stdout += text;
      else this.#stderr += text;
      await (from === 'stdout' ? about.onStdout : about.onStderr)?.(text);
    }
    const { exitCode, signal, timedOut } = await this.#process.wait();
    this.#exitCode = exitCode;
    const afterMs = about.timeoutMs;
    if (timedOut) throw new CodedError('TIMED_OUT', `command timed out after ${afterMs} ms`, { afterMs });
    const result = { exitCode, stdout: this.#stdout, stderr: this.#stderr, error: signal };
    if (exitCode !== 0) throw new CommandExitError(about.command, result);
    return result;
  }
}
