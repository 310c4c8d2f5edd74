import { CodedError } from '@bhatti/base/errors.ts';
import { isIP } from 'node:net';

export interface HttpAddress {
  readonly host: string;
  readonly port: number;
}

/** `[HOST:]PORT` as a person writes it; the host is the loopback's unless named. */
export function parseHttpAddress(text: string): HttpAddress {
  const match = /^(?:(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9.-]+)):)?(\d{1,5})$/.exec(text);
  const [, ipv6, name, digits] = match ?? [];
  const port = Number(digits);
  const host = ipv6 ?? name ?? '127.0.0.1';
  if (match === null || port > 65_535 || (ipv6 !== undefined && isIP(ipv6) !== 6))
    throw new CodedError(
      'INVALID_ARGUMENT',
      `invalid value "${text}" for --http: it must be PORT or HOST:PORT`,
      { argument: '--http', value: text },
      { hint: 'for example --http 8931, or --http [::1]:8931' },
    );
  return { host, port };
}

/** A name of the server in a `Host` header, without a port. */
export function checkedHostName(name: string): string {
  if (/^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/.test(name)) return name.toLowerCase();
  throw new CodedError(
    'INVALID_ARGUMENT',
    `invalid value "${name}" for --http-name: it must be a host name without a port`,
    { argument: '--http-name', value: name },
    { hint: 'for example --http-name mcp.example.com' },
  );
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

/** A host as it stands in a URL. */
export function inUrl(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
