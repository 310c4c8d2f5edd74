import { CodedError, toCodedError } from '@bhatti/base/errors.ts';
import { announce } from '@bhatti/base/log.ts';
import { createServer, type IncomingMessage, type Server, type ServerOptions, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Publisher } from '../publish/forward.ts';
import { errorPage } from '../publish/page.ts';
import { maxHeaderBytes } from '../relay/exchange.ts';
import type { ApiContext } from './context.ts';
import { dispatch, dispatchUpgrade, type Entrance } from './dispatch.ts';
import { destinationOf, hostName, type ServedHosts } from './request-rules.ts';

export interface ServerParts {
  readonly context: ApiContext;
  readonly publisher: Publisher;
  readonly served: ServedHosts;
  /** Host names for which something in front of this daemon speaks TLS. */
  readonly isSecureHost: (name: string) => boolean;
}

export type ServerKind =
  | { readonly transport: 'unix' | 'tcp' }
  | { readonly transport: 'tls'; readonly cert: Uint8Array; readonly key: Uint8Array };

/*
 * No time-outs but for the head of a request: an upload may take hours, a command may be silent for as long, a quiet WebSocket is a healthy one. Peers that are gone without a
 * word are found by TCP itself.
 */
const options: ServerOptions = {
  requestTimeout: 0,
  headersTimeout: 60_000,
  maxHeaderSize: maxHeaderBytes,
  noDelay: true,
};
const keepAliveMs = 75_000; // longer than clients keep theirs, so that it is the client who closes
const probeAfterMs = 60_000;

/** An HTTP server for the control API and, on TCP, the published ports; not yet listening. */
export function makeServer(parts: ServerParts, kind: ServerKind): Server {
  const answer = (asked: IncomingMessage, reply: ServerResponse) => void answerRequest(parts, kind, asked, reply);
  const server =
    kind.transport === 'tls'
      ? createTlsServer({ ...options, cert: Buffer.from(kind.cert), key: Buffer.from(kind.key) }, answer)
      : createServer(options, answer);
  server.keepAliveTimeout = keepAliveMs;
  server.timeout = 0;
  server.on('upgrade', (asked: IncomingMessage, socket: Duplex, head: Buffer) => {
    // A client that vanishes in the middle is no error of ours.
    socket.on('error', () => socket.destroy());
    void answerUpgrade(parts, kind, { asked, socket, head });
  });
  server.on('clientError', (_error: Error, socket: Duplex) => {
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
  });
  if (kind.transport !== 'unix') server.on('connection', (socket: Socket) => socket.setKeepAlive(true, probeAfterMs));
  return server;
}

async function answerRequest(
  parts: ServerParts,
  kind: ServerKind,
  asked: IncomingMessage,
  reply: ServerResponse,
): Promise<void> {
  if (kind.transport === 'unix') return dispatch(parts.context, { transport: 'unix', scheme: 'http' }, asked, reply);
  try {
    const entrance = entranceOf(parts, kind, asked);
    const destination = destinationOf(asked.rawHeaders, parts.served);
    if (destination.kind === 'api') return await dispatch(parts.context, entrance, asked, reply);
    await parts.publisher.answer(asked, reply, {
      alias: destination.alias,
      host: asked.headers.host ?? '',
      peerAddress: asked.socket.remoteAddress ?? '',
      scheme: entrance.scheme,
    });
  } catch (error) {
    const { status, headers, body } = errorPage(reported(error), asked.headers.accept);
    if (reply.headersSent) reply.destroy();
    else reply.writeHead(status, headers).end(body);
  }
}

async function answerUpgrade(
  parts: ServerParts,
  kind: ServerKind,
  upgrade: { asked: IncomingMessage; socket: Duplex; head: Uint8Array },
): Promise<void> {
  const { asked, socket } = upgrade;
  if (kind.transport === 'unix') return dispatchUpgrade(parts.context, { transport: 'unix', scheme: 'http' }, upgrade);
  try {
    const entrance = entranceOf(parts, kind, asked);
    const destination = destinationOf(asked.rawHeaders, parts.served);
    if (destination.kind === 'api') return await dispatchUpgrade(parts.context, entrance, upgrade);
    await parts.publisher.answerUpgrade(upgrade, {
      alias: destination.alias,
      host: asked.headers.host ?? '',
      peerAddress: asked.socket.remoteAddress ?? '',
      scheme: entrance.scheme,
    });
  } catch (error) {
    const { spec, message } = reported(error);
    socket.end(
      `HTTP/1.1 ${spec.http} Refused\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(message)}\r\nConnection: close\r\n\r\n${message}`,
    );
  }
}

function entranceOf(parts: ServerParts, kind: ServerKind, asked: IncomingMessage): Entrance {
  const isSecure = kind.transport === 'tls' || parts.isSecureHost(hostName(asked.headers.host ?? '') ?? '');
  return { transport: 'tcp', scheme: isSecure ? 'https' : 'http' };
}

function reported(error: unknown): CodedError {
  const coded = toCodedError(error);
  if (coded.code === 'INTERNAL') announce('daemon:error', { error: coded.message });
  return coded;
}
