import { CodedError, hasCode } from '@bhatti/base/errors.ts';
import { startServerHandshake } from '@bhatti/rfb/server-handshake.ts';
import type { HttpExchange, HttpServer, ListenAddress, WebSocketEvents } from '@bhatti/sys/http/server.ts';
import { listenHttp } from '@bhatti/sys/http/server.ts';
import { pageTokenPattern } from '@bhatti/wire/display/lease.ts';
import { actionSession, maxBatchBytes, postActions } from '../action/action-api.ts';
import type { ActionSessions } from '../action/action-sessions.ts';
import type { ActionEngine } from '../action/engine.ts';
import { answerControl, errorResponse, type ControlledDesktop } from '../desktop/control-api.ts';
import { answerKasm, kasmApiChanges, type KasmSubject } from '../desktop/kasm-api.ts';
import { answerLease } from '../lease/lease-api.ts';
import type { InputLease } from '../lease/input-lease.ts';
import type { LeasePages } from '../lease/lease-pages.ts';
import type { Credential } from '../credentials/password-file.ts';
import { answerTrajectories, type TrajectoryParts } from '../trajectory/trajectory-api.ts';
import type { ViewerArrival } from '../viewer-session/viewer-session.ts';
import type { LoginGate } from './login-gate.ts';
import type { Page } from './page.ts';
import { requestTarget } from './request-target.ts';
import { checkRequestRules } from './request-rules.ts';

export interface DesktopServerParts {
  readonly listen: ListenAddress;
  readonly login: LoginGate;
  /** False with -DisableBasicAuth: everybody may see and act, and nobody may use the API. */
  readonly needsPassword: boolean;
  readonly page: Page;
  readonly trajectoryPage: Page;
  readonly kasm: KasmSubject;
  readonly actions: ActionEngine;
  readonly actionSessions: ActionSessions;
  readonly trajectories: TrajectoryParts;
  readonly lease: InputLease;
  readonly leasePages: LeasePages;
  readonly headers: readonly (readonly [string, string])[];
  /** A viewer that may come in; rejects when it may not. */
  admitViewer(arrival: ViewerArrival): Promise<WebSocketEvents>;
}

const maxBodyBytes = 4 * maxBatchBytes; // so that what is too large gets an answer that says so
const maxMessageBytes = 8 * 1024 * 1024; // above the largest clipboard that may be configured by default

const safetyHeaders: Readonly<Record<string, string>> = {
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
};
const everybody: Credential = { user: '', hash: '', rights: { read: true, write: true, owner: false } };

/** Everything on the desktop's one port: page, WebSocket and API, and the password before all three. */
export function listenDesktop(parts: DesktopServerParts): HttpServer {
  return listenHttp({
    listen: parts.listen,
    maxBodyBytes,
    maxMessageBytes,
    async answer(exchange) {
      const response = await answerOrRefuse(parts, exchange);
      if (response === undefined) return undefined;
      for (const [name, value] of [...Object.entries(safetyHeaders), ...parts.headers])
        response.headers.set(name, value);
      return response;
    },
  });
}

/** The control API without password, for programs that can reach its socket. */
export function listenControl(
  listen: ListenAddress,
  {
    desktop,
    actions,
    trajectories,
    lease,
  }: { readonly desktop: ControlledDesktop } & Pick<DesktopServerParts, 'actions' | 'trajectories' | 'lease'>,
): HttpServer {
  return listenHttp({
    listen,
    maxBodyBytes,
    maxMessageBytes,
    answer: async (exchange) => {
      const { request } = exchange;
      try {
        const { path } = requestTarget(request);
        if (path === '/actions') return await answerActions(actions, exchange);
        if (path === '/lease') return await answerLease(lease, request);
        return (
          (await answerControl(desktop, request, path)) ??
          (await answerTrajectories(trajectories, request, path)) ??
          notFound(path)
        );
      } catch (error) {
        return errorResponse(error);
      }
    },
  });
}

async function answerOrRefuse(parts: DesktopServerParts, exchange: HttpExchange): Promise<Response | undefined> {
  try {
    return await route(parts, exchange);
  } catch (error) {
    return refusal(error);
  }
}

async function route(parts: DesktopServerParts, exchange: HttpExchange): Promise<Response | undefined> {
  const { request, peerAddress } = exchange;
  const { path } = requestTarget(request);
  const apiPath = /^(?:\/.*)?\/api(\/.*)$/.exec(path)?.[1];
  // Without passwords nobody is an owner, so the API answers as it does to a wrong password: KasmVNC's clients know that.
  const needsLogin = parts.needsPassword || apiPath !== undefined;
  const credential = needsLogin
    ? await parts.login.check(request.headers.get('authorization'), peerAddress)
    : everybody;
  if (apiPath !== undefined) return answerApi(parts, { exchange, path: apiPath, credential });
  if (!credential.rights.read) throw forbidden('this user may not see the desktop');
  if (isUpgrade(request)) return openWebSocket(parts, exchange, credential);
  const page = path === '/trajectories' ? parts.trajectoryPage : parts.page;
  if (page === parts.page && path !== '/' && path !== '/index.html' && path !== '/vnc.html') return notFound(path);
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return new Response('405 Method Not Allowed\n', { status: 405, headers: { Allow: 'GET, HEAD' } });
  }
  return page.answer(request);
}

interface ApiCall {
  readonly exchange: HttpExchange;
  readonly path: string;
  readonly credential: Credential;
}

async function answerApi(
  parts: DesktopServerParts,
  { exchange, path, credential }: ApiCall,
): Promise<Response | undefined> {
  const { request } = exchange;
  exchange.allowLongAnswer();
  if (!credential.rights.owner) throw unauthenticated('this user may not use the API');
  const isRead = (request.method === 'GET' || request.method === 'HEAD') && !kasmApiChanges(path);
  checkRequestRules(request, isUpgrade(request) ? 'upgrade' : isRead ? 'reads' : 'changes');
  if (path === '/actions') {
    return answerActions(parts.actions, exchange, (session) => parts.actionSessions.watch(session, credential));
  }
  if (path === '/lease') return answerLease(parts.lease, request);
  return (
    (await answerControl(parts.kasm.desktop, request, path)) ??
    (await answerKasm(parts.kasm, request, path)) ??
    (await answerTrajectories(parts.trajectories, request, path)) ??
    notFound(path)
  );
}

async function answerActions(
  actions: ActionEngine,
  exchange: HttpExchange,
  watch: (session: WebSocketEvents) => WebSocketEvents = (session) => session,
): Promise<Response | undefined> {
  const { request } = exchange;
  if (isUpgrade(request)) {
    return exchange.upgrade(watch(actionSession(actions)), {})
      ? undefined
      : new Response('400 Bad Request\n', { status: 400 });
  }
  if (request.method === 'POST') {
    exchange.allowLongAnswer();
    return postActions(actions, request);
  }
  return new Response('405 Method Not Allowed\n', { status: 405, headers: { Allow: 'POST' } });
}

function isUpgrade(request: Request): boolean {
  return request.headers.get('upgrade')?.toLowerCase() === 'websocket';
}

async function openWebSocket(
  parts: DesktopServerParts,
  exchange: HttpExchange,
  credential: Credential,
): Promise<Response | undefined> {
  const { request } = exchange;
  checkRequestRules(request, 'upgrade');
  const { path, query } = requestTarget(request);
  const token = query.get('session');
  const events = path.endsWith('/lease')
    ? parts.leasePages.open(credential, token)
    : await parts.admitViewer({
        credential,
        peerAddress: exchange.peerAddress,
        begin: startServerHandshake(),
        pageToken: token !== null && pageTokenPattern.test(token) ? token : undefined,
      });
  const offered = (request.headers.get('sec-websocket-protocol') ?? '').split(',').map((word) => word.trim());
  // "base64", which very old clients offer, is not spoken; a client that offers nothing gets binary messages.
  const headers = { ...safetyHeaders, ...(offered.includes('binary') ? { 'Sec-WebSocket-Protocol': 'binary' } : {}) };
  if (exchange.upgrade(events, headers)) return undefined;
  return new Response('400 Bad Request\n', { status: 400 });
}

function refusal(error: unknown): Response {
  const response = errorResponse(error);
  if (hasCode(error, 'UNAUTHENTICATED')) {
    // Nothing about the desktop, and plain text for people whose browser shows it after "Cancel".
    return new Response('401 Unauthorized\n', {
      status: 401,
      headers: { 'WWW-Authenticate': 'Basic realm="desktop", charset="UTF-8"', 'Cache-Control': 'no-store' },
    });
  }
  if (hasCode(error, 'RATE_LIMITED')) {
    response.headers.set('Retry-After', String(Math.ceil(error.details.retryAfterMs / 1000)));
  }
  return response;
}

function notFound(path: string): Response {
  return errorResponse(new CodedError('NOT_FOUND', `nothing is at "${path.slice(0, 200)}"`, { path }));
}

function forbidden(reason: string): CodedError<'FORBIDDEN'> {
  return new CodedError('FORBIDDEN', `cannot show this desktop: ${reason}`, { reason });
}

function unauthenticated(why: string): CodedError<'UNAUTHENTICATED'> {
  return new CodedError('UNAUTHENTICATED', `cannot answer: ${why}`, {});
}
