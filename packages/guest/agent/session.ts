import { CodedError } from '@bhatti/base/errors.ts';
import type { TerminalChild } from '@bhatti/sys/pty.ts';
import type { ChildExit } from '@bhatti/sys/process/spawn.ts';
import { channelStdout, type ExecRequest, type ExecSession } from '@bhatti/wire/agent/exec.ts';
import type { Activity } from './activity.ts';
import type { ClientLink, Driven } from './exec-stream.ts';
import { Scrollback } from './scrollback.ts';
import { startTimeOut, terminateGroup } from './termination.ts';

const maxSessions = 64; // each keeps 64 KiB of scrollback and a terminal
const keptAfterExitMs = 30_000; // long enough to come back and read how it ended
const timedOutExitCode = 124; // as timeout(1)
const endOfTransmission = 4; // ^D

/** The commands that may outlive their clients. */
export class SessionTable {
  readonly #sessions = new Map<string, TerminalSession>();
  #last = 0;

  /** Gives the session its id and keeps it until a while after its end. */
  add(session: TerminalSession, id = `s${(this.#last += 1)}`): void {
    if (this.#sessions.size >= maxSessions) {
      session.end();
      throw new CodedError('QUOTA_EXCEEDED', `cannot keep another session: ${maxSessions} are kept`, {
        what: 'sessions',
        limit: maxSessions,
      });
    }
    session.id = id;
    this.#sessions.set(id, session);
    void session.ended.then(() => setTimeout(() => this.#sessions.delete(id), keptAfterExitMs).unref());
  }

  /** Another client of the same session is told so and let go. Throws NOT_FOUND. */
  attach(id: string, link: ClientLink): Driven {
    const session = this.#sessions.get(id);
    if (session === undefined)
      throw new CodedError('NOT_FOUND', `cannot attach to session "${id}": no such session`, { path: id });
    return session.attach(link);
  }

  list(): ExecSession[] {
    return [...this.#sessions].map(([sessionId, session]) => ({ sessionId, ...session.status() }));
  }

  endAll(): void {
    for (const session of this.#sessions.values()) session.end();
  }
}

/** A command on a terminal, with at most one client. What appears on the terminal waits for the client, or goes to the scrollback alone while there is none. */
export class TerminalSession {
  readonly #child: TerminalChild;
  readonly #request: ExecRequest;
  readonly #scrollback = new Scrollback();
  readonly #createdAtMs = Date.now();
  readonly #running: Disposable;
  readonly ended: Promise<void>;
  #client: ClientLink | undefined;
  #exit: (ChildExit & { readonly timedOut: boolean }) | undefined;
  id: string | undefined;

  constructor(activity: Activity, request: ExecRequest, child: TerminalChild) {
    this.#child = child;
    this.#request = request;
    this.#running = activity.begin();
    this.ended = this.#follow();
  }

  attach(link: ClientLink): Driven {
    const before = this.#client;
    this.#client = link;
    if (before !== undefined) {
      void before.tell({ type: 'error', code: 'ABORTED', message: 'another client attached to the session' });
      before.close();
    }
    void link.tell({ type: 'started', pid: this.#child.pid, ...(this.id === undefined ? {} : { session: this.id }) });
    const past = this.#scrollback.bytes();
    if (past.length > 0) void link.output(channelStdout, past);
    if (this.#exit !== undefined) void this.#tellExit(link);
    return this.#drivenBy(link);
  }

  status(): Omit<ExecSession, 'sessionId'> {
    return {
      argv: [...this.#request.argv],
      tty: true,
      running: this.#exit === undefined,
      attached: this.#client !== undefined,
      ...(this.#exit === undefined ? {} : { exitCode: this.#exit.exitCode }),
      createdAtMs: this.#createdAtMs,
    };
  }

  end(): void {
    if (this.#exit === undefined) terminateGroup(this.#child, ['SIGHUP', 'SIGTERM']);
  }

  async #follow(): Promise<void> {
    let isTimedOut = false;
    const timeOut = startTimeOut(this.#request.timeoutMs, () => {
      isTimedOut = true;
      terminateGroup(this.#child);
    });
    const output = this.#copyOutput();
    const exit = await this.#child.exited;
    timeOut.cancel();
    await this.#drainAfterExit(output);
    this.#child.close();
    this.#running[Symbol.dispose]();
    this.#exit = { ...exit, exitCode: isTimedOut ? timedOutExitCode : exit.exitCode, timedOut: isTimedOut };
    if (this.#client !== undefined) await this.#tellExit(this.#client);
  }

  async #copyOutput(): Promise<void> {
    for await (const bytes of this.#child.output) {
      this.#scrollback.add(bytes);
      await this.#client?.output(channelStdout, bytes);
    }
  }

  /** A background process may hold the terminal open; what the command itself wrote is there within a moment. */
  async #drainAfterExit(output: Promise<void>): Promise<void> {
    const lastWordsMs = 100;
    let timer: ReturnType<typeof setTimeout> | undefined;
    await Promise.race([output, new Promise((resolve) => (timer = setTimeout(resolve, lastWordsMs)))]);
    clearTimeout(timer);
  }

  async #tellExit(link: ClientLink): Promise<void> {
    const exit = this.#exit;
    if (exit === undefined) return;
    await link.tell({
      type: 'exit',
      exitCode: exit.exitCode,
      ...(exit.signal === undefined ? {} : { signal: exit.signal }),
      ...(exit.timedOut ? { timedOut: true } : {}),
    });
    link.close();
  }

  #drivenBy(link: ClientLink): Driven {
    const letGo = () => {
      if (this.#client === link) this.#client = undefined;
    };
    return {
      pid: this.#child.pid,
      write: (bytes) => this.#child.write(bytes),
      endInput: () => void this.#child.write(Uint8Array.of(endOfTransmission)),
      resize: (size) => this.#child.resize(size),
      detach: () => {
        if (this.#request.keep !== true)
          throw new CodedError('INVALID_ARGUMENT', 'cannot detach from a command that is not kept', {
            argument: 'type',
          });
        letGo();
      },
      hangUp: () => {
        letGo();
        if (this.#request.keep !== true) this.end();
      },
    };
  }
}
