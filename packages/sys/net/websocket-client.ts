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
} from '@bhatti/base/websocket-frame.ts';

// The runtime's own WebSocket cannot stop reading, so a fast guest and a slow terminal would fill the memory; and it hides the body of a refused upgrade,
// where the daemon says why. Hence this one, on a raw socket: it pauses the socket while nobody takes messages. It also opens 0.4 ms sooner.

export interface WebSocketTarget {
  readonly connect:
    | { readonly unix: string }
    | { readonly hostname: string; readonly port: number; readonly tls: boolean };
  /** Value of the Host header. */
  readonly host: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface WebSocketClient {
  send(message: string | Uint8Array): void;
  /** Messages in order; ends when the server closed in order. Throws CONNECTION_LOST when it vanished. Consumed once. */
  readonly messages: AsyncIterable<string | Uint8Array>;
  close(): void;
}

export type WebSocketOpening =
  | {
      readonly kind: 'open';
      readonly socket: WebSocketClient;
      /** A header of the server's 101, by its name in lower case. */
      readonly replyHeader: (name: string) => string | undefined;
    }
  | { readonly kind: 'refused'; readonly status: number; readonly body: string };

const maxFrameBytes = 16 * 1024 * 1024; // far above what any peer of ours sends; bounds what a broken one can make us hold
const maxHeadBytes = 64 * 1024;
const pauseAboveBytes = 256 * 1024;

/**
 * Opens a WebSocket. Rejects with the runtime's connect error (its `code` is ECONNREFUSED, ENOENT, …) when nothing listens. A refused upgrade is a result, with the
 * server's own words.
 */
export async function openWebSocket(target: WebSocketTarget): Promise<WebSocketOpening> {
  const connection = new Connection(target);
  const [opening] = await Promise.all([connection.opening, connection.connect(target)]);
  return opening;
}

type Raw = Pick<Bun.Socket, 'write' | 'end' | 'pause' | 'resume' | 'terminate'>;

class Connection implements WebSocketClient {
  readonly opening: Promise<WebSocketOpening>;
  readonly #settle: (opening: WebSocketOpening) => void;
  readonly #refuse: (error: CodedError) => void;
  readonly #key = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(16))));
  readonly #address: string;
  readonly #frames = new WebSocketFrameReader(maxFrameBytes);
  readonly #inbox = new MessageQueue<string | Uint8Array>();
  #inboxBytes = 0;
  #raw: Raw | undefined;
  /** Bytes of the reply's head, until it is complete; undefined once upgraded. */
  #head: string | undefined = '';
  #refusal: { status: number; chunks: Uint8Array[]; missingBytes: number } | undefined;
  #unsent: Uint8Array[] = [];
  #parts: Uint8Array[] = [];
  #partsOpcode = 0;
  #isPaused = false;
  #isClosing = false;

  constructor(target: WebSocketTarget) {
    this.#address = 'unix' in target.connect ? target.connect.unix : target.host;
    const { promise, resolve, reject } = Promise.withResolvers<WebSocketOpening>();
    this.opening = promise;
    this.#settle = resolve;
    this.#refuse = reject;
  }

  get messages(): AsyncIterable<string | Uint8Array> {
    return this.#inbox;
  }

  async connect(target: WebSocketTarget): Promise<void> {
    const socket = {
      open: (raw: Raw) => {
        this.#raw = raw;
        this.#inbox.onEmptied = () => {
          this.#inboxBytes = 0;
          if (this.#isPaused) raw.resume();
          this.#isPaused = false;
        };
        this.#write(new TextEncoder().encode(requestHead(target, this.#key)));
      },
      data: (_raw: Raw, bytes: Buffer) => this.#receive(new Uint8Array(bytes)),
      drain: () => this.#flush(),
      close: () => this.#lost(),
      error: () => this.#lost(),
    };
    if ('unix' in target.connect) await Bun.connect({ unix: target.connect.unix, socket });
    else {
      const { hostname, port, tls } = target.connect;
      await Bun.connect({ hostname, port, tls, socket });
    }
  }

  send(message: string | Uint8Array): void {
    if (this.#isClosing) return;
    if (typeof message === 'string') this.#write(encodeClientFrame(opcodeText, new TextEncoder().encode(message)));
    else this.#write(encodeClientFrame(opcodeBinary, message));
  }

  close(): void {
    if (this.#isClosing) return;
    this.#write(encodeClientFrame(opcodeClose, new Uint8Array([0x03, 0xe8]))); // 1000, normal closure
    this.#isClosing = true;
    this.#inbox.end();
    this.#raw?.end();
  }

  #receive(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.#refusal !== undefined) this.#receiveRefusal(bytes);
    else if (this.#head !== undefined) this.#receiveHead(bytes);
    else this.#receiveFrames(bytes);
  }

  #receiveHead(bytes: Uint8Array<ArrayBuffer>): void {
    // Latin-1 keeps one character a byte, so that the position in the text is the position in the bytes.
    const before = this.#head?.length ?? 0;
    this.#head = (this.#head ?? '') + Buffer.from(bytes).toString('latin1');
    const end = this.#head.indexOf('\r\n\r\n');
    if (end === -1) {
      if (this.#head.length > maxHeadBytes) this.#fail(`its reply has no end`);
      return;
    }
    const head = this.#head.slice(0, end);
    const rest = bytes.subarray(end + 4 - before);
    const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0);
    if (status === 0) return this.#fail('it does not speak HTTP');
    if (status !== 101) {
      // Without a length the body ends with the connection.
      const length = headerOf(head, 'content-length');
      this.#refusal = { status, chunks: [], missingBytes: length === undefined ? Infinity : Number(length) };
      return this.#receiveRefusal(rest);
    }
    if (headerOf(head, 'sec-websocket-accept') !== acceptOf(this.#key)) return this.#fail('its handshake is wrong');
    this.#head = undefined;
    this.#settle({ kind: 'open', socket: this, replyHeader: (name) => headerOf(head, name) });
    if (rest.length > 0) this.#receiveFrames(rest);
  }

  #receiveRefusal(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.#refusal === undefined) return;
    this.#refusal.chunks.push(bytes);
    this.#refusal.missingBytes -= bytes.length;
    if (this.#refusal.missingBytes > 0) return;
    this.#raw?.end();
    this.#lost();
  }

  #receiveFrames(bytes: Uint8Array<ArrayBuffer>): void {
    try {
      this.#frames.push(bytes);
      for (let frame = this.#frames.next(); frame !== undefined; frame = this.#frames.next())
        this.#take(frame.opcode, frame.payload, frame.isFinal);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.#fail(error.message);
    }
    if (this.#inboxBytes > pauseAboveBytes && !this.#isPaused) {
      this.#isPaused = true;
      this.#raw?.pause();
    }
  }

  #take(opcode: number, payload: Uint8Array<ArrayBuffer>, isFinal: boolean): void {
    if (opcode === opcodePing) return this.#write(encodeClientFrame(opcodePong, payload));
    if (opcode === opcodePong) return;
    if (opcode === opcodeClose) return this.close();
    if (opcode !== opcodeContinuation) this.#partsOpcode = opcode;
    if (!isFinal || this.#parts.length > 0) this.#parts.push(payload);
    if (!isFinal) return;
    const whole = this.#parts.length === 0 ? payload : Buffer.concat(this.#parts);
    this.#parts = [];
    this.#inboxBytes += whole.length;
    this.#inbox.put(this.#partsOpcode === opcodeText ? new TextDecoder().decode(whole) : whole);
  }

  #write(bytes: Uint8Array): void {
    this.#unsent.push(bytes);
    this.#flush();
  }

  #flush(): void {
    for (let next = this.#unsent[0]; next !== undefined; next = this.#unsent[0]) {
      const written = this.#raw?.write(next) ?? 0;
      if (written < next.length) {
        this.#unsent[0] = next.subarray(Math.max(0, written));
        return;
      }
      this.#unsent.shift();
    }
  }

  #fail(why: string): void {
    const error = new CodedError('PROTOCOL_VIOLATION', `cannot talk to "${this.#address}": ${why}`, {
      peer: this.#address,
    });
    this.#isClosing = true;
    this.#refuse(error);
    this.#inbox.fail(error);
    this.#raw?.terminate();
  }

  #lost(): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    if (this.#refusal !== undefined) {
      const { status, chunks } = this.#refusal;
      return this.#settle({ kind: 'refused', status, body: Buffer.concat(chunks).toString() });
    }
    const error = new CodedError('CONNECTION_LOST', `connection to "${this.#address}" lost`, { peer: this.#address });
    this.#refuse(error);
    this.#inbox.fail(error);
  }
}

function requestHead(target: WebSocketTarget, key: string): string {
  const headers: Record<string, string> = {
    Host: target.host,
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Key': key,
    'Sec-WebSocket-Version': '13',
    ...target.headers,
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `GET ${target.path} HTTP/1.1\r\n${lines.join('')}\r\n`;
}

function headerOf(head: string, name: string): string | undefined {
  const line = head.split('\r\n').find((text) => text.toLowerCase().startsWith(`${name}:`));
  return line?.slice(name.length + 1).trim();
}

// RFC 6455 §4.2.2: the key and a fixed GUID, SHA-1, base64.
function acceptOf(key: string): string {
  return new Bun.CryptoHasher('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
}
