import { abortReason } from '@bhatti/base/operation.ts';
import { openWebSocket, type WebSocketOpening, type WebSocketTarget } from '@bhatti/sys/net/websocket-client.ts';
import { firstMessageHeader, firstMessageTaken, tryEncodeFirstMessage } from '@bhatti/wire/agent/first-message.ts';

import type { Caller, SocketOpening } from '../../transport.ts';
import type { DaemonAddress } from '../node/target.ts';

/** A WebSocket on Bun's own sockets: those of its `node:net` drop what is still to be read when a write fails, and its `node:http` takes 14 ms to load. */
export async function openBunSocket(
  caller: Caller,
  address: DaemonAddress,
  { path, first }: { readonly path: string; readonly first: string | undefined },
): Promise<SocketOpening> {
  const offered = first === undefined ? undefined : tryEncodeFirstMessage(first);
  const target = targetOf(address, path);
  const headers = offered === undefined ? target.headers : { ...target.headers, [firstMessageHeader]: offered };
  const opening = await untilAborted(caller, openWebSocket({ ...target, headers }));
  if (opening.kind === 'open' && first !== undefined && opening.replyHeader(firstMessageHeader) !== firstMessageTaken)
    opening.socket.send(first);
  return opening;
}

/** Connecting itself cannot be stopped: what comes of it too late is closed. */
function untilAborted(caller: Caller, opening: Promise<WebSocketOpening>): Promise<WebSocketOpening> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(abortReason(caller.signal));
    caller.signal.addEventListener('abort', abort, { once: true });
    opening.then(
      (opened) => {
        caller.signal.removeEventListener('abort', abort);
        if (caller.signal.aborted && opened.kind === 'open') opened.socket.close();
        resolve(opened);
      },
      (error: unknown) => {
        caller.signal.removeEventListener('abort', abort);
        reject(error);
      },
    );
  });
}

function targetOf(address: DaemonAddress, path: string): WebSocketTarget {
  if (address.kind === 'socket') return { connect: { unix: address.path }, host: 'bhatti', path, headers: {} };
  const { url, token } = address;
  const tls = url.protocol === 'https:';
  return {
    connect: {
      hostname: url.hostname.replace(/^\[|\]$/g, ''),
      port: url.port === '' ? (tls ? 443 : 80) : Number(url.port),
      tls,
    },
    host: url.host,
    path,
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
  };
}
