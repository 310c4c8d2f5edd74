import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { titled, whyNoSandboxes } from '../../support/capability.ts';
import { TestDaemon } from '../../support/daemon.ts';
import { until } from '../../support/until.ts';

const why = whyNoSandboxes();

describe.skipIf(why !== undefined)(titled('a sandbox over the API', why), () => {
  let daemon: TestDaemon;
  beforeAll(async () => {
    daemon = await TestDaemon.start();
  });
  afterAll(() => daemon[Symbol.asyncDispose]());

  const get = async (name: string) => (await daemon.call('GET', `/sandboxes/${name}`)).json;
  const act = (name: string, verb: string) => daemon.call('POST', `/sandboxes/${name}/${verb}`);

  test('is created with what was asked, and says which barrier holds it', async () => {
    const made = await daemon.create({
      name: 'full',
      cpus: 0.5,
      memory_mb: 256,
      disk_size_mb: 512,
      env: { GREETING: 'hello world' },
      labels: { team: 'a' },
      files: [{ guest_path: '/etc/motd', content: Buffer.from('hi\n').toString('base64'), mode: '0640' }],
    });
    expect(made).toMatchObject({
      name: 'full',
      status: 'running',
      thermal: 'hot',
      engine: 'container',
      image: 'minimal',
      cpus: 0.5,
      memory_mb: 256,
      disk_size_mb: 512,
      keep_hot: false,
      labels: { team: 'a' },
      urls: [],
      created_by: 'local',
    });
    expect(made.id).toMatch(/^[0-9a-f]{16}$/);
    expect(made.notices[0]).toContain('container');
    expect(await daemon.sh('full', 'echo "$GREETING"; hostname; cat /etc/motd; stat -c %a /etc/motd')).toBe(
      'hello world\nfull\nhi\n640\n',
    );
    expect((await daemon.call('GET', '/sandboxes?label=team=a')).json.length).toBe(1);
    expect((await daemon.call('GET', '/sandboxes?label=team=b')).json.length).toBe(0);
  });

  test('says when more cpus were asked for than there are', async () => {
    const made = await daemon.create({ name: 'many', cpus: 512, memory_mb: 256 });
    expect(made.notices.filter((notice: string) => notice.includes('512')).length).toBe(1);
    await daemon.call('DELETE', '/sandboxes/many');
  });

  test('is the same sandbox when it is asked for again, also twice at once', async () => {
    const request = { name: 'again', memory_mb: 256 };
    const [first, second] = await Promise.all([
      daemon.call('POST', '/sandboxes', { body: request }),
      daemon.call('POST', '/sandboxes', { body: request }),
    ]);
    expect([first.status, second.status].toSorted((a, b) => a - b)).toEqual([200, 201]);
    expect(second.json.id).toBe(first.json.id);
    const third = await daemon.call('POST', '/sandboxes', { body: request });
    expect(third.status).toBe(200);
    expect(third.headers['x-bhatti-existing']).toBe('true');
    expect(third.json.id).toBe(first.json.id);
  });

  test('refuses what its phase does not allow', async () => {
    await daemon.create({ name: 'phases', memory_mb: 256 });
    expect((await act('phases', 'stop')).json.status).toBe('stopped');
    for (const verb of ['pause', 'resume']) {
      const refused = await act('phases', verb);
      expect(refused.status).toBe(409);
      expect(refused.json.code).toBe('SANDBOX_WRONG_PHASE');
    }
  });

  test('may be stopped, started, paused and resumed twice', async () => {
    for (const [verb, status, thermal] of [
      ['stop', 'stopped', undefined],
      ['stop', 'stopped', undefined],
      ['start', 'running', 'hot'],
      ['start', 'running', 'hot'],
      ['pause', 'running', 'warm'],
      ['pause', 'running', 'warm'],
      ['resume', 'running', 'hot'],
      ['resume', 'running', 'hot'],
    ] as const) {
      const reply = await act('phases', verb);
      expect([verb, reply.status, reply.json.status, reply.json.thermal]).toEqual([verb, 200, status, thermal]);
    }
  });

  test('keeps its files over a stop, and its first files are not written twice', async () => {
    await daemon.sh('full', 'echo mine > /workspace/kept; sudo sh -c "echo changed > /etc/motd"');
    await act('full', 'stop');
    expect((await get('full')).stopped_at).toBeString();
    await act('full', 'start');
    expect(await daemon.sh('full', 'cat /workspace/kept /etc/motd; echo "$GREETING"')).toBe(
      'mine\nchanged\nhello world\n',
    );
  });

  test('is woken by whatever comes, once for all', async () => {
    await act('phases', 'pause');
    const all = await Promise.all(Array.from({ length: 8 }, () => daemon.sh('phases', 'echo up')));
    expect(all).toEqual(Array.from({ length: 8 }, () => 'up\n'));
    await act('phases', 'stop');
    expect(await daemon.sh('phases', 'echo started')).toBe('started\n');
    expect((await get('phases')).thermal).toBe('hot');
  });

  test('keeps its memory over a pause', async () => {
    await daemon.sh('phases', 'sleep 1000 >/dev/null 2>&1 & echo $! > /tmp/pid');
    await act('phases', 'pause');
    await act('phases', 'resume');
    expect(await daemon.sh('phases', 'kill -0 $(cat /tmp/pid) && echo alive')).toBe('alive\n');
  });

  test('that shuts itself down is stopped, and the next command starts it', async () => {
    await daemon.create({ name: 'ender', memory_mb: 256 });
    await daemon
      .call('POST', '/sandboxes/ender/exec', {
        body: { argv: ['sudo', 'sh', '-c', 'kill -KILL -1; kill -TERM 1'], timeoutMs: 5_000 },
      })
      .catch(() => undefined);
    await daemon
      .call('POST', '/sandboxes/ender/exec', { body: { argv: ['sudo', 's6-svscanctl', '-t', '/run/service'] } })
      .catch(() => undefined);
    const said = await until(async () => {
      const reply = await daemon.call('POST', '/sandboxes/ender/exec', { body: { argv: ['echo', 'back'] } });
      return reply.status === 200 && reply.json.stdout;
    });
    expect(said).toBe('back\n');
  });

  test('is found by id and by its new name', async () => {
    const { id } = await get('again');
    const edited = await daemon.call('PATCH', `/sandboxes/${id}`, {
      body: { name: 'renamed', labels_add: { a: '1', b: '2' }, labels_remove: ['a'], keep_hot: true },
    });
    expect(edited.json).toMatchObject({ id, name: 'renamed', labels: { b: '2' }, keep_hot: true });
    expect((await daemon.call('GET', '/sandboxes/again')).status).toBe(404);
    expect((await get('renamed')).id).toBe(id);
  });

  test('is gone after its destruction, with all that was its own on the host', async () => {
    const { id } = await get('renamed');
    await daemon.call('POST', '/sandboxes/renamed/publish', { body: { port: 80, alias: 'gone' } });
    expect((await daemon.call('DELETE', '/sandboxes/renamed')).json).toEqual({ status: 'destroyed' });
    expect((await daemon.call('GET', `/sandboxes/${id}`)).status).toBe(404);
    expect((await daemon.call('DELETE', `/sandboxes/${id}`)).status).toBe(404);
    expect(existsSync(join(daemon.dataDir, 'sandboxes', id))).toBe(false);
    expect(readdirSync(daemon.runDir, { recursive: true }).filter((path) => String(path).includes(id))).toEqual([]);
    const taken = await daemon.call('POST', '/sandboxes/full/publish', { body: { port: 80, alias: 'gone' } });
    expect(taken.status).toBe(201);
  });

  test('can be made again under its name while it is still being destroyed', async () => {
    await daemon.create({ name: 'phoenix', memory_mb: 256 });
    const [gone, made] = await Promise.all([
      daemon.call('DELETE', '/sandboxes/phoenix'),
      daemon.call('POST', '/sandboxes', { body: { name: 'phoenix', memory_mb: 300 } }),
    ]);
    expect(gone.status).toBe(200);
    expect([made.status, made.json.memory_mb]).toEqual([201, 300]);
  });

  test('tells what happened to it', async () => {
    const types = (await daemon.call('GET', '/events?limit=1000')).json
      .filter((event: { sandbox: string }) => event.sandbox === 'phases')
      .map((event: { type: string }) => event.type);
    for (const type of ['sandbox.created', 'sandbox.stopped', 'sandbox.started', 'sandbox.paused', 'sandbox.resumed'])
      expect(types).toContain(type);
  });
});

describe.skipIf(why !== undefined)(titled('an idle sandbox', why), () => {
  test('is paused when nobody uses it, unless it works or shall be kept hot', async () => {
    await using daemon = await TestDaemon.start({ config: { idle: { warm_after_s: 1 } } });
    for (const name of ['idle', 'busy', 'hot']) await daemon.create({ name, memory_mb: 256, keep_hot: name === 'hot' });
    await daemon.sh('busy', 'sh -c "while :; do :; done" >/dev/null 2>&1 &');
    const thermal = async (name: string) => (await daemon.call('GET', `/sandboxes/${name}`)).json.thermal;
    await until(
      async () => (await thermal('idle')) === 'warm',
      () => daemon.log,
      40_000,
    );
    expect(await thermal('busy')).toBe('hot');
    expect(await thermal('hot')).toBe('hot');
    expect(await daemon.sh('idle', 'echo awake')).toBe('awake\n');
  });
});
