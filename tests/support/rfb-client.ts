import { connect, type Socket } from 'node:net';

import { ByteQueue } from '@bhatti/rfb/byte-queue.ts';
import { type ClientHandshake, startClientHandshake, stepClientHandshake } from '@bhatti/rfb/client-handshake.ts';
import { encodeClientMessage } from '@bhatti/rfb/client-writer.ts';
import type { PixelFormat } from '@bhatti/rfb/pixel-format.ts';
import type { ServerInit } from '@bhatti/rfb/server-init.ts';
import type { ServerMessage } from '@bhatti/rfb/server-message.ts';
import { betweenUpdates, readServerMessage } from '@bhatti/rfb/server-reader.ts';

import { until } from './until.ts';

/** A VNC client for tests: it speaks our client side of RFB on a unix socket and keeps what the server said. */
export class RfbClient implements Disposable {
  readonly messages: ServerMessage[] = [];
  /** Until another one is asked for, what the server offered. */
  format: PixelFormat;
  readonly init: ServerInit;
  readonly #socket: Socket;
  readonly #queue: ByteQueue;
  #state = betweenUpdates;
  #failure: unknown;

  private constructor(socket: Socket, queue: ByteQueue, init: ServerInit) {
    this.#socket = socket;
    this.#queue = queue;
    this.init = init;
    this.format = init.format;
  }

  static async open(path: string): Promise<RfbClient> {
    const socket = await until(
      () => tryConnect(path),
      () => `no server at ${path}`,
    );
    const queue = new ByteQueue();
    const init = await shakeHands(socket, queue);
    const client = new RfbClient(socket, queue, init);
    socket.on('data', (chunk: Buffer) => client.#take(chunk));
    client.#take(new Uint8Array(0));
    return client;
  }

  send(message: Parameters<typeof encodeClientMessage>[0]): void {
    if (message.type === 'setPixelFormat') this.format = message.format;
    this.#socket.write(encodeClientMessage(message));
  }

  /** The first message that this accepts, waited for; it and all before it are forgotten. */
  async next<T extends ServerMessage>(accepts: (message: ServerMessage) => message is T): Promise<T> {
    return await until(
      () => {
        if (this.#failure !== undefined) throw this.#failure;
        const index = this.messages.findIndex(accepts);
        const found = this.messages.splice(0, index + 1).at(-1);
        return found !== undefined && accepts(found) ? found : undefined;
      },
      () => this.messages.map(({ type }) => type).join(', '),
    );
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }

  #take(chunk: Uint8Array): void {
    this.#queue.push(chunk);
    const options = { maxCutTextBytes: 1 << 20, maxRectBytes: 1 << 26 };
    try {
      for (;;) {
        const result = readServerMessage(this.#queue.bytes(), this.#state, { ...options, format: this.format });
        if (result === undefined) return;
        const { message } = result;
        this.messages.push(message.type === 'pixels' ? { ...message, body: message.body.slice() } : message);
        this.#state = result.state;
        this.#queue.consume(result.length);
      }
    } catch (error) {
      this.#failure = error;
      this.#socket.destroy();
    }
  }
}

function tryConnect(path: string): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => resolve(socket));
    socket.once('error', () => resolve(undefined)); // expected: the server is not up yet
  });
}

async function shakeHands(socket: Socket, queue: ByteQueue): Promise<ServerInit> {
  let state: ClientHandshake = startClientHandshake();
  const take = (chunk: Uint8Array) => {
    queue.push(chunk);
    for (let step = stepClientHandshake(state, queue.bytes()); step !== undefined;) {
      queue.consume(step.length);
      state = step.state;
      if (step.send.length > 0) socket.write(step.send);
      step = stepClientHandshake(state, queue.bytes());
    }
  };
  socket.on('data', take);
  const init = await until(
    () => (state.phase === 'done' ? state.init : undefined),
    () => state.phase,
  );
  socket.off('data', take);
  return init;
}
