import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { join } from 'node:path';

import { executable, titled, whyNoSandboxes } from '../../support/capability.ts';
import { Cli, TerminalRun } from '../../support/cli.ts';
import { TestDaemon } from '../../support/daemon.ts';

const why = whyNoSandboxes('computer');
const script = join(import.meta.dir, '..', '..', '..', 'scripts', 'start.ts');

describe.skipIf(why !== undefined)(titled('npm start', why), () => {
  let daemon: TestDaemon;
  let cli: Cli;
  let env: Record<string, string>;
  beforeAll(async () => {
    daemon = await TestDaemon.start({ images: ['computer'] });
    cli = new Cli(daemon.runDir);
    env = {
      ...cli.env,
      BHATTI_EXECUTABLE: executable,
      BHATTI_CONFIG: join(daemon.dir, 'config.yaml'),
      BHATTI_DATA_DIR: daemon.dataDir,
      BHATTI_INSTANCE: daemon.instance,
      BHATTI_SUBNET: daemon.subnet,
      BHATTI_LISTEN: `127.0.0.1:${daemon.port}`,
    };
    await daemon.end('SIGTERM');
  });
  afterAll(() => daemon[Symbol.asyncDispose]());

  const start = (more: Record<string, string> = {}) =>
    new TerminalRun([process.execPath, script], { ...env, ...more }, { rows: 40, cols: 100 });

  test('starts the daemon, makes the desktop, and says how to get in; Ctrl-C leaves the sandbox', async () => {
    const run = start();
    await run.sees(/Ctrl-C stops the daemon/, 90_000);
    const screen = plain(run);
    for (const step of ['daemon', 'image "computer"', 'sandbox "desk"', 'port 6080 published', 'desktop drawn'])
      expect(screen).toMatch(new RegExp(`✓ ${step} +\\d+\\.\\d s`));
    const url = /URL +(http:\/\/desk-[0-9a-f]{6}\.localhost:\d+\/)\r\n/.exec(screen)?.[1] ?? '';
    const [, user, password] = /User +(\S+)\r\n +Password +(\S{16})\r\n/.exec(screen) ?? [];
    expect((await ask(url)).status).toBe(401);
    const page = await ask(url, `Basic ${btoa(`${user}:${password}`)}`);
    expect(page.status).toBe(200);
    expect(screen).not.toContain('ssh -L');
    run.type('\u0003');
    await run.sees(/Daemon stopped\. Sandbox "desk" runs on/);
    expect(await run.exited).toBe(0);
    expect((await cli.run(['list'])).exitCode).toBe(4);
  });

  test('run again reuses all of it, and names the tunnel to a person from afar', async () => {
    const run = start({ SSH_CONNECTION: '198.51.100.1 50000 203.0.113.9 22', USER: 'ann' });
    await run.sees(/Ctrl-C stops the daemon/, 90_000);
    const screen = plain(run);
    expect(screen).toMatch(/✓ sandbox "desk" .*running/);
    expect(screen).toContain(`ssh -L ${daemon.port}:127.0.0.1:${daemon.port} ann@203.0.113.9`);
    await cli.must(['stop', 'desk']);
    run.type('\u0003');
    expect(await run.exited).toBe(0);
  });

  test('uses a daemon that runs already, starts a stopped sandbox, and leaves both', async () => {
    await daemon.run();
    const run = start();
    await run.sees(/Ctrl-C ends this/, 90_000);
    expect(plain(run)).toMatch(/✓ daemon .*already running/);
    expect(plain(run)).toMatch(/✓ sandbox "desk" .*started again/);
    run.type('\u0003');
    await run.sees(/goes on, and sandbox "desk" with it/);
    expect(await run.exited).toBe(0);
    expect(await cli.must(['list'])).toMatch(/^desk +running/m);
  });
});

function plain(run: TerminalRun): string {
  return Bun.stripANSI(run.screen);
}

/** What a browser would get: the name is not asked of any resolver. */
function ask(url: string, authorization?: string): Promise<Response> {
  const { host, port } = new URL(url);
  return fetch(`http://127.0.0.1:${port}/`, { headers: { host, ...(authorization ? { authorization } : {}) } });
}
