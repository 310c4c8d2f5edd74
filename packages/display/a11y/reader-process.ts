import { CodedError } from '@bhatti/base/errors.ts';
import { decodeError } from '@bhatti/wire/error.ts';
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { ReaderAnswer, ReaderOp, ReaderReplies, ReaderRequest } from './reader-message.ts';

export interface ReaderCommand {
  readonly path: string;
  readonly argv0: string;
  readonly args: readonly string[];
  /** This process's own without it. */
  readonly env?: Readonly<Record<string, string>>;
}

interface Waiting {
  readonly resolve: (reply: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** The process that reads what programs say. It is one of its own, so that nothing that a program says, however large, deep or slow to look through, keeps the desktop waiting. */
export class ReaderProcess {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;
  #isOver = false;

  constructor({ path, argv0, args, env }: ReaderCommand) {
    const child = spawn(path, [...args], {
      argv0,
      stdio: ['pipe', 'pipe', 'inherit'],
      ...(env === undefined ? {} : { env }),
    });
    this.#child = child;
    child.on('error', () => this.#end());
    child.on('exit', () => this.#end());
    child.stdin?.on('error', () => {}); // expected: it has ended, which `exit` says
    if (child.stdout !== null) createInterface({ input: child.stdout }).on('line', (line) => this.#take(line));
  }

  /** It has ended, or been told to. */
  get isOver(): boolean {
    return this.#isOver;
  }

  get isBusy(): boolean {
    return this.#waiting.size > 0;
  }

  /** Throws what the reading process threw; TIMED_OUT when it says nothing for so long, and then it is ended. */
  async ask<Op extends ReaderOp>(asked: Omit<ReaderRequest<Op>, 'id'>, timeoutMs: number): Promise<ReaderReplies[Op]> {
    if (this.#isOver) throw unavailable();
    const id = ++this.#lastId;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#waiting.set(id, { resolve, reject });
    const timer = setTimeout(() => {
      // It hangs: a pattern that takes for ever, say. Whatever else it was asked is lost with it.
      reject(
        new CodedError('TIMED_OUT', `cannot read the desktop: no answer after ${timeoutMs} ms`, { afterMs: timeoutMs }),
      );
      this.kill();
    }, timeoutMs);
    this.#child.stdin?.write(`${JSON.stringify({ ...asked, id })}\n`);
    try {
      // SAFETY: the reading process is this program, whose replies have the type of what was asked.
      return (await promise) as ReaderReplies[Op];
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(id);
    }
  }

  /** Lets it end by itself. */
  close(): void {
    this.#child.stdin?.end();
  }

  kill(): void {
    this.#child.kill('SIGKILL');
    this.#end();
  }

  #take(line: string): void {
    // SAFETY: as above.
    const answer = JSON.parse(line) as ReaderAnswer;
    const waiting = this.#waiting.get(answer.id);
    if ('error' in answer) waiting?.reject(decodeError(answer.error, 'the reading process'));
    else waiting?.resolve(answer.reply);
  }

  #end(): void {
    this.#isOver = true;
    for (const { reject } of this.#waiting.values()) reject(unavailable());
  }
}

function unavailable(): CodedError<'A11Y_UNAVAILABLE'> {
  return new CodedError('A11Y_UNAVAILABLE', 'cannot read the desktop: the reading process ended', { reason: 'reader' });
}
