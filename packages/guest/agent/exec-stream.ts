import { CodedError, toCodedError } from '@bhatti/base/errors.ts';
import { announce } from '@bhatti/base/log.ts';
import type { AccountDatabase } from '@bhatti/sys/account.ts';
import type { UnixWebSocket, UnixWebSocketEvents } from '@bhatti/sys/http/unix-server.ts';
import { isSignalName, signalGroup } from '@bhatti/sys/process/spawn.ts';
import {
  channelStdin,
  ExecClientMessageSchema,
  stdinWindowBytes,
  type ExecClientMessage,
  type ExecGuestMessage,
  type ExecRequest,
} from '@bhatti/wire/agent/exec.ts';
import { decodeRequest } from '@bhatti/wire/schema.ts';
import type { Activity } from './activity.ts';
import type { SessionTable } from './session.ts';
import { startPiped } from './stream-piped.ts';
import { startOnTerminal } from './stream-terminal.ts';

const firstMessageMs = 10_000; // a client that says nothing is gone
const normalClose = 1000;

export interface StreamContext {
  readonly accounts: AccountDatabase;
  readonly activity: Activity;
  readonly sessions: SessionTable;
}

/** How messages reach one client. Every send resolves when there is room for more; false when the client is gone. */
export interface ClientLink {
  tell(message: ExecGuestMessage): Promise<boolean>;
  output(channel: number, bytes: Uint8Array): Promise<boolean>;
  close(): void;
}

/** A command as its client drives it. */
export interface Driven {
  /** Resolves when the command has the bytes. */
  write(bytes: Uint8Array): Promise<unknown>;
  endInput(): void;
  resize(size: { readonly rows: number; readonly cols: number }): void;
  readonly pid: number;
  detach(): void;
  /** The client is gone: what must not outlive it is ended. */
  hangUp(): void;
}

/** One client of `/exec`: a new command, or with `sessionId` one that was kept. `first` is the message that came with the handshake. */
export function openExecStream(
  context: StreamContext,
  sessionId: string | undefined,
  first: string | undefined,
): UnixWebSocketEvents {
  const stream = new ExecStream(context);
  return {
    onOpen(socket) {
      stream.open(socket, sessionId);
      if (first !== undefined) stream.take(first);
    },
    onMessage: (message) => stream.take(message),
    onClose: () => stream.lost(),
  };
}

class ExecStream {
  readonly #context: StreamContext;
  #link: ClientLink | undefined;
  #driven: Driven | undefined;
  #input: Promise<unknown> = Promise.resolve();
  #unacknowledgedBytes = 0;
  #firstMessage: ReturnType<typeof setTimeout> | undefined;
  #hasStarted = false;

  constructor(context: StreamContext) {
    this.#context = context;
  }

  open(socket: UnixWebSocket, sessionId: string | undefined): void {
    this.#link = linkOf(socket);
    if (sessionId === undefined) {
      this.#firstMessage = setTimeout(() => this.#fail(silentClient()), firstMessageMs);
      return;
    }
    this.#hasStarted = true;
    this.#guard(() => {
      this.#driven = this.#context.sessions.attach(sessionId, mustLink(this.#link));
    });
  }

  take(message: string | Uint8Array): void {
    this.#guard(() => (typeof message === 'string' ? this.#takeText(message) : this.#takeInput(message)));
  }

  lost(): void {
    clearTimeout(this.#firstMessage);
    this.#driven?.hangUp();
    this.#driven = undefined;
  }

  #takeText(text: string): void {
    const message = decodeRequest(ExecClientMessageSchema, parseJson(text), 'exec message');
    if (message.type === 'exec') return this.#start(message);
    const driven = this.#driven;
    // The command ended while the message was on its way.
    if (driven === undefined) return;
    switch (message.type) {
      case 'stdin-end':
        this.#input = this.#input.then(() => driven.endInput());
        return;
      case 'resize':
        return driven.resize(message);
      case 'signal':
        return sendSignal(driven.pid, message);
      case 'detach':
        driven.detach();
        return mustLink(this.#link).close();
    }
  }

  #start(request: ExecRequest): void {
    if (this.#hasStarted)
      throw new CodedError('PROTOCOL_VIOLATION', 'cannot run a second command on one stream', { peer: 'client' });
    this.#hasStarted = true;
    clearTimeout(this.#firstMessage);
    announce('agent:exec', { argv: request.argv.join(' '), tty: request.tty !== undefined });
    const start = request.tty === undefined ? startPiped : startOnTerminal;
    this.#driven = start(this.#context, request, mustLink(this.#link));
  }

  #takeInput(message: Uint8Array): void {
    if (message[0] !== channelStdin)
      throw new CodedError('PROTOCOL_VIOLATION', `unknown channel ${message[0]}`, { peer: 'client' });
    const driven = this.#driven;
    if (driven === undefined) return;
    const bytes = message.slice(1); // a copy: the runtime uses the message's memory again
    this.#unacknowledgedBytes += bytes.length;
    if (this.#unacknowledgedBytes > stdinWindowBytes)
      throw new CodedError('PROTOCOL_VIOLATION', 'more input than the window allows', { peer: 'client' });
    this.#input = this.#input.then(async () => {
      await driven.write(bytes);
      this.#unacknowledgedBytes -= bytes.length;
      await this.#link?.tell({ type: 'ack', bytes: bytes.length });
    });
  }

  #guard(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#fail(toCodedError(error));
    }
  }

  #fail(error: CodedError): void {
    if (error.code === 'INTERNAL') announce('agent:error', { error: error.message });
    const { code, message, hint } = error;
    void this.#link?.tell({ type: 'error', code, message, ...(hint === undefined ? {} : { hint }) });
    this.#link?.close();
  }
}

function linkOf(socket: UnixWebSocket): ClientLink {
  return {
    tell: (message) => socket.send(JSON.stringify(message)),
    output(channel, bytes) {
      const framed = new Uint8Array(1 + bytes.length);
      framed[0] = channel;
      framed.set(bytes, 1);
      return socket.send(framed);
    },
    close: () => socket.close(normalClose, ''),
  };
}

function sendSignal(pid: number, message: ExecClientMessage & { type: 'signal' }): void {
  const name = message.name.startsWith('SIG') ? message.name : `SIG${message.name}`;
  if (!isSignalName(name))
    throw new CodedError('INVALID_ARGUMENT', `cannot send "${message.name}": no such signal`, { argument: 'name' });
  signalGroup(pid, name);
}

function mustLink(link: ClientLink | undefined): ClientLink {
  if (link === undefined) throw new CodedError('INTERNAL', 'a message came before its socket was open', {});
  return link;
}

function silentClient(): CodedError {
  return new CodedError('TIMED_OUT', 'the client sent no command', { afterMs: firstMessageMs });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new CodedError('INVALID_ARGUMENT', 'invalid exec message: not JSON', { argument: '' });
  }
}
