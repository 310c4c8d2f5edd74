import { rmSync } from 'node:fs';

/** One WebSocket of a unix-socket server. */
export interface UnixWebSocket {
  /** Resolves when the peer's kernel has room for more: sending is reading's brake. False when the socket is gone. */
  send(message: string | Uint8Array): Promise<boolean>;
  close(code: number, reason: string): void;
}

/** What the owner of one WebSocket hears, in this order: messages, then exactly one close. */
export interface UnixWebSocketEvents {
  onOpen(socket: UnixWebSocket): void;
  onMessage(message: string | Uint8Array): void;
  onClose(): void;
}

export interface UnixServerOptions {
  /** A file at this path is replaced: it was left by a process that is gone. */
  readonly path: string;
  /** Permission bits that are taken away while the socket is made, so that nobody else can connect even for a moment. */
  readonly umask: number;
  readonly maxBodyBytes: number;
  readonly maxMessageBytes: number;
  /** Answers a request. `upgrade` turns it into a WebSocket (false when it asks for none); the answer is then undefined. */
  readonly answer: (
    request: Request,
    upgrade: (events: UnixWebSocketEvents, headers?: Readonly<Record<string, string>>) => boolean,
  ) => Promise<Response | undefined> | Response | undefined;
}

const noIdleTimeout = { idleTimeout: 0 };

interface Attached {
  readonly events: UnixWebSocketEvents;
  readonly waiting: Set<() => void>;
}

/** HTTP and WebSocket on a unix socket, for programs of one machine: no compression, no idle limit, text and binary messages told apart. */
export function listenUnixHttp(options: UnixServerOptions): { stop(): Promise<void> } {
  rmSync(options.path, { force: true });
  const before = process.umask(options.umask);
  try {
    const server = Bun.serve<Attached, never>({
      // WHY: the types know no time-out for unix sockets, but there is one: 10 s, less than a command may be silent.
      ...(noIdleTimeout as object),
      unix: options.path,
      development: false,
      maxRequestBodySize: options.maxBodyBytes,
      fetch: async (request, own) =>
        options.answer(request, (events, headers = {}) =>
          own.upgrade(request, { headers, data: { events, waiting: new Set() } }),
        ),
      error: (error) => {
        console.error(`request failed: ${error.stack ?? error.message}`);
        return new Response('internal error\n', { status: 500 });
      },
      websocket: {
        perMessageDeflate: false,
        maxPayloadLength: options.maxMessageBytes,
        idleTimeout: 0,
        open: (socket) => socket.data.events.onOpen(socketOf(socket)),
        message: (socket, message) => socket.data.events.onMessage(message),
        drain: (socket) => wakeAll(socket.data.waiting),
        close: (socket) => {
          wakeAll(socket.data.waiting);
          socket.data.events.onClose();
        },
      },
    });
    return { stop: () => server.stop(true) };
  } finally {
    process.umask(before);
  }
}

function socketOf(socket: Bun.ServerWebSocket<Attached>): UnixWebSocket {
  return {
    async send(message) {
      if (socket.readyState !== 1) return false;
      const status =
        typeof message === 'string'
          ? socket.sendText(message)
          : // SAFETY: the types allow a view of shared memory, which callers of this interface do not have; the bytes are copied before this returns.
            socket.sendBinary(message as Uint8Array<ArrayBuffer>);
      if (status === -1) await new Promise<void>((resolve) => socket.data.waiting.add(resolve));
      return socket.readyState === 1;
    },
    close: (code, reason) => socket.close(code, reason),
  };
}

function wakeAll(waiting: Set<() => void>): void {
  const resolves = [...waiting];
  waiting.clear();
  for (const resolve of resolves) resolve();
}
