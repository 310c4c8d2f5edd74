import type { DnsTransport, Forwarded } from './dns-forward.ts';
import {
  encodeName,
  formatReply,
  isBulkType,
  rcodeNxdomain,
  rcodeOk,
  rcodeRefused,
  rcodeServfail,
  typeA,
  typeAaaa,
  typePtr,
  type DnsQuery,
} from './dns-message.ts';
import { isBlockedIpv4, parseIpv4 } from './blocked-table.ts';

/** Names of the sandboxes on each network. */
export interface Directory {
  /** IPv4 address of the sandbox with this host name on this network. */
  addressOf(network: number, name: string): string | undefined;
  /** Host name of the sandbox with this address on this network. */
  nameOf(network: number, address: string): string | undefined;
}

export interface DnsRequest {
  readonly query: DnsQuery;
  readonly bytes: Uint8Array;
  readonly transport: DnsTransport;
  readonly network: number;
  readonly directory: Directory;
  /** Asks the resolvers of the host. */
  readonly forward: (query: DnsQuery, bytes: Uint8Array, transport: DnsTransport) => Promise<Forwarded>;
}

const ownTtlSeconds = 5; // a sandbox may be destroyed and its name given to another

/** The whole policy: own names are answered here, what concerns private addresses ends here, the rest goes to the host's resolvers and must not come back with a private address. */
export async function answerQuery(request: DnsRequest): Promise<Uint8Array> {
  const { query } = request;
  if (isBulkType(query.type)) return formatReply(query, rcodeRefused);
  const own = ownAnswer(request);
  if (own !== undefined) return own;
  // IPv6 does not leave a sandbox: saying so at once saves programs from trying.
  if (query.type === typeAaaa) return formatReply(query, rcodeOk);
  const forwarded = await request.forward(query, request.bytes, request.transport);
  switch (forwarded.outcome) {
    case 'answered':
      return forwarded.bytes;
    case 'blocked':
      // A name on the net that points into a private range is how a web page attacks what stands there (DNS rebinding).
      return formatReply(query, rcodeRefused);
    case 'failed':
      return formatReply(query, rcodeServfail);
  }
}

/** The reply where no other resolver must be asked; undefined otherwise. */
function ownAnswer({ query, network, directory }: DnsRequest): Uint8Array | undefined {
  const { name, type } = query;
  if (name === 'localhost' || name.endsWith('.localhost')) return addressReply(query, '127.0.0.1'); // RFC 6761 §6.3
  const address = directory.addressOf(network, name);
  if (address !== undefined) return addressReply(query, address);
  // A single word is a sandbox or nothing: the host's resolvers would try their own search domains on it.
  if (name !== '' && !name.includes('.')) return formatReply(query, rcodeNxdomain);
  const asked = reverseAddress(name);
  if (asked === undefined || !isBlockedIpv4(parseIpv4(asked))) return undefined;
  const found = directory.nameOf(network, asked);
  if (found === undefined) return formatReply(query, rcodeNxdomain);
  if (type !== typePtr) return formatReply(query, rcodeOk);
  return formatReply(query, rcodeOk, [{ type: typePtr, ttlSeconds: ownTtlSeconds, data: encodeName(found) }]);
}

function addressReply(query: DnsQuery, address: string): Uint8Array {
  if (query.type !== typeA) return formatReply(query, rcodeOk);
  const data = Uint8Array.from(address.split('.').map(Number));
  return formatReply(query, rcodeOk, [{ type: typeA, ttlSeconds: ownTtlSeconds, data }]);
}

/** `4.3.2.1.in-addr.arpa` as `1.2.3.4`. */
function reverseAddress(name: string): string | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.in-addr\.arpa$/.exec(name);
  return match === null ? undefined : match.slice(1, 5).toReversed().join('.');
}
