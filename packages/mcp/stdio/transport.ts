import { openInput, openOutput } from '@bhatti/sys/terminal/stdio.ts';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { ErrorCode, JSONRPCMessageSchema, type JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';

import { maxMessageBytes } from '../limits.ts';
import { LineSplitter, type Line } from './line-splitter.ts';

const maxUnsentBytes = 4_194_304; // some screenshots; a client that reads is never so far behind
const linesInTurn = 16; // then their replies are looked at: a buffer full of short questions would have answers of 50 MB
const lastWordsMs = 200; // for replies that are on their way when the client closes; one that does not read is not waited for

/**
 * JSON-RPC on standard input and output, a message a line. In place of the SDK's own: it answers what is no message, where that one says nothing; it outlives a line that is too long;
 * it ends with its input; and it does without `process.stdin`, which costs 7 ms of the start.
 */
export class StdioTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;
  /** Resolves when the client has gone, or `close` was called. */
  readonly closed: Promise<void>;

  readonly #input = openInput();
  readonly #output = openOutput(1);
  readonly #lines = new LineSplitter(maxMessageBytes);
  #unsentBytes = 0;
  #lastWrite: Promise<void> = Promise.resolve();
  #resolveClosed: () => void = () => {};
  #isClosed = false;

  constructor() {
    this.closed = new Promise((resolve) => (this.#resolveClosed = resolve));
  }

  async start(): Promise<void> {
    void this.#read();
  }

  send(message: JSONRPCMessage): Promise<void> {
    return this.#write(message);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    // First of all, since it ends what the calls still do.
    this.onclose?.();
    this.#input.close();
    const isSaid = await Promise.race([this.#lastWrite.then(() => true), later(lastWordsMs).then(() => false)]);
    // At its exit the process gives the pipe its blocking mode back, and would then wait for the reader that does not read.
    if (!isSaid) process.removeAllListeners('exit');
    this.#resolveClosed();
  }

  async #read(): Promise<void> {
    try {
      for (let bytes = await this.#input.read(); bytes !== undefined; bytes = await this.#input.read()) {
        for (const [index, line] of this.#lines.push(bytes).entries()) {
          this.#receive(line);
          if (index % linesInTurn === linesInTurn - 1) await later(0);
          // A client that asks and does not read is not heard until it has read.
          if (this.#unsentBytes > maxUnsentBytes) await this.#lastWrite;
        }
      }
    } catch {
      // An input that cannot be read is at its end.
    }
    // What was asked last and needs nobody else is answered in this turn.
    await later(0);
    await this.close();
  }

  #receive(line: Line): void {
    if (line.kind === 'too long')
      return this.#refuse(ErrorCode.InvalidRequest, `message too large: more than ${maxMessageBytes} bytes`);
    if (line.text.trim() === '') return;
    let document: unknown;
    try {
      document = JSON.parse(line.text);
    } catch {
      return this.#refuse(ErrorCode.ParseError, 'parse error: the line is not JSON');
    }
    const message = JSONRPCMessageSchema.safeParse(document);
    if (message.success) this.onmessage?.(message.data);
    else this.#refuse(ErrorCode.InvalidRequest, 'invalid request: not a JSON-RPC 2.0 message', idOf(document));
  }

  #refuse(code: ErrorCode, message: string, id: string | number | null = null): void {
    void this.#write({ jsonrpc: '2.0', id, error: { code, message } });
  }

  #write(document: object): Promise<void> {
    const line = `${JSON.stringify(document)}\n`;
    this.#unsentBytes += line.length;
    const written = this.#output.write(line).then(
      () => void (this.#unsentBytes -= line.length),
      // The client has closed its end, and with it all.
      () => this.close(),
    );
    this.#lastWrite = written;
    return written;
  }
}

function later(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function idOf(document: unknown): string | number | null {
  if (typeof document !== 'object' || document === null || !('id' in document)) return null;
  return typeof document.id === 'string' || typeof document.id === 'number' ? document.id : null;
}
