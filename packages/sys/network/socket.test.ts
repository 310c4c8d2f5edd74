import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { mkdtempSync, rmSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodePeer, encodeAddress } from './socket-address.ts';
import { flushSocket, openSocket, setBlocking, tryAccept } from './socket.ts';

const any = { options: [], backlog: 8, isBlocking: false } as const;

describe('a socket', () => {
  test('tells who connects, over a path and over a port', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'bhatti-socket-'));
    const path = join(directory, 's');
    using socket = openSocket({ ...any, type: 'Stream', address: { family: 'unix', path } });
    expect(tryAccept(socket.fd)).toBeUndefined();
    const client = createConnection({ path });
    await new Promise((resolve) => client.once('connect', resolve));
    {
      using accepted = tryAccept(socket.fd);
      expect(accepted?.peer).toEqual({ family: 'unix', pid: process.pid, uid: process.getuid?.() ?? -1 });
    }
    client.destroy();
    rmSync(directory, { recursive: true });
  });

  test('answers an address that is taken with its number, and throws away what waits', async () => {
    const address = { family: 'inet6', host: '::1', port: 0, scope: undefined } as const;
    using socket = openSocket({ ...any, type: 'Stream', address, options: [['IPV6_V6ONLY', 1]] });
    expect(socket.fd).toBeGreaterThan(2);
    const name = `bhatti-test-${process.pid}`;
    const abstract = { family: 'abstract', name } as const;
    using first = openSocket({ ...any, type: 'SequentialPacket', address: abstract });
    expect(() => openSocket({ ...any, type: 'SequentialPacket', address: abstract })).toThrow('errno 98');
    setBlocking(first.fd, true);
    flushSocket(first.fd, true); // does not wait, although the descriptor does
  });

  test('addresses come back from the form that the kernel has them in', () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.integer({ min: 1, max: 0xffff }), (host, port) => {
        const bytes = Buffer.from(encodeAddress({ family: 'inet', host, port }));
        expect(decodePeer(bytes, bytes.length)).toEqual({ family: 'inet', host, port });
      }),
    );
    const six = encodeAddress({ family: 'inet6', host: 'fe80::1:2', port: 80, scope: '7' });
    expect(decodePeer(six, six.length)).toEqual({ family: 'inet6', host: 'fe80::1:2', port: 80 });
    const mapped = encodeAddress({ family: 'inet6', host: '::ffff:7f00:1', port: 80, scope: undefined });
    expect(decodePeer(mapped, mapped.length)).toEqual({ family: 'inet', host: '127.0.0.1', port: 80 });
  });
});
