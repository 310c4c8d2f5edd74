import { CodedError, describe } from '@bhatti/base/errors.ts';
import { request, type Agent, type IncomingMessage, type ServerResponse } from 'node:http';
import { endToEnd, valuesOf, type RawHeaders } from './headers.ts';

/**
 * Connections to where a request goes. `kept` ones may have died unseen, which is found out only by using them; what must not be sent twice goes over a `fresh` one.
 */
export interface OnwardPools {
  readonly kept: Agent;
  readonly fresh: Agent;
}

/** Where a request goes on to, and as what. */
export interface Onward {
  readonly pools: OnwardPools;
  readonly path: string;
  /** Complete, but for those about the body's length. */
  readonly headers: RawHeaders;
  /** Header names of the reply that do not come back, in lower case. */
  readonly dropFromReply?: readonly string[];
}

/**
 * Passes one HTTP exchange on: body and reply stream at the pace of the slower side, nothing is collected. Resolves when the reply has gone out or the client has gone away;
 * throws CONNECTION_LOST, or what the pool threw, while nothing of a reply has been sent yet.
 */
export async function passExchange(asked: IncomingMessage, reply: ServerResponse, onward: Onward): Promise<void> {
  const answer = await firstAnswer(asked, reply, onward);
  if (answer !== undefined) await passReply(answer, reply, onward);
}

async function firstAnswer(
  asked: IncomingMessage,
  reply: ServerResponse,
  onward: Onward,
): Promise<IncomingMessage | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await attemptExchange(asked, reply, onward);
    if (outcome.kind === 'answered') return outcome.answer;
    if (outcome.kind === 'left') return undefined;
    // A kept connection may close in the moment in which it is used. Only then, and only where asking twice changes nothing, the request is sent again.
    if (outcome.wasReused && attempt <= maxAttempts && isRepeatable(asked)) continue;
    if (outcome.error instanceof CodedError) throw outcome.error;
    throw new CodedError(
      'CONNECTION_LOST',
      `the connection broke before an answer came: ${describe(outcome.error)}`,
      { peer: 'the sandbox' },
      { cause: outcome.error },
    );
  }
}

export const maxHeaderBytes = 65_536; // browsers send cookies of all a domain's pages; 16 KiB, node's own limit, has been met in the wild
const maxAttempts = 3; // several kept connections can have died at once; then a fresh one is made

type Outcome =
  | { readonly kind: 'answered'; readonly answer: IncomingMessage }
  | { readonly kind: 'left' }
  | { readonly kind: 'failed'; readonly error: unknown; readonly wasReused: boolean };

function attemptExchange(asked: IncomingMessage, reply: ServerResponse, onward: Onward): Promise<Outcome> {
  return new Promise((resolve) => {
    const sent = request({
      agent: isRepeatable(asked) ? onward.pools.kept : onward.pools.fresh,
      maxHeaderSize: maxHeaderBytes,
      method: asked.method ?? 'GET',
      path: onward.path,
      setHost: false,
    });
    setHeaders(sent, [...onward.headers, ...bodyHeaders(asked)]);
    const leave = () => {
      sent.destroy();
      resolve({ kind: 'left' });
    };
    reply.once('close', leave);
    sent.once('response', (answer) => {
      reply.off('close', leave);
      resolve({ kind: 'answered', answer });
    });
    sent.once('error', (error) => {
      reply.off('close', leave);
      asked.unpipe(sent);
      resolve({ kind: 'failed', error, wasReused: sent.reusedSocket });
    });
    if (hasBody(asked)) asked.pipe(sent);
    else sent.end();
  });
}

function setHeaders(sent: ReturnType<typeof request>, headers: RawHeaders): void {
  const grouped = new Map<string, { name: string; values: string[] }>();
  for (let at = 0; at + 1 < headers.length; at += 2) {
    const name = headers[at] ?? '';
    const group = grouped.get(name.toLowerCase()) ?? { name, values: [] };
    group.values.push(headers[at + 1] ?? '');
    grouped.set(name.toLowerCase(), group);
  }
  for (const { name, values } of grouped.values())
    sent.setHeader(name, values.length === 1 ? (values[0] ?? '') : values);
}

function passReply(answer: IncomingMessage, reply: ServerResponse, onward: Onward): Promise<void> {
  return new Promise((resolve) => {
    reply.sendDate = false;
    reply.writeHead(
      answer.statusCode ?? 502,
      answer.statusMessage ?? '',
      endToEnd(answer.rawHeaders, onward.dropFromReply),
    );
    // An event stream sends its head long before its first event.
    reply.flushHeaders();
    reply.once('close', () => {
      answer.destroy();
      resolve();
    });
    // A reply that breaks off must not look complete to the client.
    answer.once('error', () => reply.destroy());
    answer.once('aborted', () => reply.destroy());
    answer.once('end', () => {
      if (Object.keys(answer.trailers).length > 0) reply.addTrailers(answer.trailers);
    });
    answer.pipe(reply);
  });
}

function hasBody(asked: IncomingMessage): boolean {
  return asked.headers['transfer-encoding'] !== undefined || Number(asked.headers['content-length'] ?? 0) > 0;
}

/** A body of unknown length goes on in chunks. A length of 0 is passed on: some servers insist on one for POST. */
function bodyHeaders(asked: IncomingMessage): string[] {
  if (asked.headers['transfer-encoding'] !== undefined) return ['Transfer-Encoding', 'chunked'];
  const length = valuesOf(asked.rawHeaders, 'content-length')[0];
  return length === undefined ? [] : ['Content-Length', length];
}

function isRepeatable(asked: IncomingMessage): boolean {
  return ['GET', 'HEAD', 'OPTIONS'].includes(asked.method ?? '') && !hasBody(asked);
}
