import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { titled, whyNoSandboxes } from '../../support/capability.ts';
import { TestGuest } from '../../support/guest.ts';

const why = whyNoSandboxes();

describe.skipIf(why !== undefined)(titled('files of a sandbox', why), () => {
  let guest: TestGuest;
  beforeAll(async () => {
    guest = await TestGuest.start();
  });
  afterAll(() => guest[Symbol.asyncDispose]());

  const files = (method: string, path: string, more = '', body?: string | Uint8Array, headers = {}) =>
    guest.call(method, `/files?path=${encodeURIComponent(path)}${more}`, body, headers);
  const code = (text: string): string => JSON.parse(text).code;

  describe('are refused', () => {
    test('where there are none', async () => {
      expect((await files('HEAD', '/no/such')).status).toBe(404);
      for (const method of ['GET', 'DELETE']) {
        const { status, text } = await files(method, '/no/such');
        expect({ status, code: code(text) }).toEqual({ status: 404, code: 'FILE_NOT_FOUND' });
      }
    });

    test('for paths that are no absolute ones, and for what is no file', async () => {
      for (const path of ['', 'etc/passwd', '/etc/passwd/x', '/tmp'])
        expect(code((await files('GET', path)).text)).toBe('INVALID_ARGUMENT');
      await guest.root('mkfifo /tmp/fifo');
      expect(code((await files('GET', '/tmp/fifo')).text)).toBe('INVALID_ARGUMENT');
      expect(code((await files('PUT', '/tmp', '', 'x')).text)).toBe('INVALID_ARGUMENT');
      expect(code((await files('PUT', '/tmp/mode', '&mode=99', 'x')).text)).toBe('INVALID_ARGUMENT');
    });

    test('where the system forbids it', async () => {
      expect(code((await files('PUT', '/sys/kernel/x', '', 'x')).text)).toBe('FORBIDDEN');
    });

    test('when the disk is full, and the old content stays', async () => {
      // A tmpfs of 5 MB that every sandbox has.
      await files('PUT', '/run/lock/test/file', '', 'old');
      expect(code((await files('PUT', '/run/lock/test/file', '', new Uint8Array(8_000_000))).text)).toBe('HOST_FULL');
      expect((await files('GET', '/run/lock/test/file')).text).toBe('old');
      expect(await guest.root('ls -A /run/lock/test')).toBe('file\n');
    });
  });

  test('are written whole, belong to lohar, and keep their mode', async () => {
    expect((await files('PUT', '/home/lohar/new/dir/file', '', 'one')).status).toBe(204);
    expect(await guest.root('stat -c "%a %U" /home/lohar/new /home/lohar/new/dir/file')).toBe('755 lohar\n644 lohar\n');
    await files('PUT', '/home/lohar/new/dir/file', '&mode=0750', 'two');
    await files('PUT', '/home/lohar/new/dir/file', '', 'three');
    expect(await guest.root('stat -c %a /home/lohar/new/dir/file; cat /home/lohar/new/dir/file')).toBe('750\nthree');
  });

  test('stay what a link leads to', async () => {
    await guest.root('echo old >/opt/real && ln -sf /opt/real /opt/link');
    await files('PUT', '/opt/link', '', 'new');
    expect(await guest.root('readlink /opt/link; cat /opt/real')).toBe('/opt/real\nnew');
  });

  test('of any size and any bytes come back the same', async () => {
    const bytes = Buffer.from(Array.from({ length: 3_000_000 }, (_, at) => (at * 31) % 256));
    await files('PUT', '/tmp/big', '', bytes);
    const { bytes: back, headers } = await files('GET', '/tmp/big');
    expect(back.equals(bytes)).toBe(true);
    expect(headers).toMatchObject({ 'x-file-size': '3000000', 'x-file-mode': '0644' });
    expect((await files('PUT', '/tmp/empty', '', '')).status).toBe(204);
    expect((await files('GET', '/tmp/empty')).bytes.length).toBe(0);
  });

  test('are read in parts', async () => {
    await files('PUT', '/tmp/parts', '', '0123456789');
    const range = (value: string) => files('GET', '/tmp/parts', '', undefined, { range: value });
    expect((await range('bytes=2-4')).text).toBe('234');
    expect((await range('bytes=7-')).text).toBe('789');
    expect((await range('bytes=-2')).text).toBe('89');
    expect((await range('bytes=5-99')).headers).toMatchObject({ 'content-range': 'bytes 5-9/10' });
    expect((await range('bytes=2-4')).status).toBe(206);
    expect((await files('GET', '/tmp/parts', '&offset=3&limit=2')).text).toBe('34');
  });

  test('of /proc are read to their end', async () => {
    expect((await files('GET', '/proc/version')).text).toStartWith('Linux');
  });

  test('are listed with size, mode and kind', async () => {
    await guest.root(
      'rm -rf /opt/list && mkdir -p /opt/list/sub && echo abc >/opt/list/a && ln -s /nowhere /opt/list/b && chmod 600 /opt/list/a',
    );
    const entries = JSON.parse((await files('GET', '/opt/list', '&ls=true')).text);
    expect(entries).toMatchObject([
      { name: 'a', size: 4, mode: '0600', is_dir: false },
      { name: 'b', is_dir: false },
      { name: 'sub', is_dir: true, mode: '0755' },
    ]);
    expect((await files('HEAD', '/opt/list')).headers).toMatchObject({ 'x-file-is-dir': 'true' });
  });

  test('are removed', async () => {
    await files('PUT', '/tmp/gone', '', 'x');
    expect((await files('DELETE', '/tmp/gone')).status).toBe(204);
    expect((await files('HEAD', '/tmp/gone')).status).toBe(404);
    await guest.root('mkdir -p /tmp/tree/sub');
    expect((await files('DELETE', '/tmp/tree')).status).toBe(400);
    expect((await files('DELETE', '/tmp/tree', '&recursive=true')).status).toBe(204);
  });
});
