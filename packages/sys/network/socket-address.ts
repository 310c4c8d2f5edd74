import { cString } from '../native/descriptor.ts';
import { errnoError } from '../native/errno.ts';
import { lazyLibrary } from '../native/library.ts';

const libc = lazyLibrary(['libc.so.6'], {
  if_nametoindex: { args: ['ptr'], returns: 'u32' },
});

export type SocketAddress =
  | { readonly family: 'unix'; readonly path: string }
  /** unix(7), abstract: without a file. */
  | { readonly family: 'abstract'; readonly name: string }
  | { readonly family: 'inet'; readonly host: string; readonly port: number }
  | { readonly family: 'inet6'; readonly host: string; readonly port: number; readonly scope: string | undefined };

/** Who is at the other end of a connection. */
export type SocketPeer =
  | { readonly family: 'unix'; readonly pid: number; readonly uid: number }
  | { readonly family: 'inet' | 'inet6'; readonly host: string; readonly port: number };

const families = { unix: 1, abstract: 1, inet: 2, inet6: 10 } as const;
const unixAddressBytes = 110; // struct sockaddr_un

export function familyNumber({ family }: SocketAddress): number {
  return families[family];
}

/** struct sockaddr_un, sockaddr_in, sockaddr_in6. Throws when the scope is no interface. */
export function encodeAddress(address: SocketAddress): Buffer {
  switch (address.family) {
    case 'unix':
    case 'abstract': {
      const bytes = Buffer.alloc(unixAddressBytes);
      bytes.writeUInt16LE(families.unix, 0);
      if (address.family === 'unix')
        return bytes.subarray(0, 2 + bytes.write(address.path, 2, unixAddressBytes - 3) + 1);
      // The name of an abstract socket is as long as the address says, after a zero.
      return bytes.subarray(0, 3 + bytes.write(address.name, 3));
    }
    case 'inet': {
      const bytes = Buffer.alloc(16);
      bytes.writeUInt16LE(families.inet, 0);
      bytes.writeUInt16BE(address.port, 2);
      for (const [at, part] of address.host.split('.').entries()) bytes[4 + at] = Number(part);
      return bytes;
    }
    case 'inet6': {
      const bytes = Buffer.alloc(28);
      bytes.writeUInt16LE(families.inet6, 0);
      bytes.writeUInt16BE(address.port, 2);
      for (const [at, group] of groupsOf(address.host).entries()) bytes.writeUInt16BE(group, 8 + at * 2);
      if (address.scope !== undefined) bytes.writeUInt32LE(interfaceIndex(address.scope), 24);
      return bytes;
    }
  }
}

/** The eight groups of an IPv6 address in its short form (RFC 5952). */
function groupsOf(host: string): number[] {
  const parse = (text: string) => (text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16)));
  const [head = '', tail] = host.split('::');
  if (tail === undefined) return parse(head);
  const [first, last] = [parse(head), parse(tail)];
  return [...first, ...Array.from({ length: 8 - first.length - last.length }, () => 0), ...last];
}

function interfaceIndex(scope: string): number {
  if (/^\d+$/.test(scope)) return Number(scope);
  const index = libc().if_nametoindex(cString(scope));
  if (index === 0) throw errnoError(`interface "${scope}"`);
  return index;
}

export function decodePeer(bytes: Buffer, length: number): SocketPeer {
  const family = length >= 2 ? bytes.readUInt16LE(0) : 0;
  if (family === families.inet)
    return { family: 'inet', host: [...bytes.subarray(4, 8)].join('.'), port: bytes.readUInt16BE(2) };
  if (family !== families.inet6) return { family: 'unix', pid: 0, uid: 0 };
  const port = bytes.readUInt16BE(2);
  const address = bytes.subarray(8, 24);
  // ipv6(7): an IPv4 peer of a socket for both.
  const isMapped = address.subarray(0, 10).every((byte) => byte === 0) && address.readUInt16BE(10) === 0xffff;
  if (isMapped) return { family: 'inet', host: [...address.subarray(12)].join('.'), port };
  const groups = Array.from({ length: 8 }, (_, at) => address.readUInt16BE(at * 2).toString(16));
  return { family: 'inet6', host: new URL(`http://[${groups.join(':')}]/`).hostname.slice(1, -1), port };
}
