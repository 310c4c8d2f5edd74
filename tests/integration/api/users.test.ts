import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { titled, whyNoSandboxes } from '../../support/capability.ts';
import { TestDaemon } from '../../support/daemon.ts';

const why = whyNoSandboxes();

describe.skipIf(why !== undefined)(titled('users and their keys', why), () => {
  let daemon: TestDaemon;
  const keys: Record<string, string> = {};
  beforeAll(async () => {
    daemon = await TestDaemon.start();
    for (const [name, max] of [
      ['ann', 2],
      ['ben', 1],
    ] as const) {
      const made = await daemon.call('POST', '/users', {
        body: { name, max_sandboxes: max, max_cpus: 2, max_memory_mb: 512 },
      });
      expect(made.status).toBe(201);
      keys[name] = made.json.api_key;
    }
  });
  afterAll(() => daemon[Symbol.asyncDispose]());

  const as = (name: string, method: string, path: string, body?: unknown) =>
    daemon.call(method, path, {
      isTcp: true,
      headers: { authorization: `Bearer ${keys[name]}` },
      ...(body === undefined ? {} : { body }),
    });

  test('are needed on TCP, but for the health', async () => {
    expect((await daemon.call('GET', '/health', { isTcp: true })).json.status).toBe('ok');
    const without = await daemon.call('GET', '/sandboxes', { isTcp: true });
    expect([without.status, without.json.error]).toEqual([401, 'authorization required']);
    expect(without.headers['www-authenticate']).toStartWith('Bearer');
    const wrong = await daemon.call('GET', '/sandboxes', {
      isTcp: true,
      headers: { authorization: `Bearer bht_${'0'.repeat(64)}` },
    });
    expect([wrong.status, wrong.json.error]).toEqual([401, 'invalid api key']);
    const unknownPath = await daemon.call('GET', '/nope', { isTcp: true });
    expect(unknownPath.status).toBe(401);
  });

  test('are shown once and kept as a hash', async () => {
    expect(keys['ann']).toMatch(/^bht_[0-9a-f]{64}$/);
    expect((await daemon.call('GET', '/users')).text).not.toContain(keys['ann'] ?? '');
    const database = await Bun.file(`${daemon.dataDir}/state.db`).text();
    expect(database + (await Bun.file(`${daemon.dataDir}/state.db-wal`).text())).not.toContain(
      (keys['ann'] ?? '').slice(4),
    );
  });

  test('see only what is theirs, and may have the same names', async () => {
    for (const name of ['ann', 'ben'])
      expect((await as(name, 'POST', '/sandboxes', { name: 'box', memory_mb: 256 })).status).toBe(201);
    const [anns] = (await as('ann', 'GET', '/sandboxes')).json;
    const [bens] = (await as('ben', 'GET', '/sandboxes')).json;
    expect(anns.id).not.toBe(bens.id);
    expect([anns.created_by, bens.created_by]).toEqual(['ann', 'ben']);
    for (const [method, path] of [
      ['GET', ''],
      ['DELETE', ''],
      ['POST', '/exec'],
      ['POST', '/stop'],
      ['GET', '/files?path=/etc/passwd'],
      ['GET', '/proxy/80/'],
    ]) {
      const refused = await as(
        'ann',
        method ?? '',
        `/sandboxes/${bens.id}${path}`,
        path === '/exec' ? { argv: ['true'] } : undefined,
      );
      expect([path, refused.status, refused.json.code]).toEqual([path, 404, 'SANDBOX_NOT_FOUND']);
    }
    expect((await daemon.call('GET', '/sandboxes')).json.length).toBe(2);
  });

  test('are held to their limits, and an idempotent request at the limit is not', async () => {
    expect((await as('ben', 'POST', '/sandboxes', { name: 'second' })).json.code).toBe('QUOTA_EXCEEDED');
    expect((await as('ben', 'POST', '/sandboxes', { name: 'box', memory_mb: 256 })).status).toBe(200);
    expect((await as('ann', 'POST', '/sandboxes', { name: 'big', cpus: 3 })).json.code).toBe('QUOTA_EXCEEDED');
    expect((await as('ann', 'POST', '/sandboxes', { name: 'big', memory_mb: 1024 })).json.code).toBe('QUOTA_EXCEEDED');
  });

  test('may not do what is the administrator’s', async () => {
    for (const [method, path] of [
      ['GET', '/users'],
      ['POST', '/users'],
      ['DELETE', '/users/ben'],
      ['DELETE', '/images/minimal'],
      ['POST', '/images/build'],
      ['GET', '/events'],
    ])
      expect([path, (await as('ann', method ?? '', path ?? '')).json.code]).toEqual([path, 'FORBIDDEN']);
  });

  test('lose their key when a new one is made, and go only when nothing is theirs', async () => {
    const rotated = await daemon.call('POST', '/users/ben/rotate-key');
    expect((await as('ben', 'GET', '/sandboxes')).status).toBe(401);
    keys['ben'] = rotated.json.api_key;
    expect((await daemon.call('DELETE', '/users/ben')).json.code).toBe('LOCKED');
    expect((await as('ben', 'DELETE', '/sandboxes/box')).status).toBe(200);
    expect((await daemon.call('DELETE', '/users/ben')).status).toBe(204);
    expect((await as('ben', 'GET', '/sandboxes')).status).toBe(401);
    expect((await daemon.call('POST', '/users', { body: { name: 'ann' } })).json.code).toBe('ALREADY_EXISTS');
  });
});
