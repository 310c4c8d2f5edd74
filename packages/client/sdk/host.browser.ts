import { CodedError, describe } from '@bhatti/base/errors.ts';

import { httpTransport } from '../http.ts';
import type { Caller, Transport } from '../transport.ts';
import type { HostOptions } from './host.ts';

declare const location: { readonly origin: string } | undefined;

/** In a browser: `fetch` and the standard WebSocket, by default to the page's own origin. */
export async function openTransport({ url, token, socketPath }: HostOptions): Promise<Transport> {
  if (socketPath !== undefined)
    throw new CodedError('HOST_UNSUPPORTED', 'cannot use a unix socket in a browser', { needs: 'Node or Bun' });
  const transport = httpTransport({ url: url ?? pageOrigin(), ...(token === undefined ? {} : { token }) });
  return {
    address: transport.address,
    request: (caller, request) =>
      transport.request(caller, request).catch((error: unknown) => {
        throw refusedByBrowser(caller, transport.address, error);
      }),
    openSocket(caller, path, first) {
      if (token !== undefined) throw keyless();
      return transport.openSocket(caller, path, first);
    },
  };
}

function pageOrigin(): string {
  if (typeof location !== 'undefined') return location.origin;
  throw new CodedError('INVALID_ARGUMENT', 'no daemon is named', { argument: 'url' });
}

/** A browser does not tell a daemon that is not there from one whose answer it keeps from the page. */
function refusedByBrowser(caller: Caller, address: string, error: unknown): unknown {
  if (caller.signal.aborted) return error;
  return new CodedError(
    'DAEMON_UNREACHABLE',
    `cannot reach the daemon at "${address}": ${describe(error)}`,
    { address },
    { cause: error, hint: 'a page reaches a daemon at its own origin only: serve both from one address' },
  );
}

function keyless(): CodedError {
  return new CodedError(
    'HOST_UNSUPPORTED',
    'cannot open a stream with a key: a browser sends none with a WebSocket',
    { needs: 'a proxy that adds the key' },
    { hint: 'run the command without streams, or let what serves the page add the key to requests for the daemon' },
  );
}
