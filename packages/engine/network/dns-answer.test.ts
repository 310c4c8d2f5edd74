import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { createSocket, type Socket } from 'node:dgram';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { answerQuery, type Directory } from './dns-answer.ts';
import { forwardQuery, LengthPrefixed, lengthPrefixed, parseResolvers, type DnsTransport } from './dns-forward.ts';
import {
  addressesIn,
  encodeName,
  formatReply,
  parseQuery,
  rcodeNxdomain,
  rcodeOk,
  rcodeRefused,
  rcodeServfail,
  typeA,
  typeAaaa,
  typeAny,
  typePtr,
} from './dns-message.ts';

const directory: Directory = {
  addressOf: (network, name) => (network === 1 && name === 'desk' ? '10.1.1.5' : undefined),
  nameOf: (network, address) => (network === 1 && address === '10.1.1.5' ? 'desk' : undefined),
};

describe('answers to sandboxes', () => {
  let resolver: FakeResolver;
  beforeAll(async () => {
    resolver = await openFakeResolver();
  });
  afterAll(() => resolver.close());

  const ask = async (name: string, type = typeA, transport: DnsTransport = 'udp', network = 1) => {
    const bytes = Uint8Array.from([
      0,
      9,
      1,
      0,
      0,
      1,
      0,
      0,
      0,
      0,
      0,
      0,
      ...encodeName(name),
      type >> 8,
      type & 255,
      0,
      1,
    ]);
    const query = parseQuery(bytes);
    if (query === undefined) throw new Error('not a query');
    const upstreams = [{ address: '127.0.0.1', port: resolver.port }];
    const forward: typeof forwardQuery = (...args) => forwardQuery(args[0], args[1], args[2], upstreams);
    const reply = await answerQuery({ query, bytes, transport, network, directory, forward });
    expect([reply[0], reply[1]]).toEqual([0, 9]);
    return {
      rcode: (reply[3] ?? 0) & 15,
      addresses: (addressesIn(query, reply) ?? []).map((address) => address.join('.')),
      count: reply[7],
    };
  };

  test('siblings by name and address, on their own network only', async () => {
    expect(await ask('desk')).toMatchObject({ rcode: rcodeOk, addresses: ['10.1.1.5'] });
    expect(await ask('desk', typeAaaa)).toMatchObject({ rcode: rcodeOk, count: 0 });
    expect(await ask('5.1.1.10.in-addr.arpa', typePtr)).toMatchObject({ rcode: rcodeOk, count: 1 });
    expect(await ask('desk', typeA, 'udp', 2)).toMatchObject({ rcode: rcodeNxdomain });
    expect(await ask('5.1.1.10.in-addr.arpa', typePtr, 'udp', 2)).toMatchObject({ rcode: rcodeNxdomain });
  });

  test('localhost is the sandbox itself', async () => {
    expect(await ask('app.localhost')).toMatchObject({ addresses: ['127.0.0.1'] });
  });

  test('the rest is asked of the host’s resolvers, over UDP and TCP', async () => {
    expect(await ask('public.example')).toMatchObject({ rcode: rcodeOk, addresses: ['93.184.216.34'] });
    expect(await ask('public.example', typeA, 'tcp')).toMatchObject({ rcode: rcodeOk, addresses: ['93.184.216.34'] });
    expect(await ask('nosuch.example')).toMatchObject({ rcode: rcodeNxdomain });
  });

  test('what must not leave the host is not asked', async () => {
    const before = resolver.asked.length;
    await ask('printer');
    await ask('1.0.168.192.in-addr.arpa', typePtr);
    await ask('public.example', typeAaaa);
    expect(await ask('public.example', typeAny)).toMatchObject({ rcode: rcodeRefused });
    expect(resolver.asked.slice(before)).toEqual([]);
  });

  test('a public name that points into a private range is refused', async () => {
    for (const name of ['rebind.example', 'second.example', 'metadata.example', 'mapped.example'])
      expect(await ask(name), name).toMatchObject({ rcode: rcodeRefused, addresses: [] });
  });

  test('a resolver that is silent, or answers something else, is a server failure', async () => {
    expect(await ask('silent.example')).toMatchObject({ rcode: rcodeServfail });
    expect(await ask('forged.example')).toMatchObject({ rcode: rcodeServfail });
    expect(await ask('torn.example')).toMatchObject({ rcode: rcodeServfail });
  });
});

test('messages of a TCP stream are the same at every cut, and a long one ends it', () => {
  const stream = Uint8Array.from([...lengthPrefixed(Uint8Array.of(1, 2, 3)), ...lengthPrefixed(Uint8Array.of(4))]);
  for (let cut = 0; cut <= stream.length; cut++) {
    const reader = new LengthPrefixed(10);
    const messages = [...(reader.push(stream.subarray(0, cut)) ?? []), ...(reader.push(stream.subarray(cut)) ?? [])];
    expect(messages.map((message) => [...message])).toEqual([[1, 2, 3], [4]]);
  }
  expect(new LengthPrefixed(10).push(Uint8Array.of(0, 11))).toBeUndefined();
});

test('resolvers are read as resolv.conf has them', () => {
  const text = 'search lan\nnameserver 10.0.0.53\n# nameserver 9.9.9.9\nnameserver fe80::1%eth0\n  nameserver ::1\n';
  expect(parseResolvers(text).map(({ address }) => address)).toEqual(['10.0.0.53', 'fe80::1', '::1']);
});

interface FakeResolver {
  readonly port: number;
  readonly asked: string[];
  close(): void;
}

const zone: Readonly<Record<string, readonly (readonly number[])[]>> = {
  'public.example': [[93, 184, 216, 34]],
  'rebind.example': [[192, 168, 0, 1]],
  'second.example': [
    [93, 184, 216, 34],
    [10, 0, 0, 1],
  ],
  'metadata.example': [[169, 254, 169, 254]],
  'mapped.example': [[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 127, 0, 0, 1]],
  'forged.example': [[93, 184, 216, 34]],
  'torn.example': [[93, 184, 216, 34]],
};

async function openFakeResolver(): Promise<FakeResolver> {
  const asked: string[] = [];
  const udp: Socket = createSocket('udp4');
  udp.on('message', (message, from) => {
    const reply = answer(new Uint8Array(message), asked);
    if (reply !== undefined) udp.send(reply, from.port, from.address);
  });
  await new Promise<void>((resolve) => udp.bind(0, '127.0.0.1', resolve));
  const { port } = udp.address();
  const tcp: Server = createServer((socket) => {
    socket.on('data', (chunk: Uint8Array) => {
      const reply = answer(Uint8Array.from(chunk.subarray(2)), asked);
      if (reply !== undefined) socket.end(lengthPrefixed(reply));
    });
  });
  await new Promise<void>((resolve) => tcp.listen(port, '127.0.0.1', resolve));
  // SAFETY: a server that listens on TCP has such an address.
  expect((tcp.address() as AddressInfo).port).toBe(port);
  return { port, asked, close: () => void (udp.close(), tcp.close()) };
}

function answer(bytes: Uint8Array, asked: string[]): Uint8Array | undefined {
  const query = parseQuery(bytes);
  if (query === undefined || query.name === 'silent.example') return undefined;
  asked.push(query.name);
  const found = zone[query.name];
  if (found === undefined) return formatReply(query, rcodeNxdomain);
  const answers = found.map((data) => ({
    type: data.length === 4 ? typeA : typeAaaa,
    ttlSeconds: 60,
    data: Uint8Array.from(data),
  }));
  const reply = formatReply(query, rcodeOk, answers);
  if (query.name === 'torn.example') return reply.subarray(0, reply.length - 1);
  if (query.name === 'forged.example') reply[0] = (reply[0] ?? 0) ^ 0xff;
  return reply;
}
