import { plainLine } from '@bhatti/base/bytes.ts';
import { CodedError } from '@bhatti/base/errors.ts';
import { abortReason } from '@bhatti/base/operation.ts';

import type { CdpConnection, CdpEvent, CdpObject } from './connection.ts';
import { at, numberAt, textAt } from './json.ts';

/** A WebSocket as this file needs it: Bun, Node from version 22 and browsers have it. */
interface Socket {
  addEventListener(type: 'open' | 'close' | 'error', listener: () => void): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
  send(text: string): void;
  close(): void;
}

// Types for code that runs anywhere know no WebSocket; the host has one.
declare const WebSocket: new (url: string) => Socket;

export interface CdpSocketOptions {
  readonly signal?: AbortSignal;
  /** The host's own without it. */
  readonly WebSocket?: new (url: string) => Socket;
}

interface Pending {
  readonly method: string;
  readonly resolve: (result: CdpObject) => void;
  readonly reject: (error: unknown) => void;
}

/** Connects to a browser by its `webSocketDebuggerUrl`, `ws://HOST:PORT/devtools/browser/ID`, which `http://HOST:PORT/json/version` tells. */
export async function openCdpSocket(url: string, options: CdpSocketOptions = {}): Promise<CdpConnection> {
  const socket = new (options.WebSocket ?? WebSocket)(url);
  const pending = new Map<number, Pending>();
  const listeners = new Set<(event: CdpEvent) => void>();
  let lastId = 0;
  let isClosed = false;

  const lost = () => new CodedError('CONNECTION_LOST', `connection to the browser at "${url}" lost`, { peer: url });
  const end = () => {
    isClosed = true;
    for (const { reject } of pending.values()) reject(lost());
    pending.clear();
  };
  socket.addEventListener('close', end);
  socket.addEventListener('message', ({ data }) => {
    const message = parse(data);
    const id = numberAt(message, 'id');
    if (id === undefined) {
      const method = textAt(message, 'method');
      const event = {
        method: method ?? '',
        params: objectAt(message, 'params'),
        sessionId: textAt(message, 'sessionId'),
      };
      if (method !== undefined) for (const listener of listeners) listener(event);
      return;
    }
    const call = pending.get(id);
    pending.delete(id);
    if (at(message, 'error') === undefined) call?.resolve(objectAt(message, 'result'));
    else call?.reject(refusal(call.method, message));
  });
  await opened(socket, options.signal, lost);

  return {
    send(method, params = {}, sessionId) {
      if (isClosed) return Promise.reject(lost());
      const id = ++lastId;
      return new Promise((resolve, reject) => {
        pending.set(id, { method, resolve, reject });
        socket.send(JSON.stringify({ id, method, params, ...(sessionId === undefined ? {} : { sessionId }) }));
      });
    },
    onEvent(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close: () => socket.close(),
  };
}

function opened(socket: Socket, signal: AbortSignal | undefined, lost: () => CodedError): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      socket.close();
      if (signal !== undefined) reject(abortReason(signal));
    };
    if (signal?.aborted === true) return abort();
    signal?.addEventListener('abort', abort, { once: true });
    socket.addEventListener('open', () => {
      signal?.removeEventListener('abort', abort);
      resolve();
    });
    // What went wrong is not told to programs; that it did is.
    socket.addEventListener('error', () => reject(lost()));
    socket.addEventListener('close', () => reject(lost()));
  });
}

function parse(data: unknown): unknown {
  if (typeof data !== 'string') return undefined;
  try {
    return JSON.parse(data);
  } catch {
    // Not JSON: as a message that is none, it answers nothing and is no event.
    return undefined;
  }
}

function objectAt(message: unknown, name: string): CdpObject {
  const found = at(message, name);
  // SAFETY: an object has string keys and values of a type that nobody relies on.
  return typeof found === 'object' && found !== null ? (found as CdpObject) : {};
}

function refusal(method: string, message: unknown): CodedError<'PROTOCOL_VIOLATION'> {
  const why = plainLine(textAt(message, 'error', 'message') ?? 'no reason given', 500);
  return new CodedError('PROTOCOL_VIOLATION', `the browser refused ${method}: ${why}`, { peer: 'browser' });
}
