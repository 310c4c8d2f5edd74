import { describe, expect, test } from 'bun:test';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { titled, whyNoSandboxes } from '../../support/capability.ts';
import { freePort, TestDaemon } from '../../support/daemon.ts';

const why = whyNoSandboxes() ?? (Bun.which('openssl') === null ? 'needs openssl' : undefined);

describe.skipIf(why !== undefined)(titled('a domain with a certificate', why), () => {
  test('serves the API and published ports over TLS, under its own names only', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'bhatti-cert-'));
    const [cert, key] = [join(dir, 'cert.pem'), join(dir, 'key.pem')];
    Bun.spawnSync(
      [
        'openssl',
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:prime256v1',
        '-nodes',
        '-days',
        '2',
        '-subj',
        '/CN=example.org',
        '-addext',
        'subjectAltName=DNS:api.example.org,DNS:*.desk.example.org',
        '-keyout',
        key,
        '-out',
        cert,
      ],
      { stdio: ['ignore', 'ignore', 'ignore'] },
    );
    const port = await freePort();
    await using daemon = await TestDaemon.start({
      config: {
        domain: {
          api_host: 'api.example.org',
          proxy_zone: 'desk.example.org',
          tls_cert: cert,
          tls_key: key,
          listen: `127.0.0.1:${port}`,
        },
      },
    });
    const ca = readFileSync(cert);
    rmSync(dir, { recursive: true });
    await daemon.create({ name: 'box', memory_mb: 256 });
    const rule = (await daemon.call('POST', '/sandboxes/box/publish', { body: { port: 9, alias: 'shop' } })).json;
    expect(rule).toMatchObject({
      url: `https://shop.desk.example.org:${port}/`,
      host: 'shop.desk.example.org',
      connect: `127.0.0.1:${port}`,
    });
    expect(rule.tunnel).toBeUndefined();

    const get = (host: string, path: string, headers: Record<string, string> = {}) =>
      new Promise<{ status: number; text: string }>((resolve, reject) => {
        const sent = request(
          {
            host: '127.0.0.1',
            port,
            servername: host,
            ca,
            path,
            headers: { host: `${host}:${port}`, ...headers },
            method: 'POST',
            agent: false,
          },
          (reply) => {
            let text = '';
            reply.on('data', (chunk) => (text += String(chunk)));
            reply.on('end', () => resolve({ status: reply.statusCode ?? 0, text }));
          },
        );
        sent.on('error', reject);
        sent.end();
      });
    const published = await get('shop.desk.example.org', '/');
    expect([published.status, published.text]).toEqual([502, 'nothing listens on port 9 of sandbox "box"\n']);
    expect((await get('nobody.desk.example.org', '/')).status).toBe(404);
    expect((await get('api.example.org', '/sandboxes')).status).toBe(401);
    // The origin that counts is the one people see: https.
    expect((await get('api.example.org', '/sandboxes', { origin: `http://api.example.org:${port}` })).status).toBe(403);
    expect((await get('api.example.org', '/sandboxes', { origin: `https://api.example.org:${port}` })).status).toBe(
      401,
    );
  });
});
