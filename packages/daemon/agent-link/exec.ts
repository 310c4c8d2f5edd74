import { CodedError } from '@bhatti/base/errors.ts';
import type { Operation } from '@bhatti/base/operation.ts';
import {
  encodeClientFrame,
  opcodeBinary,
  opcodeClose,
  opcodePing,
  opcodePong,
  opcodeText,
  WebSocketFrameReader,
} from '@bhatti/base/websocket-frame.ts';
import {
  channelStderr,
  channelStdin,
  channelStdout,
  ExecDetachedReplySchema,
  ExecGuestMessageSchema,
  ExecReplySchema,
  type ExecDetachedReply,
  type ExecGuestMessage,
  type ExecReply,
  type ExecRequest,
} from '@bhatti/wire/agent/exec.ts';
import { decodeError } from '@bhatti/wire/error.ts';
import { decodeReply } from '@bhatti/wire/schema.ts';
import { randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type { AgentLink } from './link.ts';

const peer = 'the guest agent';
const maxFrameBytes = 1024 * 1024; // lohar sends what one read of a pipe gives: 64 KiB

/** Runs a command to its end. It is killed when the operation ends first. */
export async function runExec(
  op: Operation,
  link: AgentLink,
  request: ExecRequest,
): Promise<ExecReply | ExecDetachedReply> {
  const document = await link.json(op, { method: 'POST', path: '/exec', json: request });
  return request.detach === true
    ? decodeReply(ExecDetachedReplySchema, document, peer)
    : decodeReply(ExecReplySchema, document, peer);
}

export type ExecStreamEvent =
  | { readonly type: 'stdout' | 'stderr'; readonly bytes: Uint8Array }
  | Extract<ExecGuestMessage, { type: 'exit' }>;

/**
 * Runs a command and yields what it writes as it comes; the last event is `exit`. Leaving the loop ends the connection and so the command. While the
 * consumer is busy nothing is read: the command feels the back-pressure.
 */
export async function* streamExec(
  op: Operation,
  link: AgentLink,
  request: ExecRequest,
): AsyncGenerator<ExecStreamEvent> {
  const { stdinBase64, ...rest } = request;
  const input = stdinBase64 === undefined ? undefined : Buffer.from(stdinBase64, 'base64');
  const { socket, head } = await link.upgrade(op, '/exec', {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': randomBytes(16).toString('base64'),
  });
  const abort = () => socket.destroy();
  op.signal.addEventListener('abort', abort, { once: true });
  try {
    if (head.length > 0) socket.unshift(head);
    sendText(socket, { type: 'exec', ...rest, stdin: input !== undefined });
    const feed = input === undefined ? undefined : new StdinFeed(socket, input);
    for await (const message of messages(socket)) {
      if (message.type === 'ack') feed?.acknowledge(message.bytes);
      else if (message.type === 'error') throw decodeError(message, peer);
      else if (message.type !== 'started') yield message;
      if (message.type === 'exit') return;
    }
    op.check();
    throw new CodedError('CONNECTION_LOST', 'lost the connection to the guest agent during exec', { peer });
  } finally {
    op.signal.removeEventListener('abort', abort);
    socket.destroy();
  }
}

type Message = Exclude<ExecGuestMessage, { type: 'exit' }> | ExecStreamEvent;

async function* messages(socket: Duplex): AsyncGenerator<Message> {
  const frames = new WebSocketFrameReader(maxFrameBytes);
  for await (const chunk of socket) {
    // SAFETY: a socket without an encoding yields byte arrays.
    frames.push(new Uint8Array(chunk as Uint8Array));
    for (let frame = frames.next(); frame !== undefined; frame = frames.next()) {
      if (!frame.isFinal) throw violation('a fragmented message');
      if (frame.opcode === opcodeText) yield decodeText(frame.payload);
      else if (frame.opcode === opcodeBinary) yield decodeOutput(frame.payload);
      else if (frame.opcode === opcodePing) socket.write(encodeClientFrame(opcodePong, frame.payload));
      else if (frame.opcode === opcodeClose) return;
    }
  }
}

function decodeText(payload: Uint8Array): ExecGuestMessage {
  let document: unknown;
  try {
    document = JSON.parse(new TextDecoder().decode(payload));
  } catch {
    // Expected: whatever runs in the guest may send anything.
    throw violation('text that is not JSON');
  }
  return decodeReply(ExecGuestMessageSchema, document, peer);
}

function decodeOutput(payload: Uint8Array): ExecStreamEvent {
  const bytes = payload.subarray(1);
  if (payload[0] === channelStdout) return { type: 'stdout', bytes };
  if (payload[0] === channelStderr) return { type: 'stderr', bytes };
  throw violation('output on an unknown channel');
}

/** Sends standard input within the window that the protocol grants. */
class StdinFeed {
  readonly #socket: Duplex;
  #rest: Uint8Array;
  #isDone = false;

  constructor(socket: Duplex, input: Uint8Array) {
    this.#socket = socket;
    this.#rest = input;
    this.#send(stdinStartBytes);
  }

  acknowledge(bytes: number): void {
    this.#send(bytes);
  }

  #send(bytes: number): void {
    if (this.#isDone) return;
    const part = this.#rest.subarray(0, bytes);
    this.#rest = this.#rest.subarray(part.length);
    if (part.length > 0)
      this.#socket.write(encodeClientFrame(opcodeBinary, Buffer.concat([Buffer.from([channelStdin]), part])));
    if (this.#rest.length > 0) return;
    this.#isDone = true;
    sendText(this.#socket, { type: 'stdin-end' });
  }
}

const stdinStartBytes = 131_072; // half of the window: one frame, and never over it

function sendText(socket: Duplex, message: object): void {
  socket.write(encodeClientFrame(opcodeText, new TextEncoder().encode(JSON.stringify(message))));
}

function violation(what: string): CodedError {
  return new CodedError('PROTOCOL_VIOLATION', `the guest agent sent ${what}`, { peer });
}
