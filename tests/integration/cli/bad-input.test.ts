import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { totalmem } from 'node:os';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { titled, whyNoSandboxes } from '../../support/capability.ts';
import { Cli } from '../../support/cli.ts';
import { TestDaemon } from '../../support/daemon.ts';

const why = whyNoSandboxes();

describe.skipIf(why !== undefined)(titled('bad input', why), () => {
  let daemon: TestDaemon;
  let cli: Cli;
  beforeAll(async () => {
    daemon = await TestDaemon.start();
    cli = new Cli(daemon.runDir);
    await cli.must(['create', '--name', 'box', '--image', 'minimal']);
    await cli.must(['publish', 'box', '-p', '80', '-a', 'taken']);
  });
  afterAll(() => daemon[Symbol.asyncDispose]());

  const minimal = ['--image', 'minimal'];
  const tooMuchMb = String(Math.ceil(totalmem() / 1024 / 1024) + 1_000);
  /** Each: the line, the exit code, and what the error must name. */
  const rows: readonly (readonly [line: readonly string[], exitCode: number, names: RegExp])[] = [
    [['stop', 'nobody'], 2, /"nobody"/],
    [['create', '--name', 'x', '--image', 'nowhere'], 2, /"nowhere"/],
    [['image', 'build', 'nowhere'], 2, /"nowhere"/],
    [['image', 'delete', 'nowhere'], 2, /"nowhere"/],
    [['unpublish', 'box', '-p', '81'], 2, /81/],
    [['create', ...minimal, '--name', 'no spaces'], 2, /name/],
    [['create', ...minimal, '--name', '../x'], 2, /name/],
    [['create', ...minimal, '--name', 'x'.repeat(64)], 2, /name/],
    [['publish', 'box', '-p', '0'], 2, /port.*65535/],
    [['publish', 'box', '-p', '65536'], 2, /port.*65535/],
    [['publish', 'box', '-p', '80.5'], 2, /port/],
    [['publish', 'box', '-p', 'http'], 2, /--port.*number/],
    [['publish', 'box'], 2, /--port/],
    [['publish', 'box', '-p', '81', '-a', 'taken'], 2, /"taken"/],
    [['publish', 'box', '-p', '81', '-a', 'Not_A_Label'], 2, /alias/],
    [['publish', 'box', '-p', '81', '-a', 'www'], 2, /reserved/],
    [['create', ...minimal, '--name', 'x', '--cpus', '0'], 2, /cpus/],
    [['create', ...minimal, '--name', 'x', '--cpus', 'two'], 2, /--cpus.*number/],
    [['create', ...minimal, '--name', 'x', '--memory', tooMuchMb], 2, /memory/],
    [['create', ...minimal, '--name', 'x', '--disk-size', '-5'], 2, /disk/],
    [['create', ...minimal, '--name', 'x', '--env', 'DISPLAY_WIDTH=banana'], 2, /DISPLAY_WIDTH/],
    [['create', ...minimal, '--name', 'x', '--env', '1X=2'], 2, /1X/],
    [['create', ...minimal, '--name', 'x', '--env', 'novalue'], 2, /novalue/],
    [['create', ...minimal, '--name', 'x', '--engine', 'cloud'], 2, /cloud/],
    [['create', ...minimal, '--name', 'x', '--file', '/nowhere:/etc/x'], 2, /\/nowhere/],
    [['create', ...minimal, '--name', 'box', '--memory', '333'], 2, /"box".*memory/],
    [['file', 'read', 'box', '/nowhere'], 2, /\/nowhere/],
    [['file', 'read', 'box', 'relative'], 2, /absolute/],
    [['edit', 'box'], 2, /what to change/],
    [['exec', 'box', 'true'], 125, /"--"/],
    [['frobnicate'], 2, /"frobnicate"/],
    [['lsit'], 2, /"lsit"/],
    [['list', '--frobnicate'], 2, /--frobnicate/],
    [['stop'], 2, /NAME/],
    [['stop', 'box', 'other'], 2, /too many/],
    [['--frobnicate'], 2, /--frobnicate/],
  ];

  for (const [line, exitCode, names] of rows)
    test(`bhatti ${line.join(' ').slice(0, 60)}: one line that names it, a hint, nothing on stdout`, async () => {
      const outcome = await cli.run(line);
      expect(outcome).toMatchObject({ exitCode, stdout: '' });
      expect(outcome.stderr).toMatch(/^error: [^\n]+\nhint: [^\n]+\n$/);
      expect(outcome.stderr.split('\n')[0]).toMatch(names);
      expect(outcome.stderr.split('\n')[0]).not.toEndWith('.');
    });

  test('makes nothing: there is one sandbox and one rule as before', async () => {
    expect(JSON.parse(await cli.must(['list', '--json']))).toMatchObject([
      { name: 'box', urls: [`http://taken.localhost:${daemon.port}/`] },
    ]);
  });

  test('answers in the wire form with --json, wherever the word stands', async () => {
    for (const line of [
      ['--json', 'stop', 'nobody'],
      ['stop', 'nobody', '--json'],
    ]) {
      const outcome = await cli.run(line);
      expect(outcome).toMatchObject({ exitCode: 2, stdout: '' });
      expect(JSON.parse(outcome.stderr)).toMatchObject({
        code: 'SANDBOX_NOT_FOUND',
        message: 'sandbox "nobody" not found',
        hint: 'see "bhatti list"',
      });
    }
  });
});

describe('without a daemon', () => {
  const dir = mkdtempSync(join(tmpdir(), 'bhatti-cli-'));
  const cli = new Cli(dir);
  afterAll(() => rmSync(dir, { recursive: true }));

  test('a command says so, and how to start one', async () => {
    const expected = {
      stdout: '',
      stderr: `error: cannot reach the daemon at "${dir}/bhatti.sock": it is not running\nhint: start it with "sudo bhatti serve"\n`,
    };
    expect(await cli.run(['list'])).toMatchObject({ exitCode: 4, ...expected });
    expect(await cli.run(['exec', 'box', '--', 'true'])).toMatchObject({ exitCode: 125, ...expected });
  });

  test('a URL that leads nowhere is named', async () => {
    const outcome = await cli.run(['list', '--url', 'http://127.0.0.1:1']);
    expect(outcome.exitCode).toBe(4);
    expect(outcome.stderr).toStartWith('error: cannot reach the daemon at "http://127.0.0.1:1": it is not running\n');
    expect((await cli.run(['list', '--url', 'localhost:8080'])).exitCode).toBe(2);
    const config = join(dir, 'broken.yaml');
    await Bun.write(config, '{[');
    expect((await cli.run(['list'], { env: { BHATTI_CONFIG: config } })).stderr).toContain(config);
  });

  test('help, version and doctor answer all the same', async () => {
    expect(await cli.must([])).toContain('bhatti create --name desk --image computer');
    expect(await cli.must(['version'])).toMatch(/server: not running\n$/);
    expect(await cli.must(['help', 'image'])).toContain('image build');
    const doctor = await cli.run(['doctor', '--json']);
    const { usable, findings } = JSON.parse(doctor.stdout);
    expect(doctor.exitCode).toBe(usable ? 0 : 6);
    expect(findings.find(({ subject }: { subject: string }) => subject === 'daemon')).toMatchObject({ level: 'warn' });
    expect((await cli.run(['doctor'])).stdout).toMatch(/^(ok|warn|missing) +root /m);
  });

  test('colours are for terminals that want them', async () => {
    expect((await cli.run(['frobnicate'])).stderr).not.toContain('\u001b[');
    const shown = cli.onTerminal(['frobnicate']);
    expect(await shown.exited).toBe(2);
    await shown.sees(/unknown command/);
    expect(shown.screen).toContain('\u001b[31merror:\u001b[0m unknown command');
    const plain = new Cli(dir, { NO_COLOR: '1' }).onTerminal(['frobnicate']);
    expect(await plain.exited).toBe(2);
    await plain.sees(/error: unknown command/);
    expect(plain.screen).not.toContain('\u001b[');
  });
});
