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
  const chunks: Uint8Array[] = [];
  let length = 0;
  if (Number(asked.headers['content-length'] ?? 0) > maxJsonBytes) throw tooLarge(what);
  for await (const chunk of asked) {
    // SAFETY: a request without an encoding yields byte arrays.
    const bytes = chunk as Uint8Array;
    length += bytes.length;
    if (length > maxJsonBytes) throw tooLarge(what);
    chunks.push(bytes);
  }
  if (length === 0) return {};
  try {
    return JSON.parse(Buffer.concat(chunks).toString());
  } catch (cause) {
    throw new CodedError('INVALID_ARGUMENT', `invalid ${what}: the body is not JSON`, { argument: '' }, { cause });
  }
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
