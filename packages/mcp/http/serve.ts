import { CodedError, toCodedError } from '@bhatti/base/errors.ts';
import { listenHttp } from '@bhatti/sys/http/server.ts';
import { encodeError } from '@bhatti/wire/error.ts';

import { maxMessageBytes } from '../limits.ts';
import { toolsOf } from '../tool-table.ts';
import type { ToolContext } from '../tool.ts';
import { untilSignal } from '../until-signal.ts';
import { inUrl, type HttpAddress } from './address.ts';
import { checkRequest } from './gate.ts';
import { Sessions } from './sessions.ts';

export interface HttpWish {
  readonly address: HttpAddress;
  /** Names that the server is called by beside its address. */
  readonly names: readonly string[];
  readonly token: string;
  /** It listens. */
  readonly onListening: (url: string) => Promise<void>;
}

const path = '/mcp';

/** Serves any number of clients by streamable HTTP until a signal comes. */
export async function serveHttp(context: ToolContext, wish: HttpWish): Promise<void> {
  const { address, names, token } = wish;
  const signal = untilSignal();
  await using sessions = new Sessions(context, toolsOf(context));
  await using server = listenHttp({
    listen: address,
    maxBodyBytes: maxMessageBytes,
    maxMessageBytes: 1024, // no WebSocket is served
    async answer(exchange) {
      try {
        const { request } = exchange;
        checkRequest({ host: address.host, names, token }, request.headers);
        if (new URL(request.url).pathname !== path) throw notHere(request.url);
        exchange.allowLongAnswer();
        return await sessions.answer(request);
      } catch (thrown) {
        return refusal(toCodedError(thrown));
      }
    },
  });
  await wish.onListening(`http://${inUrl(address.host)}:${server.port}${path}`);
  await signal;
}

function notHere(url: string): CodedError {
  const asked = new URL(url).pathname;
  return new CodedError('NOT_FOUND', `nothing is at "${asked}": MCP is at "${path}"`, { path: asked });
}

function refusal(error: CodedError): Response {
  if (error.code === 'INTERNAL') console.error('request failed:', error.cause);
  const headers: Record<string, string> = error.code === 'UNAUTHENTICATED' ? { 'www-authenticate': 'Bearer' } : {};
  return Response.json(encodeError(error), { status: error.spec.http, headers });
}
