import { ByteQueue } from '@bhatti/rfb/byte-queue.ts';
import { type ClientHandshake, startClientHandshake, stepClientHandshake } from '@bhatti/rfb/client-handshake.ts';
import type { ClientMessage } from '@bhatti/rfb/client-message.ts';
import { encodeClientMessage } from '@bhatti/rfb/client-writer.ts';
import { createFramebuffer, type DecodedFramebuffer } from '@bhatti/rfb/decode/framebuffer.ts';
import { Encoding, FenceFlag, PseudoEncoding } from '@bhatti/rfb/numbers.ts';
import { bgrx8888, type PixelFormat } from '@bhatti/rfb/pixel-format.ts';
import type { Rect } from '@bhatti/rfb/rect.ts';
import type { ServerMessage } from '@bhatti/rfb/server-message.ts';
import { betweenUpdates, readServerMessage } from '@bhatti/rfb/server-reader.ts';
import { openNativeDecoder } from './rfb-decoder.ts';
import type { TestDisplay } from './display-server.ts';
import { until } from './until.ts';

/** Where a desktop is: its port on loopback, the Authorization header and, behind the publish proxy, the host that names it. */
export interface DesktopAddress {
  readonly port: number;
  readonly authorization: string;
  readonly host?: string;
}

export interface RfbViewerOptions {
  readonly authorization?: string;
  readonly encodings?: readonly number[];
  readonly format?: PixelFormat;
  /** Whether it asks for updates by itself; default yes. */
  readonly isWatching?: boolean;
  /** Whether it decodes what it gets; default yes. One that does not takes next to nothing of the machine's processors. */
  readonly isDecoding?: boolean;
  /** Hears of each update, and where it has pixels. */
  readonly onUpdate?: (pixels: readonly Rect[]) => void;
  /** Asks for continuous updates, as soon as the server says that it has them, instead of for each one; with `isWatching` false. */
  readonly isContinuous?: boolean;
  /** As a page names itself, for the lease. */
  readonly pageToken?: string;
}

/** What noVNC names, as far as it is spoken here. */
export const usualEncodings: readonly number[] = [
  Encoding.copyRect,
  Encoding.tight,
  Encoding.zrle,
  Encoding.raw,
  PseudoEncoding.jpegQualityLevel0 + 6,
  PseudoEncoding.desktopSize,
  PseudoEncoding.lastRect,
  PseudoEncoding.qemuExtendedKeyEvent,
  PseudoEncoding.qemuLedState,
  PseudoEncoding.extendedDesktopSize,
  PseudoEncoding.fence,
  PseudoEncoding.continuousUpdates,
  PseudoEncoding.extendedClipboard,
  PseudoEncoding.extendedMouseButtons,
  PseudoEncoding.vmwareCursor,
];

/** A second implementation of the client's side, which decodes what it gets: a viewer without a browser. */
export class RfbViewer implements Disposable {
  readonly messages: ServerMessage[] = [];
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  framebuffer: DecodedFramebuffer = createFramebuffer(0, 0);
  name = '';
  receivedBytes = 0;
  updates = 0;
  readonly #socket: WebSocket;
  readonly #queue = new ByteQueue();
  readonly #decoder = openNativeDecoder();
  readonly #options: RfbViewerOptions;
  #handshake: ClientHandshake = startClientHandshake();
  #state = betweenUpdates;
  /** Where the update that is being read has pixels. */
  readonly #updated: Rect[] = [];
  #isDisposed = false;

  static async open(display: DesktopAddress, options: RfbViewerOptions = {}): Promise<RfbViewer> {
    const viewer = new RfbViewer(display, options);
    let end: unknown;
    void viewer.closed.then((closed) => {
      end = closed;
    });
    await until(() => viewer.isIn || end !== undefined);
    if (end !== undefined) throw new Error(`the viewer was not let in: ${JSON.stringify(end)}`);
    return viewer;
  }

  private constructor(display: DesktopAddress, options: RfbViewerOptions) {
    this.#options = options;
    const headers = {
      Authorization: options.authorization ?? display.authorization,
      ...(display.host === undefined ? {} : { Host: display.host }),
    };
    const query = options.pageToken === undefined ? '' : `?session=${options.pageToken}`;
    this.#socket = new WebSocket(`ws://127.0.0.1:${display.port}/websockify${query}`, { headers });
    this.#socket.binaryType = 'arraybuffer';
    this.closed = new Promise((resolve) => {
      this.#socket.addEventListener('close', ({ code, reason }) => resolve({ code, reason }));
    });
    this.#socket.addEventListener('error', () => {}); // 'close' follows
    this.#socket.addEventListener('message', ({ data }) => this.#receive(new Uint8Array(data)));
  }

  get isIn(): boolean {
    return this.#handshake.phase === 'done';
  }

  send(message: Exclude<ClientMessage, { type: 'oversizedCutText' }>): void {
    this.sendBytes(encodeClientMessage(message));
  }

  sendBytes(bytes: Uint8Array<ArrayBuffer>): void {
    this.#socket.send(bytes);
  }

  key(keysym: number): void {
    for (const down of [true, false]) this.send({ type: 'keyEvent', keysym, down });
  }

  type(text: string): void {
    for (const character of text) {
      const code = character.codePointAt(0) ?? 0;
      // X keysyms: Latin-1 as it is, control keys by their own numbers, the rest of Unicode above 0x01000000.
      this.key(character === '\n' ? 0xff0d : code < 0x100 ? code : 0x0100_0000 + code);
    }
  }

  pointer(x: number, y: number, buttonMask = 0): void {
    this.send({ type: 'pointerEvent', x, y, buttonMask });
  }

  requestAll(incremental = true): void {
    const { width, height } = this.framebuffer;
    this.send({ type: 'framebufferUpdateRequest', incremental, rect: { x: 0, y: 0, width, height } });
  }

  heard<T extends ServerMessage['type']>(type: T): Extract<ServerMessage, { type: T }>[] {
    return this.messages.filter((message): message is Extract<ServerMessage, { type: T }> => message.type === type);
  }

  [Symbol.dispose](): void {
    this.#socket.close();
    this.#isDisposed = true;
    this.#decoder[Symbol.dispose]();
  }

  #receive(bytes: Uint8Array): void {
    if (this.#isDisposed) return;
    this.receivedBytes += bytes.length;
    this.#queue.push(bytes);
    while (this.isIn ? this.#readMessage() : this.#shakeHands());
  }

  #shakeHands(): boolean {
    const step = stepClientHandshake(this.#handshake, this.#queue.bytes());
    if (step === undefined) return false;
    this.#handshake = step.state;
    this.#queue.consume(step.length);
    if (step.send.length > 0) this.sendBytes(step.send.slice());
    if (step.state.phase === 'done') this.#begin(step.state.init);
    return true;
  }

  #begin({ width, height, name }: { width: number; height: number; name: string }): void {
    this.framebuffer = createFramebuffer(width, height);
    this.name = name;
    if (this.#options.format !== undefined) this.send({ type: 'setPixelFormat', format: this.#options.format });
    this.send({ type: 'setEncodings', encodings: this.#options.encodings ?? usualEncodings });
    if (this.#options.isWatching !== false) this.requestAll(false);
  }

  #readMessage(): boolean {
    const result = readServerMessage(this.#queue.bytes(), this.#state, {
      format: this.#options.format ?? bgrx8888,
      maxCutTextBytes: 1 << 24,
      maxRectBytes: 1 << 27,
    });
    if (result === undefined) return false;
    this.#state = result.state;
    this.#take(result.message);
    this.#queue.consume(result.length);
    return true;
  }

  #take(message: ServerMessage): void {
    if (message.type === 'pixels') {
      this.#updated.push(message.rect);
      if (this.#options.isDecoding === false) return;
      return this.#decoder.decode(this.framebuffer, message, this.#options.format ?? bgrx8888);
    }
    if (message.type === 'updateBegin') return;
    if (message.type === 'updateEnd') {
      this.updates++;
      this.#options.onUpdate?.(this.#updated.splice(0));
      if (this.#options.isWatching !== false) this.requestAll();
      return;
    }
    if (message.type === 'serverFence') {
      if ((message.flags & FenceFlag.request) === 0) return;
      return this.send({ type: 'clientFence', flags: message.flags & 3, payload: message.payload });
    }
    const isSize = message.type === 'desktopSize' || message.type === 'extendedDesktopSize';
    const isFirstOffer = message.type === 'endOfContinuousUpdates' && this.heard(message.type).length === 0;
    if (isFirstOffer && this.#options.isContinuous === true) this.#startContinuous();
    if (isSize && (message.type === 'desktopSize' || message.status === 0)) this.#resize(message.width, message.height);
    this.messages.push(message);
  }

  #resize(width: number, height: number): void {
    if (width === this.framebuffer.width && height === this.framebuffer.height) return;
    this.framebuffer = createFramebuffer(width, height);
    if (this.#options.isWatching !== false) this.requestAll(false);
    if (this.#options.isContinuous === true) this.#startContinuous();
  }

  #startContinuous(): void {
    const { width, height } = this.framebuffer;
    this.send({ type: 'enableContinuousUpdates', enable: true, rect: { x: 0, y: 0, width, height } });
  }
}

/** Number of pixels in which a viewer's picture differs from the X server's; Infinity while the sizes differ. */
export async function differingPixels(
  display: TestDisplay,
  viewer: RfbViewer,
  same: (wanted: number, seen: number) => boolean = (wanted, seen) => wanted === seen,
): Promise<number> {
  const wanted = await display.pixels();
  const { width, height, words } = viewer.framebuffer;
  if (wanted.width !== width || wanted.height !== height) return Infinity;
  let count = 0;
  for (let i = 0; i < words.length; i++) if (!same(wanted.words[i] ?? 0, words[i] ?? 0)) count++;
  return count;
}

/** Waits until a viewer shows exactly what the X server has. */
export async function untilExact(display: TestDisplay, viewer: RfbViewer): Promise<void> {
  let last = Infinity;
  await until(
    async () => {
      last = await differingPixels(display, viewer);
      return last === 0;
    },
    () => `${last} pixels differ after ${viewer.updates} updates\n${display.log}`,
  );
}
