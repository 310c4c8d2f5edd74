import { CodedError } from '@bhatti/base/errors.ts';

export type RequestKind = 'reads' | 'changes' | 'upgrade';

/**
 * Throws FORBIDDEN for a request that a page of another site made with this browser's remembered password. Browsers send Basic credentials to sibling hosts by themselves, so the password alone does
 * not say who asks: Origin does, or Sec-Fetch-Site where there is none.
 */
export function checkRequestRules(request: Request, kind: RequestKind): void {
  if (kind === 'reads') return;
  const { headers } = request;
  const origin = headers.get('origin');
  if (origin !== null) {
    if (!isOwnOrigin(origin, headers)) throw forbidden(`its origin "${origin.slice(0, 100)}" is another one`);
    return;
  }
  const site = headers.get('sec-fetch-site');
  if (site === 'cross-site' || site === 'same-site') throw forbidden('it came from another site');
  // A browser always names the origin of a WebSocket; a program gives its password itself.
  if (kind === 'upgrade' && headers.get('authorization') === null) {
    throw forbidden('a WebSocket needs an origin or credentials');
  }
}

/** Whether an origin is the host that was asked. The scheme outside is known only where a proxy tells it: TLS ends before us. */
function isOwnOrigin(origin: string, headers: Headers): boolean {
  const host = headers.get('host');
  if (host === null) return false;
  const scheme = headers.get('x-forwarded-proto')?.split(',', 1)[0]?.trim();
  const schemes = scheme === undefined ? ['http', 'https'] : [scheme];
  return schemes.some((each) => URL.canParse(`${each}://${host}`) && new URL(`${each}://${host}`).origin === origin);
}

function forbidden(why: string): CodedError<'FORBIDDEN'> {
  return new CodedError('FORBIDDEN', `cannot accept this request: ${why}`, { reason: why });
}
