import { CodedError } from '@bhatti/base/errors.ts';
import type { IncomingHttpHeaders } from 'node:http';
import { valuesOf, type RawHeaders } from '../relay/headers.ts';

/** The host names that this daemon answers to on TCP. */
export interface ServedHosts {
  /** Zones of published ports, e.g. `localhost`. */
  readonly zones: readonly string[];
  /** Host names of the API beside those of the loopback. */
  readonly apiHosts: readonly string[];
}

export type Destination = { readonly kind: 'api' } | { readonly kind: 'published'; readonly alias: string };

const loopbackNames = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * Where a request goes by its Host. Anything that is not served here is refused with UNKNOWN_HOST: a page of another name whose DNS was turned to this address (DNS
 * rebinding) must not be answered.
 */
export function destinationOf(headers: RawHeaders, served: ServedHosts): Destination {
  const hosts = valuesOf(headers, 'host');
  const host = hosts[0];
  if (host === undefined || hosts.length > 1) throw unknownHost(hosts.join(', '));
  const name = hostName(host);
  if (name === undefined) throw unknownHost(host);
  if (loopbackNames.has(name) || served.apiHosts.includes(name)) return { kind: 'api' };
  const dot = name.indexOf('.');
  if (dot > 0 && served.zones.includes(name.slice(dot + 1))) return { kind: 'published', alias: name.slice(0, dot) };
  throw unknownHost(host);
}

/** The host's name in lower case without its port and without the root's dot; undefined for what is no `Host` at all. */
export function hostName(host: string): string | undefined {
  const match = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+?)\.?(?::\d{1,5})?$/.exec(host.toLowerCase());
  return match?.[1];
}

const readingMethods = new Set(['GET', 'HEAD', 'OPTIONS']);

/** What a request would do, as far as the rule about origins is concerned. */
export interface OriginQuestion {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly scheme: 'http' | 'https';
  readonly isUpgrade: boolean;
  /** A GET may change something as well, e.g. in a program behind a proxied port. */
  readonly mayChange: boolean;
}

/**
 * Refuses what another site's page makes a browser send, credentials included. A browser says by `Origin` where a request comes from, or by `Sec-Fetch-Site` how far away
 * that is; programs say neither. A WebSocket without Origin needs an explicit key, since `Sec-Fetch-Site` is not sent with it everywhere. Throws FORBIDDEN.
 */
export function checkOrigin({ method, headers, scheme, isUpgrade, mayChange }: OriginQuestion): void {
  if (!isUpgrade && !mayChange && readingMethods.has(method)) return;
  const { origin } = headers;
  if (origin !== undefined) {
    if (origin.toLowerCase() === `${scheme}://${headers.host ?? ''}`.toLowerCase()) return;
    throw forbidden(`a page of ${origin} must not do this`);
  }
  const site = headers['sec-fetch-site'];
  if (site === 'cross-site' || site === 'same-site') throw forbidden(`a page of another site must not do this`);
  if (isUpgrade && headers.authorization === undefined)
    throw forbidden('a WebSocket needs an Origin or an explicit key');
}

function unknownHost(host: string): CodedError {
  return new CodedError('UNKNOWN_HOST', `nothing is served here as "${host}"`, { host });
}

function forbidden(reason: string): CodedError {
  return new CodedError('FORBIDDEN', `request refused: ${reason}`, { reason });
}
