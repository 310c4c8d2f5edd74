import { CodedError } from '@bhatti/base/errors.ts';
import { createHash, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';

import { isLoopback } from './address.ts';

/** Who may come in: by which names the server is called, and with which token. */
export interface Gate {
  /** Where it listens. */
  readonly host: string;
  /** Names that it is called by beside that, without a port. */
  readonly names: readonly string[];
  readonly token: string;
}

/** Throws when a request must not be answered. The order matters: what a page of another site makes a browser send learns nothing about tokens. */
export function checkRequest(gate: Gate, headers: Headers): void {
  checkHost(gate, headers.get('host'));
  checkOrigin(headers);
  checkToken(gate, headers.get('authorization'));
}

/** A name that is not ours was turned to this address by somebody's DNS; an address cannot be. */
function checkHost(gate: Gate, host: string | null): void {
  const name = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+?)\.?(?::\d{1,5})?$/.exec((host ?? '').toLowerCase())?.[1];
  const bare = name?.replace(/^\[|\]$/g, '');
  if (bare !== undefined) {
    if (isLoopback(bare) || bare === gate.host.toLowerCase() || gate.names.includes(bare)) return;
    if (!isLoopback(gate.host) && isIP(bare) !== 0) return;
  }
  throw new CodedError('UNKNOWN_HOST', `nothing is served here as "${host ?? ''}"`, { host: host ?? '' });
}

function checkOrigin(headers: Headers): void {
  const origin = headers.get('origin');
  const host = headers.get('host') ?? '';
  if (origin !== null) {
    // Behind a proxy that speaks TLS the scheme is the proxy's.
    if (/^https?:\/\//.test(origin) && origin.replace(/^https?:\/\//, '').toLowerCase() === host.toLowerCase()) return;
    throw forbidden(`a page of ${origin} must not do this`);
  }
  const site = headers.get('sec-fetch-site');
  if (site === 'cross-site' || site === 'same-site') throw forbidden('a page of another site must not do this');
}

function checkToken(gate: Gate, authorization: string | null): void {
  const given = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
  // By digests, so that time tells neither the token nor its length.
  if (given !== undefined && timingSafeEqual(digest(given), digest(gate.token))) return;
  throw new CodedError(
    'UNAUTHENTICATED',
    'request refused: it needs the token of this server',
    {},
    {
      hint: 'send "Authorization: Bearer TOKEN"; the token was printed when the server started, or given to it',
    },
  );
}

function digest(text: string): Uint8Array {
  return createHash('sha256').update(text).digest();
}

function forbidden(reason: string): CodedError {
  return new CodedError('FORBIDDEN', `request refused: ${reason}`, { reason });
}
