import { concatBytes } from '@bhatti/base/bytes.ts';
import { CodedError } from '@bhatti/base/errors.ts';
import { MessageQueue } from '@bhatti/base/message-queue.ts';
import {
  encodeClientFrame,
  opcodeBinary,
  opcodeClose,
  opcodeContinuation,
  opcodePing,
  opcodePong,
  opcodeText,
  WebSocketFrameReader,
  type WebSocketFrame,
} from '@bhatti/base/websocket-frame.ts';
import type { Duplex } from 'node:stream';

import type { MessageSocket } from '../../transport.ts';

const maxMessageBytes = 16 * 1024 * 1024; // far above what the daemon sends; bounds what a broken peer can make us hold
const pauseAboveBytes = 256 * 1024;

/** The messages of an upgraded connection. The socket is paused while nobody takes them, so that the command at the other end waits instead of this memory growing. */
export class MessageChannel implements MessageSocket {
  readonly #socket: Duplex;
  readonly #address: string;
  readonly #frames = new WebSocketFrameReader(maxMessageBytes);
  readonly #inbox = new MessageQueue<string | Uint8Array>();
  #inboxBytes = 0;
  #parts: WebSocketFrame[] = [];
  #isOver = false;

  constructor(socket: Duplex, head: Uint8Array, address: string) {
    this.#socket = socket;
    this.#address = address;
    this.#inbox.onEmptied = () => {
      this.#inboxBytes = 0;
      if (socket.isPaused()) socket.resume();
    };
    socket.on('data', (chunk: Uint8Array) => this.#receive(chunk));
    socket.on('error', (error) => this.#lost(error));
    socket.on('close', () => this.#lost());
    socket.on('end', () => this.#lost());
    readOnAfterFailedWrite(socket);
    if (head.length > 0) this.#receive(head);
  }

  get messages(): AsyncIterable<string | Uint8Array> {
    return this.#inbox;
  }

  send(message: string | Uint8Array): void {
    if (this.#isOver) return;
    if (typeof message === 'string')
      this.#socket.write(encodeClientFrame(opcodeText, new TextEncoder().encode(message)));
    else this.#socket.write(encodeClientFrame(opcodeBinary, message));
  }

  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#socket.end(encodeClientFrame(opcodeClose, Uint8Array.of(0x03, 0xe8))); // 1000, normal closure
    this.#inbox.end();
    // Nobody reads on: the rest must not hold the connection, nor the process.
    this.#socket.resume();
    this.#socket.once('finish', () => this.#socket.destroy());
  }

  #receive(chunk: Uint8Array): void {
    if (this.#isOver) return;
    try {
      // The runtime's buffer is a view into a pool, which it may use again.
      this.#frames.push(new Uint8Array(chunk));
      for (let frame = this.#frames.next(); frame !== undefined && !this.#isOver; frame = this.#frames.next())
        this.#take(frame);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.#violated(error.message);
    }
    if (this.#inboxBytes > pauseAboveBytes) this.#socket.pause();
  }

  #take(frame: WebSocketFrame): void {
    if (frame.opcode === opcodePing) return void this.#socket.write(encodeClientFrame(opcodePong, frame.payload));
    if (frame.opcode === opcodePong) return;
    if (frame.opcode === opcodeClose) return this.close();
    if ((frame.opcode === opcodeContinuation) !== this.#parts.length > 0)
      return this.#violated('a WebSocket message begins in the middle of another');
    this.#parts.push(frame);
    if (this.#parts.reduce((sum, { payload }) => sum + payload.length, 0) > maxMessageBytes)
      return this.#violated('a WebSocket message is too large');
    if (frame.isFinal) this.#deliver(this.#parts.splice(0));
  }

  #deliver(parts: readonly WebSocketFrame[]): void {
    const bytes = parts.length === 1 && parts[0] !== undefined ? parts[0].payload : concatBytes(parts.map(payloadOf));
    this.#inboxBytes += bytes.length;
    this.#inbox.put(parts[0]?.opcode === opcodeText ? new TextDecoder().decode(bytes) : bytes);
  }

  #violated(what: string): void {
    const peer = this.#address;
    this.#end(new CodedError('PROTOCOL_VIOLATION', `unreadable message from ${peer}: ${what}`, { peer }));
  }

  #lost(cause?: unknown): void {
    const peer = this.#address;
    this.#end(new CodedError('CONNECTION_LOST', `connection to "${peer}" lost`, { peer }, { cause }));
  }

  #end(error: CodedError): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#inbox.fail(error);
    this.#socket.destroy();
  }
}

type Written = (error?: Error | null) => void;

/**
 * A command that ends while it is sent input: its end is in the kernel's buffer already when a write finds the connection closed. A stream that fails to write is destroyed, and what it had to
 * read with it; so a failed write is passed off as a good one, and reading finds the end, in order or not.
 */
function readOnAfterFailedWrite(socket: Duplex): void {
  const write = socket._write.bind(socket);
  socket._write = (chunk: unknown, encoding: BufferEncoding, done: Written) => write(chunk, encoding, () => done());
  const writev = socket._writev?.bind(socket);
  if (writev === undefined) return;
  socket._writev = (chunks: Parameters<typeof writev>[0], done: Written) => writev(chunks, () => done());
}

function payloadOf({ payload }: WebSocketFrame): Uint8Array {
  return payload;
}
