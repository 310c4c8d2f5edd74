import { Api } from '@bhatti/client/api.ts';
import type { ApiRequest, Caller, Transport } from '@bhatti/client/transport.ts';
import { CodedError } from '@bhatti/base/errors.ts';
import { openWebSocket, type WebSocketOpening, type WebSocketTarget } from '@bhatti/sys/net/websocket-client.ts';
import { tryReadText } from '@bhatti/sys/text-file.ts';
import { firstMessageHeader, firstMessageTaken, tryEncodeFirstMessage } from '@bhatti/wire/agent/first-message.ts';

import type { GlobalOptions } from './arguments.ts';

/** Where the daemon is: its socket on this machine, or a URL with a key. */
export type Address =
  | { readonly kind: 'socket'; readonly path: string }
  | { readonly kind: 'url'; readonly url: URL; readonly token: string | undefined };

/** The daemon that the command line, the configuration file or the environment names, in this order, which is the original's; else the one of this machine. */
export async function findDaemon(options: GlobalOptions): Promise<Address> {
  const env = process.env;
  const config = options.url !== undefined && options.token !== undefined ? {} : await readConfig();
  const url = options.url ?? config.url ?? nonEmpty(env['BHATTI_URL']);
  if (url === undefined) return { kind: 'socket', path: `${env['BHATTI_RUN_DIR'] ?? '/run/bhatti'}/bhatti.sock` };
  return { kind: 'url', url: parseUrl(url), token: options.token ?? config.token ?? nonEmpty(env['BHATTI_TOKEN']) };
}

export async function connectTo(options: GlobalOptions): Promise<Api> {
  const address = await findDaemon(options);
  if (address.kind === 'socket') return connectToSocket(address.path);
  return new Api(urlTransport(address.url, address.token));
}

/** The daemon behind a unix socket, whatever the configuration says. */
export function connectToSocket(path: string): Api {
  return new Api(socketTransport(path));
}

/** Commands are stopped by their process's end, not by a word to the daemon. */
export const wholeProcess: Caller = { signal: new AbortController().signal };

function socketTransport(path: string): Transport {
  return {
    address: path,
    request: (caller, request) =>
      fetch(`http://bhatti${request.path}`, { ...requestInit(caller, request, {}), unix: path }),
    openSocket: (_caller, socketPath, first) =>
      open({ connect: { unix: path }, host: 'bhatti', path: socketPath, headers: {} }, first),
  };
}

function urlTransport(url: URL, token: string | undefined): Transport {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const isTls = url.protocol === 'https:';
  const port = url.port === '' ? (isTls ? 443 : 80) : Number(url.port);
  return {
    address: url.origin,
    request: (caller, request) => fetch(url.origin + request.path, requestInit(caller, request, headers)),
    openSocket: (_caller, path, first) =>
      open(
        {
          connect: { hostname: url.hostname.replace(/^\[|\]$/g, ''), port, tls: isTls },
          host: url.host,
          path,
          headers,
        },
        first,
      ),
  };
}

async function open(target: WebSocketTarget, first: string | undefined): Promise<WebSocketOpening> {
  const offered = first === undefined ? undefined : tryEncodeFirstMessage(first);
  const headers = offered === undefined ? target.headers : { ...target.headers, [firstMessageHeader]: offered };
  const opening = await openWebSocket({ ...target, headers });
  if (opening.kind === 'open' && first !== undefined && opening.replyHeader(firstMessageHeader) !== firstMessageTaken)
    opening.socket.send(first);
  return opening;
}

function requestInit(caller: Caller, { method, headers, body }: ApiRequest, more: Record<string, string>) {
  return {
    method,
    headers: { ...headers, ...more },
    signal: caller.signal,
    // A create that waits for a desktop, or an image build, is silent for as long as it takes.
    timeout: false,
    ...(body === undefined ? {} : { body }),
  } as const;
}

interface Config {
  readonly url?: string | undefined;
  readonly token?: string | undefined;
}

// Two lines, `api_url:` and `auth_token:`, as the original writes them.
async function readConfig(): Promise<Config> {
  const path = process.env['BHATTI_CONFIG'] ?? `${process.env['HOME'] ?? '/root'}/.bhatti/config.yaml`;
  const text = await tryReadText(path);
  if (text === undefined) return {};
  const { parse } = await import('yaml');
  let document: unknown;
  try {
    document = parse(text);
  } catch (error) {
    throw new CodedError(
      'INVALID_ARGUMENT',
      `cannot read "${path}": it is not YAML`,
      { argument: 'config', value: path },
      { cause: error },
    );
  }
  return { url: textField(document, 'api_url'), token: textField(document, 'auth_token') };
}

function textField(document: unknown, name: string): string | undefined {
  if (typeof document !== 'object' || document === null || !(name in document)) return undefined;
  const value: unknown = Reflect.get(document, name);
  return typeof value === 'string' ? nonEmpty(value) : undefined;
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol))
    throw new CodedError(
      'INVALID_ARGUMENT',
      `invalid daemon URL "${text}": it must start with http:// or https://`,
      { argument: '--url', value: text },
      { hint: 'for example --url http://127.0.0.1:8080' },
    );
  return url;
}
