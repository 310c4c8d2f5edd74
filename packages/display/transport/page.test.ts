import { expect, test } from 'bun:test';
import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { makePage } from './page.ts';

const text = '<!doctype html><script>let a = 1;</script><p>x</p><script type="module">\nimport(a)\n</script>';
const page = makePage(text);
const get = (headers: Record<string, string> = {}) =>
  page.answer(new Request('http://x/', { headers: { host: 'desk.localhost:80', ...headers } }));

test('the page comes as it is, and compressed to who takes that', async () => {
  expect(await get().text()).toBe(text);
  const compressed = get({ 'accept-encoding': 'br, gzip' });
  expect(compressed.headers.get('content-encoding')).toBe('gzip');
  expect(gunzipSync(await compressed.arrayBuffer()).toString()).toBe(text);
});

test('only its own scripts may run, by their hashes, and it may talk to its own host only', () => {
  const policy = get().headers.get('content-security-policy') ?? '';
  for (const script of ['let a = 1;', '\nimport(a)\n']) {
    expect(policy).toContain(`'sha256-${createHash('sha256').update(script).digest('base64')}'`);
  }
  expect(policy).toContain("connect-src 'self' ws://desk.localhost:80 wss://desk.localhost:80;");
  expect(get({ host: 'x; script-src *' }).headers.get('content-security-policy')).not.toContain('script-src *');
});

test('who has it already is told that it is the same', () => {
  const etag = get().headers.get('etag') ?? '';
  expect(get({ 'if-none-match': etag }).status).toBe(304);
  expect(get({ 'if-none-match': '"other"' }).status).toBe(200);
});
