import { CodedError } from '@bhatti/base/errors.ts';
import { MessageQueue } from '@bhatti/base/message-queue.ts';

import type { SocketOpening, Transport } from './transport.ts';

export interface HttpOptions {
  /** `http://` or `https://`, without a path. */
  readonly url: string;
  /** API key, `bht_…`. */
  readonly token?: string;
  readonly fetch?: typeof globalThis.fetch;
  /** Constructor of the host's WebSocket. In a browser it cannot carry the key. */
  readonly WebSocket?: typeof globalThis.WebSocket;
}

/** The transport for every JavaScript host. Its WebSocket has no back-pressure, since the standard one has none. */
export function httpTransport(options: HttpOptions): Transport {
  const base = options.url.replace(/\/+$/, '');
  const authorization = options.token === undefined ? {} : { authorization: `Bearer ${options.token}` };
  const doFetch = options.fetch ?? globalThis.fetch;
  return {
    address: base,
    request(caller, { method, path, headers, body }) {
      return doFetch(base + path, {
        method,
        headers: { ...headers, ...authorization },
        signal: caller.signal,
        ...(body === undefined ? {} : { body }),
        ...(body instanceof ReadableStream ? { duplex: 'half' } : {}),
      });
    },
    async openSocket(_caller, path, first) {
      const opening = await openStandardSocket(
        options.WebSocket ?? globalThis.WebSocket,
        base.replace(/^http/, 'ws') + path,
        authorization,
        base,
      );
      if (opening.kind === 'open' && first !== undefined) opening.socket.send(first);
      return opening;
    },
  };
}

function openStandardSocket(
  Socket: typeof globalThis.WebSocket,
  url: string,
  headers: Record<string, string>,
  address: string,
): Promise<SocketOpening> {
  // Browsers know no second argument of this kind; a key there means a proxy in between that adds it.
  const socket = Object.keys(headers).length === 0 ? new Socket(url) : new Socket(url, { headers });
  socket.binaryType = 'arraybuffer';
  const messages = new MessageQueue<string | Uint8Array>();
  socket.addEventListener('message', ({ data }: MessageEvent<string | ArrayBuffer>) =>
    messages.put(typeof data === 'string' ? data : new Uint8Array(data)),
  );
  return new Promise((resolve, reject) => {
    socket.addEventListener('close', ({ wasClean }) => {
      const lost = new CodedError('CONNECTION_LOST', `connection to "${address}" lost`, { peer: address });
      if (wasClean) messages.end();
      else messages.fail(lost);
      reject(lost);
    });
    const close = () => {
      messages.end();
      socket.close(1000);
    };
    socket.addEventListener('open', () =>
      resolve({ kind: 'open', socket: { messages, send: (message) => socket.send(message), close } }),
    );
  });
}
