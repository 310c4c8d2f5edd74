import { afterAll, beforeAll, describe, expect, test } from 'bun:test';

import { VERSION } from '@bhatti/base/version.ts';

import { titled, whyNoSandboxes } from '../../support/capability.ts';
import { Cli } from '../../support/cli.ts';
import { TestDaemon } from '../../support/daemon.ts';

const why = whyNoSandboxes();

describe.skipIf(why !== undefined)(titled('the commands', why), () => {
  let daemon: TestDaemon;
  let cli: Cli;
  beforeAll(async () => {
    daemon = await TestDaemon.start();
    cli = new Cli(daemon.runDir);
  });
  afterAll(() => daemon[Symbol.asyncDispose]());

  test('take a sandbox through its life, in the words of the original', async () => {
    const sizes = ['--cpus', '1', '--memory', '256', '--disk-size', '512'];
    const created = await cli.must(['create', '--name', 'life', '--image', 'minimal', ...sizes, '--label', 'team=a']);
    expect(created).toMatch(
      /^sandbox\/life created \(1 vCPU, 256 MB, 512 MB disk\)\n {2}IP: {4}[\d.]+\n {2}Shell: bhatti shell life\n$/,
    );
    expect(await cli.must(['create', '--name', 'life'])).toBe('sandbox/life unchanged (already exists)\n');
    const [head, row] = (await cli.must(['ls'])).split('\n');
    expect(head).toBe('NAME                 STATUS     THERMAL  IP');
    expect(row).toMatch(/^life {17}running {4}hot {6}10\.[\d.]+$/);
    expect(await cli.must(['list', '-o', 'wide'])).toMatch(/ 1 {6}256 {6}512 {6}minimal {6}team=a\n$/);
    expect(JSON.parse(await cli.must(['list', '--json', '--label', 'team=a']))).toHaveLength(1);
    expect(JSON.parse(await cli.must(['list', '--json', '--label', 'team=b']))).toHaveLength(0);
    expect(await cli.must(['inspect', 'life'])).toMatch(/^ {2}Disk: +512 MB \(\d+ MB used, \d+ MB free\)$/m);
    expect(await cli.must(['pause', 'life'])).toBe('sandbox/life paused\n');
    expect(await cli.must(['list'])).toMatch(/^life +running +warm /m);
    expect(await cli.must(['resume', 'life'])).toBe('sandbox/life resumed\n');
    expect(await cli.must(['edit', 'life', '--name', 'later', '--keep-hot', '--label-delete', 'team'])).toMatch(
      /^Updated later\n {2}Keep hot: +yes\n {2}Labels: +-\n$/,
    );
    expect(await cli.must(['stop', 'later'])).toBe('sandbox/later stopped\n');
    expect(await cli.must(['start', 'later'])).toBe('sandbox/later started\n');
    expect(JSON.parse(await cli.must(['info', 'later', '--json']))).toMatchObject({ name: 'later', keep_hot: true });
    expect(await cli.must(['rm', 'later', '-y'])).toBe('sandbox/later destroyed\n');
    expect(await cli.must(['list'])).toBe('NAME                 STATUS     THERMAL  IP\n');
  });

  test('move files of any size and bytes, and list them', async () => {
    await cli.must(['create', '--name', 'files', '--image', 'minimal']);
    const content = new Uint8Array(2_000_000).map((_, at) => (at * 7) & 0xff);
    expect(await cli.must(['file', 'write', 'files', '/workspace/a b', '--mode', '0600'], { stdin: content })).toBe(
      'ok\n',
    );
    const back = await cli.run(['file', 'read', 'files', '/workspace/a b']);
    expect(Buffer.from(back.stdoutBytes).equals(Buffer.from(content))).toBe(true);
    expect(await cli.must(['file', 'ls', 'files', '/workspace'])).toBe('-0600  2000000 a b\n');
    expect(await cli.must(['file', 'write', 'files', '/workspace/empty'], { stdin: '' })).toBe('ok\n');
    await cli.must(['rm', 'files', '-y']);
  });

  test('carry a file into a new sandbox, and run its --init', async () => {
    await Bun.write(`${daemon.dir}/note`, 'carried');
    const more = ['--file', `${daemon.dir}/note:/workspace/note`, '--init', 'cat /workspace/note > /tmp/init'];
    await cli.must(['create', '--name', 'carry', '--image', 'minimal', ...more]);
    const script = 'until [ -s /tmp/init ]; do sleep 0.05; done; cat /tmp/init';
    expect(await cli.must(['exec', 'carry', '--timeout', '10', '--', 'sh', '-c', script])).toBe('carried');
    await cli.must(['rm', 'carry', '-y']);
  });

  test('publish a port, say how to reach it from afar, and take it back', async () => {
    await cli.must(['create', '--name', 'web', '--image', 'minimal']);
    const url = /^Published: (http:\/\/my-web\.localhost:\d+\/)\n$/.exec(
      await cli.must(['publish', 'web', '-p', '8000', '-a', 'my-web']),
    )?.[1];
    expect(url).toBe(`http://my-web.localhost:${daemon.port}/`);
    const env = { SSH_CONNECTION: '198.51.100.1 50000 203.0.113.9 22', USER: 'ann' };
    expect(await cli.must(['publish', 'web', '-p', '8000'], { env })).toBe(
      `Published: ${url}\nTunnel:    ssh -L ${daemon.port}:127.0.0.1:${daemon.port} ann@203.0.113.9\n`,
    );
    expect(await cli.must(['ports', 'web'])).toBe('No listening ports detected.\n');
    expect(await cli.must(['unpublish', 'web', '-p', '8000'])).toBe('Unpublished port 8000\n');
    await cli.must(['rm', 'web', '-y']);
  });

  test('make users, whose key works over TCP by option, environment and file, and a wrong one does not', async () => {
    const key = (await cli.must(['user', 'create', '--name', 'bob', '--max-sandboxes', '1'])).trim();
    expect(key).toMatch(/^bht_[0-9a-f]{64}$/);
    const url = `http://127.0.0.1:${daemon.port}`;
    expect(await cli.must(['list', '--url', url, '--token', key])).toStartWith('NAME');
    expect(await cli.must(['list'], { env: { BHATTI_URL: url, BHATTI_TOKEN: key } })).toStartWith('NAME');
    const config = `${daemon.dir}/client.yaml`;
    await Bun.write(config, `api_url: ${url}\nauth_token: ${key}\n`);
    expect(await cli.must(['version'], { env: { BHATTI_CONFIG: config } })).toBe(
      `bhatti ${VERSION}\napi: ${url}\nserver: ${VERSION}\n`,
    );
    // The option wins over the file, the file over the environment.
    const elsewhere = { BHATTI_CONFIG: config, BHATTI_URL: 'http://127.0.0.1:1' };
    expect(await cli.must(['list'], { env: elsewhere })).toStartWith('NAME');
    expect((await cli.run(['list', '--url', 'http://127.0.0.1:1'], { env: elsewhere })).exitCode).toBe(4);
    const wrong = await cli.run(['list', '--url', url, '--token', 'bht_0']);
    expect(wrong.exitCode).toBe(3);
    expect(wrong.stderr).toMatch(/^error: .+\nhint: .+\n$/);
    expect(await cli.must(['user', 'list'])).toMatch(/^bob +1 +/m);
    expect(await cli.must(['user', 'delete', 'bob', '-y'])).toBe('user/bob deleted\n');
  });

  test('list images, refuse to delete one in use, and run over one URL with exec as well', async () => {
    const images = JSON.parse(await cli.must(['image', 'list', '--json']));
    expect(images).toMatchObject([{ name: 'minimal' }]);
    expect(await cli.must(['image', 'list'])).toMatch(
      /^minimal +\d+ MB +\d+ +\d{4}-\d\d-\d\d +sha256:[0-9a-f]{12}\n$/m,
    );
    await cli.must(['create', '--name', 'stands', '--image', 'minimal']);
    const refused = await cli.run(['image', 'delete', 'minimal']);
    expect(refused.exitCode).toBe(2);
    expect(refused.stderr).toContain('"minimal"');
    const key = (await cli.must(['user', 'create', '--name', 'eve'])).trim();
    const env = { BHATTI_URL: `http://127.0.0.1:${daemon.port}`, BHATTI_TOKEN: key };
    // Another owner's sandbox is not there for her; her own is.
    expect((await cli.run(['exec', 'stands', '--', 'true'], { env })).exitCode).toBe(125);
    await cli.must(['create', '--name', 'own', '--image', 'minimal'], { env });
    expect(await cli.must(['exec', 'own', '--', 'cat'], { env, stdin: 'over tcp' })).toBe('over tcp');
    await cli.must(['rm', 'own', '-y'], { env });
    await cli.must(['rm', 'stands', '-y']);
    await cli.must(['user', 'delete', 'eve', '-y']);
  });

  test('complete names of commands, options, sandboxes and images', async () => {
    await cli.must(['create', '--name', 'completed', '--image', 'minimal']);
    const complete = async (...words: string[]) => (await cli.must(['__complete', ...words])).split('\n').slice(0, -1);
    expect(await complete('im')).toEqual(['image']);
    expect(await complete('image', '')).toEqual(['build', 'list', 'delete']);
    expect(await complete('stop', 'comp')).toEqual(['completed']);
    expect(await complete('create', '--image', '')).toEqual(['minimal']);
    expect(await complete('create', '--disk')).toEqual(['--disk-size']);
    expect(await complete('exec', 'completed', '--', '')).toEqual([]);
    await cli.must(['rm', 'completed', '-y']);
    for (const shell of ['bash', 'zsh', 'fish'])
      expect(await cli.must(['completion', shell])).toContain('bhatti __complete');
  });

  test('ask before they destroy, and only "y" goes on', async () => {
    await cli.must(['create', '--name', 'asked', '--image', 'minimal']);
    const silent = await cli.run(['destroy', 'asked']);
    expect(silent).toMatchObject({ exitCode: 2, stdout: '' });
    expect(silent.stderr).toContain('hint: to do it without asking: bhatti destroy asked -y');
    const no = cli.onTerminal(['destroy', 'asked']);
    await no.sees(/\[y\/N\]: $/);
    no.type('no\r');
    expect(await no.exited).toBe(130);
    const yes = cli.onTerminal(['destroy', 'asked']);
    await yes.sees(/\[y\/N\]: $/);
    yes.type('y\r');
    await yes.sees(/sandbox\/asked destroyed/);
    expect(await yes.exited).toBe(0);
  });
});
