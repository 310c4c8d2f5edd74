import { CodedError, toCodedError } from '@bhatti/base/errors.ts';
import { announce } from '@bhatti/base/log.ts';
import { startOperation } from '@bhatti/base/operation.ts';
import { STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http';
import type { UpgradeRequest } from '../relay/upgrade.ts';
import { localCaller, type Caller } from '../sandbox/registry.ts';
import type { UserLimits } from '../store/users.ts';
import { authenticate } from './auth.ts';
import { errorDocument } from './compat.ts';
import type { ApiContext } from './context.ts';
import { commonHeaders } from './exchange.ts';
import { checkOrigin } from './request-rules.ts';
import { routes, upgradeRoutes } from './route-table.ts';
import { routerOf } from './route.ts';

/** How a request came in. */
export interface Entrance {
  readonly transport: 'unix' | 'tcp';
  readonly scheme: 'http' | 'https';
}

const findRoute = routerOf(routes);
const findUpgrade = routerOf(upgradeRoutes);

/** The one funnel of the control API: rules, key, route, end of the operation when the client leaves, errors, log. It never rejects. */
export async function dispatch(
  context: ApiContext,
  entrance: Entrance,
  asked: IncomingMessage,
  reply: ServerResponse,
): Promise<void> {
  const startedAt = performance.now();
  const left = new AbortController();
  using op = startOperation({ signal: left.signal });
  reply.once('close', () => {
    if (!reply.writableFinished) left.abort(new CodedError('ABORTED', 'the client went away', { by: 'client' }));
  });
  for (const [name, value] of Object.entries(commonHeaders)) reply.setHeader(name, value);
  try {
    const { pathname, query } = target(asked);
    const method = asked.method ?? 'GET';
    const match = findRoute(method, pathname);
    if (entrance.transport === 'tcp')
      checkOrigin({
        method,
        headers: asked.headers,
        scheme: entrance.scheme,
        isUpgrade: false,
        mayChange: match?.route.mayChange === true,
      });
    const who = match?.route.isPublic === true ? anyone : identify(context, entrance, asked);
    if (match === undefined) throw notFound(method, pathname);
    await match.route.answer(context, {
      op,
      asked,
      reply,
      ...who,
      params: match.params,
      query,
      transport: entrance.transport,
    });
    announce('daemon:request', logOf(asked, reply.statusCode, startedAt));
  } catch (error) {
    const coded = toCodedError(error);
    sendError(asked, reply, coded);
    announce('daemon:request', { ...logOf(asked, coded.spec.http, startedAt), error: coded.message });
  }
}

/** The same for a request to leave HTTP. */
export async function dispatchUpgrade(context: ApiContext, entrance: Entrance, upgrade: UpgradeRequest): Promise<void> {
  const startedAt = performance.now();
  const { asked, socket } = upgrade;
  const left = new AbortController();
  using op = startOperation({ signal: left.signal });
  socket.once('close', () => left.abort(new CodedError('ABORTED', 'the client went away', { by: 'client' })));
  try {
    const { pathname, query } = target(asked);
    const isUpgrade = true;
    const method = asked.method ?? 'GET';
    if (entrance.transport === 'tcp')
      checkOrigin({ method, headers: asked.headers, scheme: entrance.scheme, isUpgrade, mayChange: true });
    const who = identify(context, entrance, asked);
    const match = findUpgrade(method, pathname);
    if (match === undefined) throw notFound(`upgrade ${method}`, pathname);
    const { params } = match;
    const { transport } = entrance;
    await match.route.answer(context, { op, asked, ...who, params, query, transport, upgrade });
    announce('daemon:request', logOf(asked, 101, startedAt));
  } catch (error) {
    const coded = toCodedError(error);
    const body = JSON.stringify(errorDocument(coded));
    const { http } = coded.spec;
    if (socket.writable)
      socket.end(
        `HTTP/1.1 ${http} ${STATUS_CODES[http] ?? 'Refused'}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
      );
    announce('daemon:request', { ...logOf(asked, http, startedAt), error: coded.message });
  }
}

const anyone = { caller: { owner: '', isAdmin: false }, limits: undefined };

/** Who comes through the unix socket was let in by its permissions. */
function identify(
  context: ApiContext,
  { transport }: Entrance,
  asked: IncomingMessage,
): { caller: Caller; limits: UserLimits | undefined } {
  if (transport === 'unix') return { caller: localCaller, limits: undefined };
  const user = authenticate(asked.headers, context.parts.store.users);
  return { caller: { owner: user.id, isAdmin: false }, limits: user };
}

function target(asked: IncomingMessage): { pathname: string; query: URLSearchParams } {
  const url = asked.url ?? '/';
  const mark = url.indexOf('?');
  return mark === -1
    ? { pathname: url, query: new URLSearchParams() }
    : { pathname: url.slice(0, mark), query: new URLSearchParams(url.slice(mark + 1)) };
}

function sendError(asked: IncomingMessage, reply: ServerResponse, error: CodedError): void {
  // Half a reply has gone out: breaking it off is the only way to say that it is not whole.
  if (reply.headersSent) return void reply.destroy();
  const body = JSON.stringify(errorDocument(error));
  reply.removeHeader('content-length');
  // What is left of a body that nobody will read must not be taken for the next request, nor be waited for.
  if (!asked.complete) reply.setHeader('connection', 'close');
  if (error.code === 'UNAUTHENTICATED') reply.setHeader('www-authenticate', 'Bearer realm="bhatti"');
  reply.writeHead(error.spec.http, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  });
  reply.end(asked.method === 'HEAD' ? undefined : body);
}

function logOf(asked: IncomingMessage, status: number, startedAt: number) {
  const path = (asked.url ?? '').split('?', 1)[0] ?? '';
  return { method: asked.method, path, status, ms: Math.round((performance.now() - startedAt) * 10) / 10 };
}

function notFound(method: string, path: string): CodedError {
  return new CodedError('NOT_FOUND', `nothing is at "${method} ${path}"`, { path });
}
