import type { RequestOptions } from 'node:http';

/** Where the daemon listens: a unix socket, or a URL with a key. */
export type DaemonAddress =
  | { readonly kind: 'socket'; readonly path: string }
  | { readonly kind: 'url'; readonly url: URL; readonly token: string | undefined };

/** The same in the words of `node:http`. */
export interface HttpTarget {
  readonly isTls: boolean;
  readonly connect: Pick<RequestOptions, 'socketPath' | 'host' | 'port'>;
  readonly headers: Readonly<Record<string, string>>;
  /** For messages. */
  readonly address: string;
}

export function targetOf(address: DaemonAddress): HttpTarget {
  if (address.kind === 'socket')
    return {
      isTls: false,
      connect: { socketPath: address.path },
      headers: { host: 'bhatti' },
      address: address.path,
    };
  const { url, token } = address;
  const isTls = url.protocol === 'https:';
  return {
    isTls,
    connect: { host: url.hostname.replace(/^\[|\]$/g, ''), port: url.port === '' ? (isTls ? 443 : 80) : url.port },
    headers: { host: url.host, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
    address: url.origin,
  };
}
