import type { ExecStream } from '../exec-stream.ts';
import { bytesOf, type Content, type ContentStream } from './bytes.ts';
import type { HandOff } from './hand-off.ts';

export interface ExecChunk {
  /** On a terminal, all of it is `stdout`. */
  readonly from: 'stdout' | 'stderr';
  readonly bytes: Uint8Array;
}

export interface ExecExit {
  /** 128 + number when a signal ended it, 124 when its time was over. */
  readonly exitCode: number;
  readonly signal: string | undefined;
  readonly timedOut: boolean;
}

/** The signals that a command can be sent, by their names without `SIG`. */
export type SignalName = 'HUP' | 'INT' | 'QUIT' | 'KILL' | 'USR1' | 'USR2' | 'TERM' | 'CONT' | 'STOP' | 'WINCH';

export interface StartedStream {
  readonly stream: ExecStream;
  readonly output: HandOff<ExecChunk>;
  readonly ended: Promise<ExecExit>;
  readonly pid: number | undefined;
  readonly session: string | undefined;
}

/**
 * A command that runs. Iterating gives its output; the command waits while nobody takes it. Leaving the loop early does not end the command: `await using` does, at the end of its
 * scope, and so does `kill`.
 */
export class ExecProcess implements AsyncIterable<ExecChunk>, AsyncDisposable {
  /** Undefined for one that could not be started: its exit code is then 126 or 127, and stderr says why. */
  readonly pid: number | undefined;
  /** Of a command that was to be kept: `exec.attach` takes it over. */
  readonly session: string | undefined;
  readonly stdin: ExecStdin;
  readonly #started: StartedStream;

  constructor(started: StartedStream) {
    this.#started = started;
    this.pid = started.pid;
    this.session = started.session;
    this.stdin = new ExecStdin(started.stream);
  }

  [Symbol.asyncIterator](): AsyncGenerator<ExecChunk> {
    return this.#started.output[Symbol.asyncIterator]();
  }

  /** The output as text. A character that comes in two pieces is given whole. */
  async *text(): AsyncGenerator<{ readonly from: ExecChunk['from']; readonly text: string }> {
    const decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() };
    for await (const { from, bytes } of this) {
      const text = decoders[from].decode(bytes, { stream: true });
      if (text !== '') yield { from, text };
    }
    for (const from of ['stdout', 'stderr'] as const) {
      const text = decoders[from].decode();
      if (text !== '') yield { from, text };
    }
  }

  /** How it ends. Output that nobody iterates over is dropped, so that the command does not wait for ever. */
  wait(): Promise<ExecExit> {
    this.#started.output.discard();
    return this.#started.ended;
  }

  /** Sends a signal to the command and all it started. */
  kill(signal: SignalName = 'TERM'): void {
    this.#started.stream.signal(signal);
  }

  /** Of a command on a terminal. */
  resize(size: { readonly rows: number; readonly cols: number }): void {
    this.#started.stream.resize(size);
  }

  /** Ends the command: SIGHUP and SIGTERM, after 2 s SIGKILL; unless it was to be kept. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#started.stream.close();
    this.#started.output.discard();
    await this.#started.ended.catch(() => {}); // WHY: that it did not end by itself is what was asked for
  }
}

/** What a command reads. Only where `stdin: 'open'`, or a terminal, was asked for. */
export class ExecStdin {
  readonly #stream: ExecStream;

  constructor(stream: ExecStream) {
    this.#stream = stream;
  }

  /** Resolves when the command can take more. */
  write(content: Content): Promise<void> {
    return this.#stream.write(bytesOf(content));
  }

  /** No more comes. */
  end(): void {
    this.#stream.endInput();
  }

  /** Writes all of it, and ends. */
  async pipe(source: ContentStream): Promise<void> {
    for await (const content of source) await this.write(content);
    this.end();
  }
}
