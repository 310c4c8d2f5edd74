// The command line as a program: what it prints, what it answers, and how it behaves on a terminal.
import { executable } from './capability.ts';
import { until } from './until.ts';

export interface Outcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stdoutBytes: Uint8Array;
  readonly stderr: string;
}

export interface CliOptions {
  readonly stdin?: string | Uint8Array;
  readonly env?: Readonly<Record<string, string>>;
}

/** `bhatti …` against the daemon of one run directory, with nothing of the caller's own configuration. */
export class Cli {
  readonly env: Record<string, string>;

  constructor(runDir: string, env: Readonly<Record<string, string>> = {}) {
    this.env = {
      PATH: process.env['PATH'] ?? '',
      HOME: runDir,
      TERM: 'xterm',
      BHATTI_RUN_DIR: runDir,
      ...env,
    };
  }

  async run(args: readonly string[], options: CliOptions = {}): Promise<Outcome> {
    const child = Bun.spawn([executable, ...args], {
      argv0: 'bhatti',
      env: { ...this.env, ...options.env },
      stdio: [options.stdin === undefined ? 'ignore' : Buffer.from(options.stdin), 'pipe', 'pipe'],
    });
    const [stdoutBytes, stderr, exitCode] = await Promise.all([
      new Response(child.stdout).bytes(),
      new Response(child.stderr).text(),
      child.exited,
    ]);
    return { exitCode, stdoutBytes, stdout: new TextDecoder().decode(stdoutBytes), stderr };
  }

  /** What a command printed; fails the test when the command failed. */
  async must(args: readonly string[], options: CliOptions = {}): Promise<string> {
    const { exitCode, stdout, stderr } = await this.run(args, options);
    if (exitCode !== 0) throw new Error(`bhatti ${args.join(' ')} exited with ${exitCode}: ${stdout}${stderr}`);
    return stdout;
  }

  /** A line of shell, with `bhatti` as a function in it; its exit code is the line's. */
  async shell(line: string): Promise<Outcome> {
    const child = Bun.spawn(['bash', '-c', `bhatti() { (exec -a bhatti "$BHATTI" "$@"); }; ${line}`], {
      env: { ...this.env, BHATTI: executable },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const [stdoutBytes, stderr, exitCode] = await Promise.all([
      new Response(child.stdout).bytes(),
      new Response(child.stderr).text(),
      child.exited,
    ]);
    return { exitCode, stdoutBytes, stdout: new TextDecoder().decode(stdoutBytes), stderr };
  }

  /** Starts a command and leaves it running. */
  start(args: readonly string[]) {
    return Bun.spawn([executable, ...args], { argv0: 'bhatti', env: this.env, stdio: ['ignore', 'pipe', 'pipe'] });
  }

  /** Starts a command on a terminal of its own. */
  onTerminal(args: readonly string[], size = { rows: 30, cols: 100 }): TerminalRun {
    return new TerminalRun([executable, ...args], this.env, size);
  }
}

/** A command on a terminal, with a person who types and reads. */
export class TerminalRun {
  screen = '';
  readonly #child;

  constructor(argv: readonly string[], env: Record<string, string>, size: { rows: number; cols: number }) {
    const decoder = new TextDecoder();
    this.#child = Bun.spawn([...argv], {
      env,
      terminal: {
        ...size,
        data: (_terminal, bytes) => void (this.screen += decoder.decode(bytes, { stream: true })),
      },
    });
  }

  get exited(): Promise<number> {
    return this.#child.exited;
  }

  type(keys: string): void {
    this.#child.terminal?.write(keys);
  }

  resize(rows: number, cols: number): void {
    this.#child.terminal?.resize(cols, rows);
  }

  kill(): void {
    this.#child.kill();
  }

  /** Waits until the screen has shown this. */
  async sees(wanted: RegExp, timeoutMs = 20_000): Promise<void> {
    await until(
      () => wanted.test(this.screen),
      () => `${wanted} in ${JSON.stringify(this.screen.slice(-500))}`,
      timeoutMs,
    );
  }
}
