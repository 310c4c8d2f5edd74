import type { SocketAddress } from '@bhatti/sys/network/socket-address.ts';
import { isIPv4, isIPv6 } from 'node:net';

const maxUnixBytes = 107; // struct sockaddr_un, with its closing zero

/** Throws a SyntaxError with the reason. */
export function parseSocketAddress(text: string): SocketAddress {
  if (text.startsWith('/')) return { family: 'unix', path: mustFit(text) };
  if (text.startsWith('@')) return { family: 'abstract', name: mustFit(text.slice(1)) };
  if (text.startsWith('vsock:')) throw new SyntaxError('Address family not supported');
  if (/^\d+$/.test(text)) return { family: 'inet6', host: '::', port: portOf(text), scope: undefined };
  const six = /^\[([^\]%]+)\]:(\d+)(?:%(.+))?$/.exec(text);
  if (six?.[1] !== undefined && isIPv6(six[1]))
    return { family: 'inet6', host: canonical(six[1]), port: portOf(six[2] ?? ''), scope: six[3] };
  const four = /^([^:]+):(\d+)$/.exec(text);
  if (four?.[1] !== undefined && isIPv4(four[1])) return { family: 'inet', host: four[1], port: portOf(four[2] ?? '') };
  throw new SyntaxError('Invalid argument');
}

export function formatSocketAddress(address: SocketAddress): string {
  switch (address.family) {
    case 'unix':
      return address.path;
    case 'abstract':
      return `@${address.name}`;
    case 'inet':
      return `${address.host}:${address.port}`;
    case 'inet6':
      return `[${address.host}]:${address.port}${address.scope === undefined ? '' : `%${address.scope}`}`;
  }
}

function mustFit(path: string): string {
  if (path === '') throw new SyntaxError('Invalid argument');
  if (Buffer.byteLength(path) > maxUnixBytes) throw new SyntaxError('File name too long');
  return path;
}

function portOf(text: string): number {
  const port = Number(text);
  if (port > 0xffff) throw new SyntaxError('Numerical result out of range');
  if (port === 0) throw new SyntaxError('Invalid argument');
  return port;
}

/** The short form: `::1`. */
function canonical(host: string): string {
  return new URL(`http://[${host}]/`).hostname.slice(1, -1);
}
