import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { titled, whyNoSandboxes } from '../../support/capability.ts';
import { connect } from 'node:net';
import { TestDaemon } from '../../support/daemon.ts';
import { until } from '../../support/until.ts';

const why = whyNoSandboxes();

describe.skipIf(why !== undefined)(titled('bad input', why), () => {
  let daemon: TestDaemon;
  beforeAll(async () => {
    daemon = await TestDaemon.start();
    await daemon.create({ name: 'there', memory_mb: 256 });
    await daemon.create({ name: 'other', memory_mb: 256 });
    await daemon.call('POST', '/sandboxes/other/publish', { body: { port: 80, alias: 'taken' } });
  });
  afterAll(() => daemon[Symbol.asyncDispose]());

  const create = (more: object) => ['POST', '/sandboxes', { name: 'new', ...more }] as const;
  const publish = (body: object) => ['POST', '/sandboxes/there/publish', body] as const;

  /** What is asked, and which code and which words answer it. */
  const table: readonly (readonly [string, readonly [string, string, unknown?], string, RegExp])[] = [
    ['an unknown sandbox', ['GET', '/sandboxes/nope'], 'SANDBOX_NOT_FOUND', /"nope"/],
    ['exec in an unknown sandbox', ['POST', '/sandboxes/nope/exec', { argv: ['true'] }], 'SANDBOX_NOT_FOUND', /"nope"/],
    ['an unknown image', create({ image: 'nope' }), 'IMAGE_NOT_FOUND', /"nope"/],
    ['an image name that is a path', create({ image: '../images/minimal' }), 'IMAGE_NOT_FOUND', /images/],
    ['a name outside the pattern', create({ name: '../x' }), 'INVALID_ARGUMENT', /"name"/],
    ['a name that starts with a dash', create({ name: '-x' }), 'INVALID_ARGUMENT', /"name"/],
    ['no cpus', create({ cpus: 0 }), 'INVALID_ARGUMENT', /"cpus"/],
    ['memory that is text', create({ memory_mb: 'much' }), 'INVALID_ARGUMENT', /"memory_mb"/],
    ['memory beyond the host', create({ memory_mb: 9_999_999 }), 'INVALID_ARGUMENT', /9999999 MB/],
    [
      'a width that is no number',
      create({ env: { DISPLAY_WIDTH: 'banana' } }),
      'INVALID_ARGUMENT',
      /banana.*DISPLAY_WIDTH/,
    ],
    ['a height of nothing', create({ env: { DISPLAY_HEIGHT: '0' } }), 'INVALID_ARGUMENT', /DISPLAY_HEIGHT/],
    ['a depth that X does not have', create({ env: { DISPLAY_DEPTH: '12' } }), 'INVALID_ARGUMENT', /DISPLAY_DEPTH/],
    ['a negative frame rate', create({ env: { KASM_FRAMERATE: '-1' } }), 'INVALID_ARGUMENT', /KASM_FRAMERATE/],
    ['half a thread', create({ env: { KASM_THREADS: '0.5' } }), 'INVALID_ARGUMENT', /KASM_THREADS/],
    ['a variable name with a space', create({ env: { 'A B': '1' } }), 'INVALID_ARGUMENT', /variable name/],
    ['a field that does not exist', create({ memroy_mb: 1024 }), 'INVALID_ARGUMENT', /memroy_mb/],
    ['a relative file', create({ files: [{ guest_path: 'x', content: '' }] }), 'INVALID_ARGUMENT', /"x"/],
    ['an engine that is not here', create({ engine: 'microvm' }), 'HOST_UNSUPPORTED', /microvm/],
    ['a name that means another sandbox', create({ name: 'there', memory_mb: 512 }), 'ALREADY_EXISTS', /memory_mb/],
    ['port 0', publish({ port: 0 }), 'INVALID_ARGUMENT', /1 and 65535/],
    ['port 65536', publish({ port: 65_536 }), 'INVALID_ARGUMENT', /1 and 65535/],
    ['a port that is text', publish({ port: '80' }), 'INVALID_ARGUMENT', /"port"/],
    ['a taken alias', publish({ port: 80, alias: 'taken' }), 'ALIAS_TAKEN', /"taken"/],
    ['a reserved alias', publish({ port: 80, alias: 'bhatti' }), 'INVALID_ARGUMENT', /reserved/],
    ['an alias with a dot', publish({ port: 80, alias: 'a.b' }), 'INVALID_ARGUMENT', /alias/],
    ['unpublishing what is not published', ['DELETE', '/sandboxes/there/publish/81'], 'PUBLISH_RULE_NOT_FOUND', /81/],
    ['unpublishing no port', ['DELETE', '/sandboxes/there/publish/x'], 'INVALID_ARGUMENT', /"x"/],
    ['a body that is not JSON', ['POST', '/sandboxes', '{'], 'INVALID_ARGUMENT', /not JSON/],
    ['an exec without a command', ['POST', '/sandboxes/there/exec', { argv: [] }], 'INVALID_ARGUMENT', /"argv"/],
    [
      'an exec as nobody who exists',
      ['POST', '/sandboxes/there/exec', { argv: ['true'], user: 'nope' }],
      'INVALID_ARGUMENT',
      /"nope"/,
    ],
    ['a relative path', ['GET', '/sandboxes/there/files?path=x'], 'INVALID_ARGUMENT', /"x"/],
    ['a file that is not there', ['GET', '/sandboxes/there/files?path=/nope'], 'FILE_NOT_FOUND', /nope/],
    ['a proxied port that is none', ['GET', '/sandboxes/there/proxy/99999/'], 'INVALID_ARGUMENT', /99999/],
    ['a proxied port where nothing listens', ['GET', '/sandboxes/there/proxy/9/'], 'BAD_GATEWAY', /port 9/],
    ['resuming what is stopped', ['POST', '/sandboxes/stopped/resume'], 'SANDBOX_NOT_FOUND', /"stopped"/],
    ['renaming to a name in use', ['PATCH', '/sandboxes/there', { name: 'other' }], 'ALREADY_EXISTS', /"other"/],
    ['a path that is nothing', ['GET', '/nope'], 'NOT_FOUND', /\/nope/],
    ['a method that is nothing there', ['PUT', '/sandboxes'], 'NOT_FOUND', /PUT/],
    ['an image that is in use', ['DELETE', '/images/minimal'], 'IMAGE_IN_USE', /minimal/],
    ['an unknown tier', ['POST', '/images/build', { name: 'nope' }], 'IMAGE_NOT_FOUND', /nope/],
  ];
  for (const [what, [method, path, body], code, words] of table)
    test(`${what} is refused with ${code}`, async () => {
      const reply = await daemon.call(method, path, body === undefined ? {} : { body });
      expect(reply.json.code).toBe(code);
      expect(reply.json.message).toMatch(words);
      expect(reply.json.message).not.toContain('\n');
      expect(reply.json.error).toBe(reply.json.message);
      expect(reply.status).toBeGreaterThanOrEqual(400);
    });

  test('an unknown image comes with the command that builds one', async () => {
    expect((await daemon.call('POST', '/sandboxes', { body: { image: 'nope' } })).json.hint).toBe(
      'bhatti image build computer',
    );
  });

  test('a body beyond its limit is refused before it is read', async () => {
    const socket = connect(daemon.socketPath);
    let text = '';
    socket.on('data', (chunk) => (text += chunk.toString()));
    socket.write('POST /sandboxes HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n{');
    await until(
      () => socket.closed,
      () => text,
    );
    expect(text).toStartWith('HTTP/1.1 413 ');
    expect(text).toContain('"MESSAGE_TOO_LARGE"');
  });

  test('nothing was made by any of this', async () => {
    const names = (await daemon.call('GET', '/sandboxes')).json.map((sandbox: { name: string }) => sandbox.name);
    expect(names.toSorted()).toEqual(['other', 'there']);
    expect((await daemon.call('GET', '/sandboxes/there/publish')).json).toEqual([]);
  });
});
