import { CodedError } from '@bhatti/base/errors.ts';
import type { Operation } from '@bhatti/base/operation.ts';
import { VERSION } from '@bhatti/base/version.ts';
import { decodeRequest, type AnySchema, type Of } from '@bhatti/wire/schema.ts';
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { UpgradeRequest } from '../relay/upgrade.ts';
import type { Caller } from '../sandbox/registry.ts';
import type { UserLimits } from '../store/users.ts';

/** What was asked of the control API, authenticated and within the rules. */
export interface Exchange {
  /** Ends when the client goes away. */
  readonly op: Operation;
  readonly asked: IncomingMessage;
  readonly caller: Caller;
  /** Undefined: none. */
  readonly limits: UserLimits | undefined;
  /** Parts of the path that the route names, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly transport: 'unix' | 'tcp';
}

/** One request and the reply to it. */
export interface ApiExchange extends Exchange {
  readonly reply: ServerResponse;
}

/** One request to leave HTTP; what answers it writes on the socket itself. */
export interface UpgradeExchange extends Exchange {
  readonly upgrade: UpgradeRequest;
}

// Files of a create request and the standard input of a command travel inside JSON; larger ones have a way of their own (`PUT /files`, the WebSocket).
const maxJsonBytes = 16 * 1024 * 1024;

/** The JSON body, accepted by its schema. An absent one counts as `{}`. */
export async function readBody<S extends AnySchema>(exchange: Exchange, schema: S, what: string): Promise<Of<S>> {
  return decodeRequest(schema, await readJsonBody(exchange, what), what);
}

export async function readJsonBody({ asked }: Exchange, what: string): Promise<unknown> {
  if (Number(asked.headers['content-length'] ?? 0) > maxJsonBytes) throw tooLarge(what);
  const body = await readBytes(asked, what);
  if (body.length === 0) return {};
  try {
    return JSON.parse(body.toString());
  } catch (cause) {
    throw new CodedError('INVALID_ARGUMENT', `invalid ${what}: the body is not JSON`, { argument: '' }, { cause });
  }
}

/** By events: iterating over a request costs a tenth of a millisecond more, and an exec has two. */
function readBytes(asked: IncomingMessage, what: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    asked.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= maxJsonBytes) chunks.push(chunk);
      else reject(tooLarge(what));
    });
    asked.once('end', () =>
      resolve(chunks[0] !== undefined && chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)),
    );
    const left = () => reject(new CodedError('CONNECTION_LOST', `the ${what} broke off`, { peer: 'the client' }));
    asked.once('error', left);
    asked.once('close', left);
  });
}

export function sendJson(
  exchange: ApiExchange,
  status: number,
  document: unknown,
  headers?: OutgoingHttpHeaders,
): void {
  const body = JSON.stringify(document);
  exchange.reply.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    ...headers,
  });
  exchange.reply.end(body);
}

export function sendNothing(exchange: ApiExchange): void {
  exchange.reply.writeHead(204);
  exchange.reply.end();
}

/** What every reply of the API carries. */
export const commonHeaders: Readonly<Record<string, string>> = {
  'x-bhatti-version': VERSION,
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
};

/** A port in a path. Throws INVALID_ARGUMENT. */
export function portParam(text: string | undefined): number {
  const port = /^\d{1,5}$/.test(text ?? '') ? Number(text) : 0;
  if (port >= 1 && port <= 65_535) return port;
  throw new CodedError('INVALID_ARGUMENT', `invalid port "${text}": it must be between 1 and 65535`, {
    argument: 'port',
    value: text ?? '',
  });
}

/** Throws FORBIDDEN for anyone but root and group `bhatti`. */
export function needAdmin({ caller }: Exchange, what: string): void {
  if (caller.isAdmin) return;
  throw new CodedError('FORBIDDEN', `cannot ${what}: only root and group "bhatti" may, on the machine itself`, {
    reason: 'not an administrator',
  });
}

function tooLarge(what: string): CodedError {
  return new CodedError('MESSAGE_TOO_LARGE', `cannot read the ${what}: it is larger than ${maxJsonBytes} bytes`, {
    limitBytes: maxJsonBytes,
  });
}
