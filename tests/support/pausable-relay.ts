import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A port in front of another one. While it is paused it reads nothing from there, as a peer does that has stopped reading; its end is as sudden as that of a machine that is switched off. */
export class PausableRelay implements Disposable {
  readonly #server: Server;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  #isPaused = false;

  static async open(port: number): Promise<PausableRelay> {
    const relay = new PausableRelay(port);
    await new Promise<void>((resolve) => relay.#server.listen(0, '127.0.0.1', resolve));
    return relay;
  }

  private constructor(port: number) {
    this.#server = createServer((near) => this.#join(near, connect(port, '127.0.0.1')));
  }

  get port(): number {
    // SAFETY: a TCP server that listens has such an address.
    return (this.#server.address() as AddressInfo).port;
  }

  pause(): void {
    this.#isPaused = true;
    for (const [, far] of this.#pairs) far.pause();
  }

  resume(): void {
    this.#isPaused = false;
    for (const [, far] of this.#pairs) far.resume();
  }

  [Symbol.dispose](): void {
    this.#server.close();
    for (const pair of this.#pairs) for (const socket of pair) socket.resetAndDestroy();
  }

  #join(near: Socket, far: Socket): void {
    const pair = [near, far] as const;
    this.#pairs.add(pair);
    for (const [from, to] of [pair, [far, near]] as const) {
      from.on('data', (chunk) => to.write(chunk));
      from.on('error', () => {}); // 'close' follows
      from.on('close', () => {
        this.#pairs.delete(pair);
        to.destroy();
      });
    }
    if (this.#isPaused) far.pause();
  }
}
