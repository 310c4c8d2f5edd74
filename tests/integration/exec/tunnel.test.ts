import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import type { Socket } from 'node:net';
import { titled, whyNoSandboxes } from '../../support/capability.ts';
import { TestGuest } from '../../support/guest.ts';
import { until } from '../../support/until.ts';

const why = whyNoSandboxes();
const echo =
  'while (1) { accept(my $c, S) or next; if (!fork) { syswrite($c, "hello\\n") if $ARGV[1]; while (sysread($c, my $b, 65536)) { syswrite($c, $b) } exit } }';
const server = (port: number, greets: 0 | 1) =>
  `use Socket; $SIG{CHLD}="IGNORE"; socket(S,PF_INET,SOCK_STREAM,0); setsockopt(S,SOL_SOCKET,SO_REUSEADDR,1); bind(S,sockaddr_in(${port},INADDR_LOOPBACK)) or die; listen(S,50); @ARGV=(${port},${greets}); ${echo}`;

describe.skipIf(why !== undefined)(titled('a tunnel to a port', why), () => {
  let guest: TestGuest;
  beforeAll(async () => {
    guest = await TestGuest.start();
    for (const [port, greets] of [
      [4001, 0],
      [4002, 1],
    ] as const) {
      await guest.call('POST', '/exec', JSON.stringify({ argv: ['perl', '-e', server(port, greets)], detach: true }));
      await until(async () => JSON.parse((await guest.call('GET', '/ports')).text).includes(port));
    }
  });
  afterAll(() => guest[Symbol.asyncDispose]());

  const collect = (socket: Socket) => {
    const seen = { bytes: Buffer.alloc(0), isEnded: false };
    socket.on('data', (chunk: Buffer) => (seen.bytes = Buffer.concat([seen.bytes, chunk])));
    socket.on('end', () => (seen.isEnded = true));
    return seen;
  };

  test('is refused where nothing listens, and for other hosts', async () => {
    for (const [target, status] of [
      ['127.0.0.1:4999', 502],
      ['example.com:80', 400],
      ['127.0.0.1:99999', 400],
      ['nonsense', 400],
    ] as const) {
      const socket = await guest.connect();
      const seen = collect(socket);
      socket.write(`CONNECT ${target} HTTP/1.1\r\nHost: x\r\n\r\n`);
      await until(
        () => seen.isEnded,
        () => seen.bytes.toString(),
      );
      expect(seen.bytes.toString()).toStartWith(`HTTP/1.1 ${status} `);
      socket.destroy();
    }
  });

  test('loses no byte that came early, nor one cut anywhere', async () => {
    const head = 'CONNECT 127.0.0.1:4001 HTTP/1.1\r\nHost: x\r\n\r\n';
    for (const cut of [1, 7, 8, 20, head.length - 1, head.length, head.length + 3]) {
      const socket = await guest.connect();
      const seen = collect(socket);
      const bytes = `${head}early bytes`;
      socket.write(bytes.slice(0, cut));
      await new Promise((resolve) => setImmediate(resolve));
      socket.write(bytes.slice(cut));
      await until(
        () => seen.bytes.toString().endsWith('\r\n\r\nearly bytes'),
        () => `${cut}: ${seen.bytes.toString()}`,
      );
      socket.destroy();
    }
  });

  test('lets a server speak first', async () => {
    const socket = await guest.connect();
    const seen = collect(socket);
    socket.write('CONNECT localhost:4002 HTTP/1.1\r\n\r\n');
    await until(
      () => seen.bytes.toString().endsWith('\r\n\r\nhello\n'),
      () => seen.bytes.toString(),
    );
    socket.destroy();
  });

  test('carries megabytes both ways, and the end of one side only', async () => {
    const socket = await guest.connect();
    const seen = collect(socket);
    const bytes = Buffer.alloc(8_000_000, 'some bytes that are not all the same ');
    socket.write('CONNECT 127.0.0.1:4001 HTTP/1.1\r\n\r\n');
    await until(() => seen.bytes.includes('\r\n\r\n'));
    const headLength = seen.bytes.indexOf('\r\n\r\n') + 4;
    socket.end(bytes);
    await until(
      () => seen.isEnded,
      () => seen.bytes.length,
    );
    expect(seen.bytes.subarray(headLength).equals(bytes)).toBe(true);
  });
});
