/** Whatever a browser sends: read it with `json.ts`. */
export type CdpObject = Readonly<Record<string, unknown>>;

export interface CdpEvent {
  readonly method: string;
  readonly params: CdpObject;
  /** Of the target that it comes from; undefined when it is the browser's own. */
  readonly sessionId: string | undefined;
}

/** The Chrome DevTools Protocol to one browser, with flat sessions. `openCdpSocket` is one over a WebSocket. */
export interface CdpConnection {
  /** Rejects with PROTOCOL_VIOLATION when the browser refuses, with CONNECTION_LOST when it vanishes. */
  send(method: string, params?: CdpObject, sessionId?: string): Promise<CdpObject>;
  /** Every event, in order, until the returned function is called. */
  onEvent(listener: (event: CdpEvent) => void): () => void;
  close(): void;
}
