/** What a call takes of an Operation: when to stop. An `AbortController` will do. */
export interface Caller {
  readonly signal: AbortSignal;
}

export interface ApiRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path and query, escaped. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | ReadableStream<Uint8Array>;
}

/** A reply as far as the client looks into it. A `Response` is one; on Node, where the first `Response` of a process costs 25 ms, a transport makes its own. */
export interface ApiReply {
  readonly ok: boolean;
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly body: AsyncIterable<Uint8Array> | null;
  text(): Promise<string>;
  arrayBuffer(): Promise<ArrayBuffer>;
}

/**
 * How bytes reach the daemon. The client's own speaks HTTP with the host's `fetch` and `WebSocket`; a program that needs a unix socket, or back-pressure on a stream,
 * brings its own.
 */
export interface Transport {
  /** URL or socket path, for messages. */
  readonly address: string;
  /** Rejects as `fetch` does. The reply's status is no failure. */
  request(caller: Caller, request: ApiRequest): Promise<ApiReply>;
  /** `first` is a text message that goes before all others: within the handshake where the transport can, else as soon as the socket is open. */
  openSocket(caller: Caller, path: string, first?: string): Promise<SocketOpening>;
}

/** A WebSocket as the client needs it. */
export interface MessageSocket {
  send(message: string | Uint8Array): void;
  /** Messages in order, taken one after the other; ends at a close in order, throws CONNECTION_LOST otherwise. */
  readonly messages: AsyncIterable<string | Uint8Array>;
  close(): void;
}

/** A server that refuses the upgrade says why in the body. */
export type SocketOpening =
  | { readonly kind: 'open'; readonly socket: MessageSocket }
  | { readonly kind: 'refused'; readonly status: number; readonly body: string };
