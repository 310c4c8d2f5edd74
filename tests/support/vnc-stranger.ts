import { ByteWriter } from '@bhatti/rfb/byte-writer.ts';
import { connect, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';

/** Somebody at a VNC port who says byte by byte what the test says: no program would. */
export class VncStranger implements Disposable {
  readonly closed: Promise<void>;
  readonly socket: Socket;
  isClosed = false;
  heard = Buffer.alloc(0);
  #tls: TLSSocket | undefined;

  constructor(port: number, host = '127.0.0.1') {
    this.socket = connect(port, host);
    this.socket.setNoDelay(true);
    this.socket.on('error', () => {}); // 'close' follows
    this.#listen(this.socket);
    this.closed = new Promise((resolve) => {
      this.socket.on('close', () => {
        this.isClosed = true;
        resolve();
      });
    });
  }

  get stream(): Socket {
    return this.#tls ?? this.socket;
  }

  say(...bytes: readonly (number | string)[]): void {
    this.stream.write(
      Buffer.concat(bytes.map((each) => (typeof each === 'number' ? Uint8Array.of(each) : Buffer.from(each)))),
    );
  }

  /** Goes as far as TLS with a certificate. */
  async beginTls(): Promise<void> {
    this.say('RFB 003.008\n', 19, 0, 2, 0, 0, 1, 6);
    // Version, types, VeNCrypt's version, accepted, sub-types, begin.
    await this.hear(12 + 2 + 2 + 1 + 9 + 1);
    this.socket.removeAllListeners('data');
    this.#tls = connectTls({ socket: this.socket, rejectUnauthorized: false });
    this.#tls.on('error', () => {}); // 'close' follows
    this.#listen(this.#tls);
    await new Promise<void>((resolve, reject) => {
      this.#tls?.once('secureConnect', resolve);
      this.socket.once('close', () => reject(new Error('closed before TLS stood')));
    });
  }

  /** The answer to a login: undefined when it was right, else the reason. */
  async logIn(user: string, password: string): Promise<string | undefined> {
    await this.beginTls();
    const [name, secret] = [Buffer.from(user), Buffer.from(password)];
    this.stream.write(new ByteWriter().u32(name.length).u32(secret.length).bytes(name).bytes(secret).copy());
    const result = await this.hear(4);
    if (result.readUInt32BE() === 0) return undefined;
    return (await this.hear((await this.hear(4)).readUInt32BE())).toString();
  }

  /** The next bytes that come. */
  async hear(count: number): Promise<Buffer> {
    while (this.heard.length < count) {
      if (this.isClosed) throw new Error(`closed after ${this.heard.length} of ${count} bytes`);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    const heard = this.heard.subarray(0, count);
    this.heard = this.heard.subarray(count);
    return heard;
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }

  #listen(stream: Socket): void {
    stream.on('data', (chunk: Buffer) => {
      this.heard = Buffer.concat([this.heard, chunk]);
    });
  }
}
