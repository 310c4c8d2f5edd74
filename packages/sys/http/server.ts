import { CodedError } from '@bhatti/base/errors.ts';
import { rmSync } from 'node:fs';

/** Where a server listens. A unix socket that exists already is replaced: it belongs to a process that is gone. */
export type ListenAddress =
  | { readonly host: string; readonly port: number; readonly ipv6Only?: boolean }
  /** `umask` is taken away while the socket is made, so that nobody else can connect even for a moment. */
  | { readonly path: string; readonly umask: number };

/** One accepted WebSocket, as its owner sees it. */
export interface WebSocketLink {
  /** Sends one binary message; what the network does not take yet is kept, see `bufferedBytes`. Does nothing after the close. */
  send(bytes: Uint8Array): void;
  /** Bytes that were sent and that the kernel did not take yet. */
  bufferedBytes(): number;
  close(code: number, reason: string): void;
  /** Drops the connection without a word: for peers that do not read any more. */
  terminate(): void;
}

/** What the owner of a WebSocket hears. Text messages arrive as their UTF-8 bytes: no protocol here uses text. */
export interface WebSocketEvents {
  onOpen(link: WebSocketLink): void;
  onMessage(bytes: Uint8Array): void;
  /** The kernel took everything that was buffered. */
  onDrain(): void;
  /** Comes exactly once, for every WebSocket that was opened. */
  onClose(code: number, reason: string): void;
}

export interface HttpExchange {
  readonly request: Request;
  /** Address of the peer; empty on a unix socket. */
  readonly peerAddress: string;
  /** Lifts the time limit of this request: for callers who are known, and who may wait as long as they asked for. */
  allowLongAnswer(): void;
  /** Turns the request into a WebSocket; false when it is not an upgrade request. The answer to return is then undefined. */
  upgrade(events: WebSocketEvents, headers: Readonly<Record<string, string>>): boolean;
}

export interface HttpServerOptions {
  readonly listen: ListenAddress;
  /** Answers a request; undefined after an upgrade. A throw becomes a bare 500. */
  readonly answer: (exchange: HttpExchange) => Promise<Response | undefined> | Response | undefined;
  readonly maxBodyBytes: number;
  readonly maxMessageBytes: number;
}

export interface HttpServer extends AsyncDisposable {
  /** The port that is listened on; 0 for a unix socket. */
  readonly port: number;
}

interface Attached {
  readonly events: WebSocketEvents;
}

const silentPeerSeconds = 120; // pings go out before this; a peer that answers none of them is gone

// Bun ends what takes longer than 10 s on a unix socket, and `timeout` of a request does nothing there. A peer on this machine does not vanish without a word, so it needs no limit.
// SAFETY: `idleTimeout` is heeded on a unix socket as well; the types do not know of it.
const withoutIdleLimit = { idleTimeout: 0 } as object;

/** An HTTP server with WebSockets: nothing is compressed, small writes leave at once, dead peers are found by pings. */
export function listenHttp(options: HttpServerOptions): HttpServer {
  const server = openServerWithUmask(options);
  return {
    port: server.port ?? 0,
    async [Symbol.asyncDispose]() {
      await server.stop(true);
      if ('path' in options.listen) rmSync(options.listen.path, { force: true });
    },
  };
}

function openServerWithUmask(options: HttpServerOptions) {
  if (!('path' in options.listen)) return openServer(options);
  const before = process.umask(options.listen.umask);
  try {
    return openServer(options);
  } finally {
    process.umask(before);
  }
}

function openServer(options: HttpServerOptions) {
  const { listen } = options;
  if ('path' in listen) rmSync(listen.path, { force: true });
  try {
    return Bun.serve<Attached, never>({
      ...('path' in listen
        ? { unix: listen.path, ...withoutIdleLimit }
        : {
            hostname: listen.host,
            port: listen.port,
            ipv6Only: listen.ipv6Only ?? false,
            idleTimeout: silentPeerSeconds,
          }),
      development: false,
      maxRequestBodySize: options.maxBodyBytes,
      fetch: async (request, server) =>
        options.answer({
          request,
          peerAddress: server.requestIP(request)?.address ?? '',
          allowLongAnswer: () => server.timeout(request, 0),
          upgrade: (events, headers) => server.upgrade(request, { data: { events }, headers }),
        }),
      error: (error) => {
        console.error(`request failed: ${error.stack ?? error.message}`);
        return new Response('internal error\n', { status: 500 });
      },
      websocket: {
        perMessageDeflate: false,
        maxPayloadLength: options.maxMessageBytes,
        // The owner looks at `bufferedBytes` and stops sending; this is only the wall behind it.
        backpressureLimit: 256 * 1024 * 1024,
        idleTimeout: silentPeerSeconds,
        sendPings: true,
        open: (socket) => socket.data.events.onOpen(linkOf(socket)),
        message: (socket, message) =>
          socket.data.events.onMessage(typeof message === 'string' ? new TextEncoder().encode(message) : message),
        drain: (socket) => socket.data.events.onDrain(),
        close: (socket, code, reason) => socket.data.events.onClose(code, reason),
      },
    });
  } catch (error) {
    const where = 'path' in listen ? listen.path : `${listen.host}:${listen.port}`;
    throw new CodedError(
      'HOST_UNSUPPORTED',
      `cannot listen on ${where}: ${error instanceof Error ? error.message : String(error)}`,
      { needs: `a free address ${where}` },
      { cause: error },
    );
  }
}

function linkOf(socket: Bun.ServerWebSocket<Attached>): WebSocketLink {
  return {
    send: (bytes) => {
      // SAFETY: the types allow a view of shared memory, which callers of this interface do not have; the bytes are copied before this returns.
      socket.sendBinary(bytes as Uint8Array<ArrayBuffer>);
    },
    bufferedBytes: () => socket.getBufferedAmount(),
    close: (code, reason) => socket.close(code, reason),
    terminate: () => socket.terminate(),
  };
}
