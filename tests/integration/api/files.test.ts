import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { titled, whyNoSandboxes } from '../../support/capability.ts';
import { TestDaemon } from '../../support/daemon.ts';
import { until } from '../../support/until.ts';

const why = whyNoSandboxes();
const mega = 1024 * 1024;

describe.skipIf(why !== undefined)(titled('files over the API', why), () => {
  let daemon: TestDaemon;
  beforeAll(async () => {
    daemon = await TestDaemon.start();
    await daemon.create({ name: 'box', memory_mb: 512 });
  });
  afterAll(() => daemon[Symbol.asyncDispose]());

  const at = (path: string, more = '') => `/sandboxes/box/files?path=${encodeURIComponent(path)}${more}`;

  test('come back as they were written, every byte', async () => {
    const content = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    const put = await daemon.call('PUT', at('/workspace/ä b&c', '&mode=0600'), { body: content });
    expect([put.status, put.json]).toEqual([200, { status: 'ok' }]);
    const got = await daemon.call('GET', at('/workspace/ä b&c'));
    expect(got.bytes).toEqual(content);
    expect(got.headers['x-file-size']).toBe('256');
    const head = await daemon.call('HEAD', at('/workspace/ä b&c'));
    expect([head.status, head.headers['x-file-size'], head.headers['x-file-is-dir'], head.text]).toEqual([
      200,
      '256',
      'false',
      '',
    ]);
    expect(Number.parseInt(String(head.headers['x-file-mode']), 8) & 0o777).toBe(0o600);
  });

  test('are listed, and go', async () => {
    const entries = (await daemon.call('GET', at('/workspace', '&ls=true'))).json;
    expect(entries.map((entry: { name: string }) => entry.name)).toContain('ä b&c');
    expect((await daemon.call('DELETE', at('/workspace/ä b&c'))).status).toBe(204);
    expect((await daemon.call('GET', at('/workspace/ä b&c'))).status).toBe(404);
  });

  test('of 50 MB pass both ways without being held in the daemon’s memory', async () => {
    const before = residentBytes(daemon.pid);
    const sent = createHash('sha256');
    const put = await stream('PUT', at('/workspace/big'), function* () {
      for (let count = 0; count < 50; count += 1) {
        const chunk = randomBytes(mega);
        sent.update(chunk);
        yield chunk;
      }
    });
    expect(put.status).toBe(200);
    const got = await stream('GET', at('/workspace/big'));
    expect(got.bytes).toBe(50 * mega);
    expect(got.digest).toBe(sent.digest('hex'));
    expect(residentBytes(daemon.pid) - before).toBeLessThan(40 * mega);
    await daemon.call('DELETE', at('/workspace/big'));
  });

  test('whose upload breaks off leave what was there', async () => {
    await daemon.call('PUT', at('/workspace/whole'), { body: 'whole' });
    const sent = request({
      socketPath: daemon.socketPath,
      method: 'PUT',
      path: at('/workspace/whole'),
      agent: false,
      headers: { 'content-length': 1_000_000 },
    });
    sent.on('error', () => {});
    await new Promise<void>((resolve) => sent.write(Buffer.alloc(500_000), () => resolve()));
    sent.destroy();
    await until(
      async () => (await daemon.sh('box', 'ls -A /workspace | wc -l')).trim() === '1',
      () => daemon.sh('box', 'ls -lA /workspace'),
    );
    expect((await daemon.call('GET', at('/workspace/whole'))).text).toBe('whole');
  });

  test('are written in a sandbox that sleeps', async () => {
    await daemon.call('POST', '/sandboxes/box/pause');
    expect((await daemon.call('PUT', at('/workspace/woken'), { body: 'x' })).status).toBe(200);
  });

  function stream(method: string, path: string, chunks?: () => Generator<Buffer>) {
    return new Promise<{ status: number; bytes: number; digest: string }>((resolve, reject) => {
      const sent = request({ socketPath: daemon.socketPath, method, path, agent: false }, (reply) => {
        const digest = createHash('sha256');
        let bytes = 0;
        reply.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          digest.update(chunk);
        });
        reply.on('end', () => resolve({ status: reply.statusCode ?? 0, bytes, digest: digest.digest('hex') }));
      });
      sent.on('error', reject);
      void (async () => {
        for (const chunk of chunks?.() ?? [])
          if (!sent.write(chunk)) await new Promise((drained) => sent.once('drain', drained));
        sent.end();
      })();
    });
  }
});

function residentBytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
}
