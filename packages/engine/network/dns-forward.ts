import { concatBytes } from '@bhatti/base/bytes.ts';
import { createSocket } from 'node:dgram';
import { readFileSync, statSync } from 'node:fs';
import { createConnection, isIPv6 } from 'node:net';
import { addressesIn, isReplyTo, withId, type DnsQuery } from './dns-message.ts';
import { isBlockedIpv4 } from './blocked-table.ts';

/** What became of a forwarded query: the reply under the query's own id, a reply that names a blocked address, or nothing usable. */
export type Forwarded =
  | { readonly outcome: 'answered'; readonly bytes: Uint8Array }
  | { readonly outcome: 'blocked' }
  | { readonly outcome: 'failed' };

export type DnsTransport = 'udp' | 'tcp';

const attemptTimeoutMs = 1_000; // a resolver that is there answers from its cache in under 100 ms; a program inside asks again after 5 s
const maxUpstreams = 2; // so that a query is answered, if only by SERVFAIL, within two seconds
const dnsPort = 53;
const maxMessage = 65_535;

/** A resolver to ask. */
export interface Upstream {
  readonly address: string;
  readonly port: number;
}

/** Asks the host's resolvers, one after the other. */
export async function forwardQuery(
  query: DnsQuery,
  bytes: Uint8Array,
  transport: DnsTransport,
  upstreams: readonly Upstream[] = hostResolvers(),
): Promise<Forwarded> {
  for (const upstream of upstreams.slice(0, maxUpstreams)) {
    // A fresh id and a fresh port for each: both must be guessed to forge an answer.
    const id = crypto.getRandomValues(new Uint16Array(1))[0] ?? 0;
    const reply = await (transport === 'udp' ? askUdp : askTcp)(upstream, withId(bytes, id), (candidate) =>
      isReplyTo(query, id, candidate),
    );
    if (reply === undefined) continue;
    const addresses = addressesIn(query, reply);
    if (addresses === undefined) continue;
    if (addresses.some(isBlockedAddress)) return { outcome: 'blocked' };
    return { outcome: 'answered', bytes: withId(reply, query.id) };
  }
  return { outcome: 'failed' };
}

/** IPv6 does not reach out of a sandbox, so only those addresses matter that an IPv4 one could hide in. */
function isBlockedAddress(address: Uint8Array): boolean {
  const view = new DataView(address.buffer, address.byteOffset, address.byteLength);
  if (address.length === 4) return isBlockedIpv4(view.getInt32(0));
  const isMapped = address.subarray(0, 10).every((byte) => byte === 0) && view.getUint16(10) === 0xffff;
  return isMapped && isBlockedIpv4(view.getInt32(12));
}

type Accepts = (candidate: Uint8Array) => boolean;

function askUdp(upstream: Upstream, bytes: Uint8Array, accepts: Accepts): Promise<Uint8Array | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket(isIPv6(upstream.address) ? 'udp6' : 'udp4');
    const finish = (reply: Uint8Array | undefined) => {
      clearTimeout(timer);
      socket.close();
      socket.removeAllListeners('message');
      resolve(reply);
      finished = true;
    };
    let finished = false;
    const timer = setTimeout(() => finish(undefined), attemptTimeoutMs);
    socket.on('error', () => {
      if (!finished) finish(undefined); // expected: nothing listens there, or no route
    });
    socket.on('message', (message, from) => {
      const reply = new Uint8Array(message);
      if (!finished && from.address === upstream.address && from.port === upstream.port && accepts(reply))
        finish(reply);
    });
    socket.send(bytes, upstream.port, upstream.address);
  });
}

function askTcp(upstream: Upstream, bytes: Uint8Array, accepts: Accepts): Promise<Uint8Array | undefined> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: upstream.address, port: upstream.port });
    const reader = new LengthPrefixed(maxMessage);
    const timer = setTimeout(() => finish(undefined), attemptTimeoutMs);
    const finish = (reply: Uint8Array | undefined) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(reply);
    };
    socket.on('error', () => finish(undefined)); // expected: nothing listens there, or no route
    socket.on('close', () => finish(undefined));
    socket.on('connect', () => socket.write(lengthPrefixed(bytes)));
    socket.on('data', (chunk: Uint8Array) => {
      for (const message of reader.push(chunk) ?? []) if (accepts(message)) finish(message);
    });
  });
}

/** RFC 1035 §4.2.2: over TCP each message follows its length in two bytes. */
export function lengthPrefixed(message: Uint8Array): Uint8Array {
  const framed = new Uint8Array(message.length + 2);
  new DataView(framed.buffer).setUint16(0, message.length);
  framed.set(message, 2);
  return framed;
}

/** Cuts a TCP stream into messages. `push` returns undefined once a message is announced that is longer than the limit: nothing after it can be read. */
export class LengthPrefixed {
  readonly #limitBytes: number;
  #rest: Uint8Array = new Uint8Array(0);

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  push(chunk: Uint8Array): Uint8Array[] | undefined {
    let rest: Uint8Array = concatBytes([this.#rest, chunk]);
    const messages: Uint8Array[] = [];
    while (rest.length >= 2) {
      const length = new DataView(rest.buffer, rest.byteOffset).getUint16(0);
      if (length > this.#limitBytes) return undefined;
      if (rest.length < 2 + length) break;
      messages.push(rest.slice(2, 2 + length));
      rest = rest.subarray(2 + length);
    }
    this.#rest = rest;
    return messages;
  }
}

const resolvConf = '/etc/resolv.conf';
let known: { readonly mtimeMs: number; readonly resolvers: readonly Upstream[] } | undefined;

/** The resolvers of the host, read again when its file has changed. */
export function hostResolvers(): readonly Upstream[] {
  try {
    const { mtimeMs } = statSync(resolvConf);
    if (known?.mtimeMs !== mtimeMs) known = { mtimeMs, resolvers: parseResolvers(readFileSync(resolvConf, 'utf8')) };
    return known.resolvers;
  } catch {
    return []; // expected: a host without the file has no resolver to ask
  }
}

export function parseResolvers(text: string): Upstream[] {
  return [...text.matchAll(/^\s*nameserver\s+([0-9a-fA-F.:]+)/gm)].map((match) => ({
    address: match[1] ?? '',
    port: dnsPort,
  }));
}
