import { CodedError } from '@bhatti/base/errors.ts';

import type { Transport } from '../transport.ts';
import type { DaemonAddress } from './node/target.ts';

/** Where the daemon is. Without anything said: what the environment names, as the command line reads it, and else the daemon of this machine. */
export interface HostOptions {
  /** `http://…` or `https://…`, without a path. Default: `BHATTI_URL`; in a browser the page's own origin. */
  readonly url?: string | undefined;
  /** API key, `bht_…`. Default: `BHATTI_TOKEN`. */
  readonly token?: string | undefined;
  /** A unix socket instead of a URL, on Node and Bun. Default, where no URL is known: `/run/bhatti/bhatti.sock`, below `BHATTI_RUN_DIR` if that is set. */
  readonly socketPath?: string | undefined;
}

/** What of the SDK depends on where it runs. This one is for Node and Bun; the build for browsers has `host.browser.ts` in its place. */
export async function openTransport(options: HostOptions): Promise<Transport> {
  const { nodeTransport } = await import('./node/transport.ts');
  return nodeTransport(findDaemon(options, process.env));
}

/** Throws INVALID_ARGUMENT. */
export function findDaemon(
  { url, token, socketPath }: HostOptions,
  env: Readonly<Record<string, string | undefined>>,
): DaemonAddress {
  if (socketPath !== undefined && url !== undefined)
    throw new CodedError('INVALID_ARGUMENT', 'cannot use both a URL and a socket', { argument: 'socketPath' });
  const named = socketPath === undefined ? (url ?? nonEmpty(env['BHATTI_URL'])) : undefined;
  if (named === undefined)
    return { kind: 'socket', path: socketPath ?? `${nonEmpty(env['BHATTI_RUN_DIR']) ?? '/run/bhatti'}/bhatti.sock` };
  return { kind: 'url', url: parseUrl(named), token: token ?? nonEmpty(env['BHATTI_TOKEN']) };
}

export function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol)) return url;
  throw new CodedError(
    'INVALID_ARGUMENT',
    `invalid daemon URL "${text}": it must start with http:// or https://`,
    { argument: 'url', value: text },
    { hint: 'for example http://127.0.0.1:8080' },
  );
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}
