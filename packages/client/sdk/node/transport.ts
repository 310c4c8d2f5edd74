import type { ApiRequest, Caller, Transport } from '../../transport.ts';
import { targetOf, type DaemonAddress } from './target.ts';

/**
 * The transport of Node and Bun: TCP or a unix socket, with back-pressure on streams. Requests go by `fetch` on Bun and by `node:http` on Node: the other way round it
 * takes 15 ms more on Bun and 25 ms more on Node until the first one.
 */
export function nodeTransport(address: DaemonAddress): Transport {
  const target = targetOf(address);
  return {
    address: target.address,
    request: isBun() ? byFetch(address) : byHttp(address),
    async openSocket(caller, path, first) {
      if (isBun()) return (await import('../bun/socket.ts')).openBunSocket(caller, address, { path, first });
      return (await import('./socket.ts')).openNodeSocket(caller, target, { path, first });
    },
  };
}

function isBun(): boolean {
  return 'bun' in process.versions;
}

function byHttp(address: DaemonAddress): Transport['request'] {
  let requester: Promise<Transport['request']> | undefined;
  return async (caller, request) => {
    requester ??= import('./request.ts').then(({ httpRequester }) => httpRequester(targetOf(address)));
    return (await requester)(caller, request);
  };
}

function byFetch(address: DaemonAddress): Transport['request'] {
  const { headers, connect } = targetOf(address);
  const origin = address.kind === 'socket' ? 'http://bhatti' : address.url.origin;
  return (caller: Caller, { method, path, headers: more, body }: ApiRequest) =>
    fetch(origin + path, {
      method,
      headers: { ...more, ...headers },
      signal: caller.signal,
      ...(connect.socketPath === undefined || connect.socketPath === null ? {} : { unix: connect.socketPath }),
      // A create that waits for a desktop is silent for as long as it takes; the caller has a time-out of its own.
      timeout: false,
      ...(body === undefined ? {} : { body }),
    });
}
