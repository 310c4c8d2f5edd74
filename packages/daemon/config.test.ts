import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig, parseFlags, parseListen } from './config.ts';
import { publishZone, secureHosts, servedHosts } from './publish/zone.ts';
import { urlOf } from './publish/url.ts';

let dir: string;
let path: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'bhatti-config-'));
  path = join(dir, 'config.yaml');
  writeFileSync(path, '');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const load = (args: readonly string[], env: Record<string, string> = {}) =>
  loadConfig(parseFlags([`--config=${path}`, ...args]), env);

const refusal = (loading: Promise<unknown>) =>
  loading.then(
    () => 'accepted',
    (error: Error) => error.message,
  );

describe('the configuration', () => {
  test('takes a flag before the file, the file before the environment, and that before what is built in', async () => {
    expect((await load([])).listen).toEqual({ host: '127.0.0.1', port: 8080 });
    expect((await load([], { BHATTI_LISTEN: ':1' })).listen).toEqual({ host: '0.0.0.0', port: 1 });
    writeFileSync(path, 'listen: "127.0.0.1:2"\n');
    expect((await load([], { BHATTI_LISTEN: ':1' })).listen.port).toBe(2);
    expect((await load(['--listen', '127.0.0.1:3'], { BHATTI_LISTEN: ':1' })).listen.port).toBe(3);
  });

  test('names the key that it does not know, wherever it stands', async () => {
    writeFileSync(path, 'listne: x\n');
    expect(await refusal(load([]))).toContain('listne');
    writeFileSync(path, 'defaults: {memroy_mb: 1}\n');
    expect(await refusal(load([]))).toContain('memroy_mb');
  });

  test('refuses values that cannot work', async () => {
    for (const [args, words] of [
      [['--instance', 'Too-Long-Name'], 'instance'],
      [['--subnet', '10.1.2.0/24'], 'subnet'],
      [['--listen', 'nowhere'], 'listen'],
    ] as const)
      expect(await refusal(load(args))).toContain(words);
    writeFileSync(path, 'domain: {tls_cert: /a}\n');
    expect(await refusal(load([]))).toContain('tls_key');
    expect(await refusal(loadConfig(parseFlags(['--config', join(dir, 'absent.yaml')]), {}))).toContain('absent.yaml');
    expect(() => parseFlags(['--nope'])).toThrow('nope');
    expect(() => parseFlags(['word'])).toThrow('word');
  });

  test('reads defaults, limits and idling', async () => {
    writeFileSync(
      path,
      'defaults: {cpus: 2, memory_mb: 2048, disk_size_mb: 9000}\nlimits: {max_sandboxes: 7}\nidle: {warm_after_s: 0}\n',
    );
    const config = await load([]);
    expect(config.defaults).toEqual({ cpus: 2, memoryMib: 2048, diskMib: 9000 });
    expect(config.limits).toEqual({ maxSandboxes: 7, maxCpus: 4, maxMemoryMib: 8192 });
    expect(config.warmAfterMs).toBe(0);
  });
});

describe('parseListen', () => {
  test('understands addresses of both families', () => {
    expect(parseListen('[::1]:80', 'listen')).toEqual({ host: '::1', port: 80 });
    expect(parseListen(':8080', 'listen')).toEqual({ host: '0.0.0.0', port: 8080 });
    for (const bad of ['8080', '::1:80', 'host:', 'host:0', 'host:65536', '[::1]', 'a b:1x'])
      expect(() => parseListen(bad, 'listen')).toThrow('listen');
  });
});

describe('the zone of published ports', () => {
  test('is localhost, on the port that is listened on, with a tunnel line', async () => {
    const config = await load(['--listen', '0.0.0.0:9000']);
    const zone = publishZone(config);
    expect(urlOf(zone, 'desk-1')).toBe('http://desk-1.localhost:9000/');
    expect(zone.connect).toBe('127.0.0.1:9000');
    expect(zone.tunnel).toMatch(/^ssh -L 9000:127\.0\.0\.1:9000 \S+@\S+$/);
    expect(servedHosts(config)).toEqual({ zones: ['localhost'], apiHosts: [] });
  });

  test('is the configured domain, which is https for people whoever speaks TLS', async () => {
    writeFileSync(path, 'domain: {api_host: api.example.org, proxy_zone: Desk.Example.org}\n');
    const config = await load([]);
    const zone = publishZone(config);
    expect(urlOf(zone, 'a')).toBe('https://a.desk.example.org/');
    expect(zone.tunnel).toBeUndefined();
    expect(servedHosts(config)).toEqual({ zones: ['localhost', 'desk.example.org'], apiHosts: ['api.example.org'] });
    const isSecure = secureHosts(config);
    expect(['api.example.org', 'a.desk.example.org', 'localhost', 'a.localhost'].map(isSecure)).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});
