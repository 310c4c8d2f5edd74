import { describe } from '@bhatti/base/errors.ts';
import { announce } from '@bhatti/base/log.ts';
import { ByteQueue } from '@bhatti/rfb/byte-queue.ts';
import { startClientHandshake, stepClientHandshake } from '@bhatti/rfb/client-handshake.ts';
import type { ClientMessage } from '@bhatti/rfb/client-message.ts';
import { encodeClientMessage } from '@bhatti/rfb/client-writer.ts';
import { clipboardCaps } from '@bhatti/rfb/clipboard.ts';
import { Encoding, PseudoEncoding } from '@bhatti/rfb/numbers.ts';
import type { PixelFormat } from '@bhatti/rfb/pixel-format.ts';
import type { ServerMessage } from '@bhatti/rfb/server-message.ts';
import { betweenUpdates, readServerMessage } from '@bhatti/rfb/server-reader.ts';
import { connect, type Socket } from 'node:net';

type SentMessage = Exclude<ClientMessage, { type: 'oversizedCutText' }>;

/**
 * Our connection to the X server's own RFB, on its private socket. It knows keysyms, AltGr, the keyboard's lights, the clipboard and resizing; pixels are taken from X itself. The X server answers
 * some things only as part of an update, so one request, for a single pixel, is always outstanding.
 */
export interface XRfbConnection extends Disposable {
  send(message: SentMessage): void;
  /** Begins the conversation. `onMessage` hears everything that the X server says, except that an update begins or ends. Call it once. */
  start(onMessage: (message: ServerMessage) => void): void;
  readonly closed: Promise<void>;
}

const spoken = [
  Encoding.raw,
  PseudoEncoding.desktopSize,
  PseudoEncoding.extendedDesktopSize,
  PseudoEncoding.qemuExtendedKeyEvent,
  PseudoEncoding.qemuLedState,
  PseudoEncoding.extendedClipboard,
];
const onePixel = {
  type: 'framebufferUpdateRequest',
  incremental: true,
  rect: { x: 0, y: 0, width: 1, height: 1 },
} as const;

/** Resolves when the handshake is done. Rejects with what the socket or the X server said. */
export async function openXRfb(path: string, options: { readonly maxCutTextBytes: number }): Promise<XRfbConnection> {
  const socket = connect(path);
  const queue = new ByteQueue();
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  const format = await shakeHands(socket, queue);
  const send = (message: SentMessage) => void socket.write(encodeClientMessage(message));
  const readerOptions = { format, maxCutTextBytes: options.maxCutTextBytes, maxRectBytes: 4096 };

  return {
    send,
    start(onMessage) {
      let state = betweenUpdates;
      const readAll = () => {
        for (;;) {
          const result = readServerMessage(queue.bytes(), state, readerOptions);
          if (result === undefined) return;
          state = result.state;
          const { message } = result;
          if (message.type === 'updateEnd') send(onePixel);
          else if (message.type !== 'updateBegin') onMessage(message);
          queue.consume(result.length);
        }
      };
      socket.on('data', (chunk) => {
        queue.push(bytesOf(chunk));
        try {
          readAll();
        } catch (error) {
          // The X server speaks the protocol; if it does not, this connection is of no more use, and whoever waits for `closed` acts.
          announce('display:error', { xRfb: describe(error) });
          socket.destroy();
        }
      });
      socket.on('error', () => {}); // 'close' follows and tells whoever waits
      send({ type: 'setEncodings', encodings: spoken });
      // 0 bytes unasked: the X server then announces text, and hands it over when somebody wants it.
      send({ type: 'extendedClipboard', clipboard: clipboardCaps(0) });
      send(onePixel);
    },
    closed,
    [Symbol.dispose]: () => void socket.destroy(),
  };
}

function shakeHands(socket: Socket, queue: ByteQueue): Promise<PixelFormat> {
  return new Promise((resolve, reject) => {
    let state = startClientHandshake();
    const finish = (settle: () => void) => {
      socket.removeAllListeners('data');
      socket.removeAllListeners('error');
      settle();
    };
    socket.on('error', (error) => finish(() => reject(error)));
    socket.once('close', () => reject(new Error('the X server closed its RFB socket')));
    socket.on('data', (chunk) => {
      queue.push(bytesOf(chunk));
      try {
        for (;;) {
          const step = stepClientHandshake(state, queue.bytes());
          if (step === undefined) break;
          state = step.state;
          queue.consume(step.length);
          if (step.send.length > 0) socket.write(step.send);
        }
      } catch (error) {
        finish(() => reject(error instanceof Error ? error : new Error(String(error))));
        socket.destroy();
        return;
      }
      const done = state.phase === 'done' ? state.init : undefined;
      if (done !== undefined) finish(() => resolve(done.format));
    });
  });
}

// No encoding was set on the socket, so strings never come; the types allow them.
function bytesOf(chunk: string | Uint8Array): Uint8Array {
  return typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
}
