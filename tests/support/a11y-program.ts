import { BodyWriter } from '@bhatti/display/a11y/bus/body-writer.ts';
import { loginToBus } from '@bhatti/display/a11y/bus/login.ts';
import { MessageStream } from '@bhatti/display/a11y/bus/message-stream.ts';
import {
  decodeMessage,
  encodeMessage,
  type Message,
  messageLength,
  messageTypes,
} from '@bhatti/display/a11y/bus/message.ts';
import type { Socket } from 'node:net';

/** What a program answers to a call: a reply, an error, or nothing at all. */
export type Reply = { readonly signature: string; readonly body: BodyWriter } | 'error' | 'silence';

/** A program on the accessibility bus that answers as a test wants: also as no honest one does. */
export class A11yProgram implements Disposable {
  readonly #socket: Socket;
  readonly #respond: (call: Message) => Reply;
  readonly #incoming = new MessageStream();
  #serial = 1;
  /** Its name on the bus. */
  name = '';
  calls = 0;

  private constructor(socket: Socket, respond: (call: Message) => Reply) {
    this.#socket = socket;
    this.#respond = respond;
  }

  static async join(busPath: string, respond: (call: Message, name: string) => Reply): Promise<A11yProgram> {
    const program: A11yProgram = new A11yProgram(await loginToBus(busPath), (call) => respond(call, program.name));
    const named = Promise.withResolvers<void>();
    program.#socket.on('data', (chunk: Uint8Array) => program.#take(chunk, named.resolve));
    program.#socket.on('error', () => {}); // expected: the bus ends before it, or throws it off
    const bus = 'org.freedesktop.DBus';
    const hello = { destination: bus, path: '/org/freedesktop/DBus', interface: bus, member: 'Hello' };
    program.#socket.write(encodeMessage({ type: messageTypes.call, serial: 1, ...hello }));
    await named.promise;
    return program;
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }

  #take(chunk: Uint8Array, onNamed: () => void): void {
    this.#incoming.push(chunk);
    for (
      let bytes = this.#incoming.take(messageLength);
      bytes !== undefined;
      bytes = this.#incoming.take(messageLength)
    ) {
      const message = decodeMessage(bytes);
      if (message.type === messageTypes.call) this.#answer(message);
      else if (message.replySerial === 1) {
        this.name = message.body().string();
        onNamed();
      }
    }
  }

  #answer(call: Message): void {
    this.calls++;
    const reply = this.#respond(call);
    if (reply === 'silence') return;
    const common = { serial: ++this.#serial, replySerial: call.serial, destination: call.sender };
    this.#socket.write(
      reply === 'error'
        ? encodeMessage({ ...common, type: messageTypes.error, errorName: 'org.freedesktop.DBus.Error.Failed' })
        : encodeMessage({ ...common, type: messageTypes.reply, ...reply, body: reply.body.bytes() }),
    );
  }
}

const accessiblePath = '/org/a11y/atspi/accessible/';

/** How the elements of a made-up program look. */
export interface MadeUpTree {
  readonly name: (id: string) => string;
  readonly children: (id: string) => readonly string[];
}

/** An honest answer of a program of captions that has such a tree; its elements have ids of letters and digits, the first is `root`. */
export function answerTree(tree: MadeUpTree, call: Message, bus: string): Reply {
  const id = call.path.slice(accessiblePath.length);
  const body = new BodyWriter();
  switch (call.member) {
    case 'Get':
      return { signature: 'v', body: body.signature('s').string(tree.name(id)) };
    case 'GetRole':
      return { signature: 'u', body: body.u32(81) };
    case 'GetState':
      // Sensitive, showing, visible.
      return { signature: 'au', body: body.array(4, () => body.u32((1 << 24) | (1 << 25) | (1 << 30)).u32(0)) };
    case 'GetExtents':
      return { signature: '(iiii)', body: body.align(8).i32(1).i32(2).i32(30).i32(40) };
    case 'GetInterfaces':
      return { signature: 'as', body: body.array(4, () => {}) };
    case 'GetChildren': {
      const write = () => {
        for (const child of tree.children(id)) body.align(8).string(bus).string(`${accessiblePath}${child}`);
      };
      return { signature: 'a(so)', body: body.array(8, write) };
    }
    default:
      return 'error';
  }
}
