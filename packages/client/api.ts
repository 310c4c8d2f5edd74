import { CodedError, describe } from '@bhatti/base/errors.ts';
import { abortReason } from '@bhatti/base/operation.ts';
import type { AnySchema, Of } from '@bhatti/wire/schema.ts';

import type { ApiReply, ApiRequest, Caller, MessageSocket, Transport } from './transport.ts';

/** The one funnel of the client: every request and every stream passes here, and every failure leaves it as a CodedError. */
export class Api {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** A reply of status 2xx. */
  async request(caller: Caller, request: ApiRequest): Promise<ApiReply> {
    let response: ApiReply;
    try {
      response = await this.#transport.request(caller, request);
    } catch (error) {
      throw connectError(caller, this.#transport.address, error);
    }
    if (response.ok) return response;
    throw await refusal(response.status, await this.text(response), this.#transport.address);
  }

  /** A reply's document, accepted by its schema. */
  async call<S extends AnySchema>(
    caller: Caller,
    schema: S,
    request: Omit<ApiRequest, 'body'> & { readonly json?: unknown },
  ): Promise<Of<S>> {
    const { json, ...rest } = request;
    const response = await this.request(caller, {
      ...rest,
      ...(json === undefined ? {} : { body: JSON.stringify(json), headers: { 'content-type': 'application/json' } }),
    });
    return this.decode(schema, await this.text(response));
  }

  async text(response: ApiReply): Promise<string> {
    try {
      return await response.text();
    } catch (error) {
      throw lostError(this.#transport.address, error);
    }
  }

  /** A reply's body, chunk by chunk, taken as fast as the caller takes it. */
  async *chunks(caller: Caller, response: ApiReply): AsyncGenerator<Uint8Array> {
    if (response.body === null) return;
    try {
      yield* response.body;
    } catch (error) {
      throw caller.signal.aborted ? abortReason(caller.signal) : lostError(this.#transport.address, error);
    }
  }

  /** The documents of a reply of lines (NDJSON), as they come. */
  async *documents<S extends AnySchema>(caller: Caller, schema: S, response: ApiReply): AsyncGenerator<Of<S>> {
    const decoder = new TextDecoder();
    let rest = '';
    for await (const chunk of this.chunks(caller, response)) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line !== '') yield await this.decode(schema, line);
    }
    if (rest !== '') yield await this.decode(schema, rest);
  }

  async decode<S extends AnySchema>(schema: S, text: string): Promise<Of<S>> {
    const { decodeReply } = await import('@bhatti/wire/schema.ts');
    return decodeReply(schema, parseJson(text, this.#transport.address), this.#transport.address);
  }

  async open(caller: Caller, path: string, first?: string): Promise<MessageSocket> {
    let opening;
    if (caller.signal.aborted) throw abortReason(caller.signal);
    try {
      opening = await this.#transport.openSocket(caller, path, first);
    } catch (error) {
      throw connectError(caller, this.#transport.address, error);
    }
    if (opening.kind === 'open') return opening.socket;
    throw await refusal(opening.status, opening.body, this.#transport.address);
  }
}

function lostError(peer: string, error: unknown): CodedError {
  return new CodedError('CONNECTION_LOST', `connection to "${peer}" lost`, { peer }, { cause: error });
}

/** `/sandboxes/NAME/rest`, escaped. */
export function sandboxPath(sandbox: string, rest = ''): string {
  return `/sandboxes/${encodeURIComponent(sandbox)}${rest}`;
}

function parseJson(text: string, peer: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new CodedError('PROTOCOL_VIOLATION', `unreadable reply from ${peer}`, { peer }, { cause: error });
  }
}

// The schemas are loaded here and not at the top: they cost 0.7 ms of a command's start, and a command that goes well may need none.
async function refusal(status: number, body: string, peer: string): Promise<CodedError> {
  const { decodeError } = await import('@bhatti/wire/error.ts');
  let document: unknown;
  try {
    document = JSON.parse(body);
  } catch (error) {
    // Whatever answers there is not the daemon.
    return new CodedError(
      'PROTOCOL_VIOLATION',
      `unreadable reply from ${peer}: status ${status}`,
      { peer },
      { cause: error },
    );
  }
  return decodeError(document, peer);
}

function connectError(caller: Caller, address: string, error: unknown): CodedError {
  if (error instanceof CodedError) return error;
  if (caller.signal.aborted) return abortReason(caller.signal);
  const reason = reasons[codeOf(error)];
  const isLocal = address.startsWith('/');
  if (reason === 'denied')
    return new CodedError(
      'FORBIDDEN',
      `cannot use the daemon at "${address}": permission denied`,
      { reason: 'permission denied' },
      { cause: error, hint: 'run it with sudo, or join the group: sudo usermod -aG bhatti "$USER", then log in again' },
    );
  return new CodedError(
    'DAEMON_UNREACHABLE',
    `cannot reach the daemon at "${address}": ${reason ?? describe(error)}`,
    { address },
    {
      cause: error,
      hint: isLocal ? 'start it with "sudo bhatti serve"' : 'check the URL, and that the daemon runs there',
    },
  );
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'it is not running',
  ECONNREFUSED: 'it is not running',
  EACCES: 'denied',
  EPERM: 'denied',
  ENOTFOUND: 'no such host',
  ENAMETOOLONG: 'the path is too long for a socket',
  ECONNRESET: 'the connection was reset',
  ETIMEDOUT: 'the connection timed out',
};

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
