import { describe, expect, test } from 'bun:test';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { openTlsAcceptor, type TlsKind } from './tls.ts';
import { identityFault, makeTlsIdentity } from './tls-identity.ts';

const identity = makeTlsIdentity();

/** A server that sends back what it hears, and OpenSSL's own client: what that one says and hears. */
async function echoed(kind: TlsKind, text: string, ...options: readonly string[]) {
  using acceptor = openTlsAcceptor(identity);
  const server = createServer((socket) => {
    const session = acceptor.accept(kind, (bytes) => socket.write(bytes));
    socket.on('data', (chunk: Buffer) => {
      const said = session.receive(chunk);
      if (said.length > 0) session.send(said);
      if (!session.hasEnded) return;
      session.end();
      socket.end();
    });
    socket.on('close', () => session[Symbol.dispose]());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // SAFETY: a TCP server that listens has such an address.
  const { port } = server.address() as AddressInfo;
  const client = Bun.spawn(
    ['openssl', 's_client', '-quiet', '-no_ign_eof', '-connect', `127.0.0.1:${port}`, ...options],
    { stdin: 'pipe', stdout: 'pipe', stderr: 'pipe' },
  );
  void client.stdin.write(text);
  let heard = '';
  const decoder = new TextDecoder();
  for await (const chunk of client.stdout) {
    heard += decoder.decode(chunk, { stream: true });
    if (heard.length >= text.length) void client.stdin.end();
  }
  await client.exited;
  await new Promise((resolve) => server.close(resolve));
  return heard;
}

const long = 'what is said is heard; '.repeat(20_000);

describe('a TLS session', () => {
  test('carries bytes both ways without a certificate', async () => {
    expect(await echoed('anonymous', long, '-tls1_2', '-cipher', 'aNULL:@SECLEVEL=0')).toBe(long);
  });

  for (const version of ['-tls1_2', '-tls1_3']) {
    test(`carries bytes both ways with a certificate that the client checks (${version})`, async () => {
      const dir = mkdtempSync(join(tmpdir(), 'bhatti-tls-'));
      try {
        writeFileSync(join(dir, 'ca.pem'), identity.certificate);
        const checks = ['-CAfile', join(dir, 'ca.pem'), '-verify_return_error', '-verify_hostname', 'localhost'];
        expect(await echoed('certificate', long, version, ...checks)).toBe(long);
      } finally {
        rmSync(dir, { recursive: true });
      }
    });
  }

  test('ends in "need more" or in a protocol error, whatever bytes come', () => {
    using acceptor = openTlsAcceptor(identity);
    const record = fc
      .tuple(fc.constantFrom(20, 21, 22, 23), fc.uint8Array({ maxLength: 300 }))
      .map(([type, body]) => Uint8Array.of(type, 3, 3, body.length >> 8, body.length & 255, ...body));
    const bytes = fc.array(fc.oneof(record, fc.uint8Array({ maxLength: 100 })), { maxLength: 5 });
    fc.assert(
      fc.property(bytes, fc.constantFrom<TlsKind>('anonymous', 'certificate'), (chunks, kind) => {
        using session = acceptor.accept(kind, () => {});
        try {
          for (const chunk of chunks) expect(session.receive(chunk)).toHaveLength(0);
          expect(session.isReady).toBe(false);
        } catch (error) {
          expect(error).toMatchObject({ code: 'PROTOCOL_VIOLATION' });
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('an identity', () => {
  test('is made for loopback, by a key that fits', () => {
    const certificate = new X509Certificate(identity.certificate);
    expect(certificate.checkHost('localhost')).toBe('localhost');
    expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(new Date(certificate.validFrom).getTime()).toBeLessThan(Date.now());
    expect(new Date(certificate.validTo).getTime()).toBeGreaterThan(Date.now() + 365 * 86_400_000);
    expect(identityFault(identity)).toBeUndefined();
  });

  test('is refused when its parts do not belong together, or are none', () => {
    const other = makeTlsIdentity().key;
    expect(identityFault({ ...identity, key: other })).toBe('The certificate and the given key do not match');
    expect(identityFault({ ...identity, key: 'no key' })).toBeString();
    expect(identityFault({ certificate: '', key: '' })).toBeString();
    expect(() => openTlsAcceptor({ ...identity, key: other })).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
    );
  });
});
