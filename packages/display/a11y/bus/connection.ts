import { CodedError, describe } from '@bhatti/base/errors.ts';
import type { Socket } from 'node:net';
import { broken } from './body-reader.ts';
import { BodyWriter } from './body-writer.ts';
import { loginToBus } from './login.ts';
import {
  decodeMessage,
  encodeMessage,
  type Message,
  messageLength,
  messageTypes,
  type OutgoingMessage,
} from './message.ts';
import { MessageStream } from './message-stream.ts';

/** A method of an object on the bus. */
export interface Call {
  readonly destination: string;
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly signature?: string;
  readonly body?: BodyWriter;
}

/** What answers calls that others make of us; undefined when there is no such method. */
export type Answer = (message: Message) => { readonly signature: string; readonly body: BodyWriter } | undefined;

interface Pending {
  readonly group: CallGroup;
  readonly resolve: (message: Message) => void;
  readonly reject: (error: Error) => void;
}

export const busName = 'org.freedesktop.DBus';
const helloTimeoutMs = 2_000; // a bus that lives answers within a millisecond

/** A connection to a D-Bus bus on a unix socket. Many calls may be under way at once: what is written within one turn of the event loop leaves in one packet. */
export class BusConnection implements Disposable {
  readonly #socket: Socket;
  readonly #pending = new Map<number, Pending>();
  readonly #incoming = new MessageStream();
  readonly #answer: Answer;
  #serial = 0;
  #outgoing: Uint8Array[] = [];
  #failure: CodedError | undefined;
  /** Our own name on the bus. */
  name = '';
  onClosed: () => void = () => {};

  private constructor(socket: Socket, answer: Answer) {
    this.#socket = socket;
    this.#answer = answer;
    socket.on('data', (chunk: Uint8Array) => this.#take(chunk));
    socket.on('error', (error) => this.#close(lost(describe(error))));
    socket.on('close', () => this.#close(lost('it was closed')));
  }

  /** Connects, proves who we are by our uid, and says hello. Throws A11Y_UNAVAILABLE when nobody answers there. */
  static async open(path: string, answer: Answer): Promise<BusConnection> {
    const connection = new BusConnection(await loginToBus(path), answer);
    using group = connection.group(helloTimeoutMs);
    connection.name = (await group.callBus('Hello')).body().string();
    return connection;
  }

  /** Calls that end together, at the latest after this time. */
  group(timeoutMs: number): CallGroup {
    return new CallGroup(this, timeoutMs);
  }

  [Symbol.dispose](): void {
    this.#close(lost('we closed it'));
  }

  /** Of CallGroup. */
  send(group: CallGroup, call: Call): Promise<Message> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) return reject(this.#failure);
      const { body, ...head } = call;
      const serial = this.#write({
        ...head,
        type: messageTypes.call,
        ...(body === undefined ? {} : { body: body.bytes() }),
      });
      this.#pending.set(serial, { group, resolve, reject });
    });
  }

  /** Of CallGroup: nothing waits for its replies any more. */
  abandon(group: CallGroup, error: Error): void {
    for (const [serial, pending] of this.#pending) {
      if (pending.group !== group) continue;
      this.#pending.delete(serial);
      pending.reject(error);
    }
  }

  #write(message: Omit<OutgoingMessage, 'serial'>): number {
    const serial = ++this.#serial;
    this.#outgoing.push(encodeMessage({ ...message, serial }));
    if (this.#outgoing.length === 1) queueMicrotask(() => this.#flush());
    return serial;
  }

  #flush(): void {
    const parts = this.#outgoing;
    this.#outgoing = [];
    if (this.#failure === undefined && parts.length > 0) this.#socket.write(Buffer.concat(parts));
  }

  #take(chunk: Uint8Array): void {
    try {
      this.#incoming.push(chunk);
      for (
        let bytes = this.#incoming.take(messageLength);
        bytes !== undefined;
        bytes = this.#incoming.take(messageLength)
      )
        this.#handle(decodeMessage(bytes));
    } catch (error) {
      this.#close(error instanceof CodedError ? error : broken(describe(error)));
    }
  }

  #handle(message: Message): void {
    if (message.type === messageTypes.call) return this.#answerCall(message);
    const pending = this.#pending.get(message.replySerial);
    if (pending === undefined) return;
    this.#pending.delete(message.replySerial);
    if (message.type === messageTypes.reply) pending.resolve(message);
    else pending.reject(refused(message));
  }

  #answerCall(message: Message): void {
    if (!message.wantsReply) return;
    const answer = this.#answer(message);
    const common = { replySerial: message.serial, destination: message.sender };
    if (answer === undefined)
      this.#write({ ...common, type: messageTypes.error, errorName: 'org.freedesktop.DBus.Error.UnknownMethod' });
    else this.#write({ ...common, type: messageTypes.reply, ...answer, body: answer.body.bytes() });
  }

  #close(failure: CodedError): void {
    if (this.#failure !== undefined) return;
    this.#failure = failure;
    this.#socket.destroy();
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const { reject } of pending) reject(failure);
    this.onClosed();
  }
}

/** Calls of one purpose, with one deadline: a timer for each of thousands would cost more than they do. */
export class CallGroup implements Disposable {
  readonly #connection: BusConnection;
  readonly #timer: ReturnType<typeof setTimeout>;
  #failure: CodedError | undefined;

  constructor(connection: BusConnection, timeoutMs: number) {
    this.#connection = connection;
    this.#timer = setTimeout(() => {
      this.#end(new CodedError('TIMED_OUT', `no answer after ${timeoutMs} ms`, { afterMs: timeoutMs }));
    }, timeoutMs);
  }

  /** Gives the reply. Throws TIMED_OUT, CONNECTION_LOST, or PROTOCOL_VIOLATION with what the other side said. */
  call(call: Call): Promise<Message> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return this.#connection.send(this, call);
  }

  /** A method of the bus itself. */
  callBus(member: string, signature?: string, body?: BodyWriter): Promise<Message> {
    return this.call({
      destination: busName,
      path: '/org/freedesktop/DBus',
      interface: busName,
      member,
      ...(signature === undefined ? {} : { signature }),
      ...(body === undefined ? {} : { body }),
    });
  }

  [Symbol.dispose](): void {
    this.#end(new CodedError('ABORTED', 'the call is not waited for any more', { by: 'caller' }));
  }

  #end(failure: CodedError): void {
    clearTimeout(this.#timer);
    this.#failure ??= failure;
    this.#connection.abandon(this, failure);
  }
}

function lost(why: string): CodedError<'CONNECTION_LOST'> {
  return new CodedError('CONNECTION_LOST', `the accessibility bus is gone: ${why}`, { peer: 'accessibility bus' });
}

function refused(message: Message): CodedError<'PROTOCOL_VIOLATION'> {
  const said = message.signature.startsWith('s') ? message.body().string().slice(0, 300) : '';
  const peer = message.errorName.slice(0, 200);
  return new CodedError('PROTOCOL_VIOLATION', `an accessibility call was refused: ${said}`, { peer });
}
