import { afterAll, beforeAll, describe, expect, test } from 'bun:test';

import { titled, whyNoSandboxes } from '../../support/capability.ts';
import { Cli } from '../../support/cli.ts';
import { TestDaemon } from '../../support/daemon.ts';
import { until } from '../../support/until.ts';

const why = whyNoSandboxes();

describe.skipIf(why !== undefined)(titled('bhatti shell', why), () => {
  let daemon: TestDaemon;
  let cli: Cli;
  beforeAll(async () => {
    daemon = await TestDaemon.start();
    cli = new Cli(daemon.runDir);
    await cli.must(['create', '--name', 'box', '--image', 'minimal']);
  });
  afterAll(() => daemon[Symbol.asyncDispose]());

  test('is a login shell in /workspace that follows the window and hears Ctrl-C', async () => {
    const run = cli.onTerminal(['shell', 'box', '--new']);
    await run.sees(/\$ $/);
    run.type('stty size; pwd; id -un\r');
    await run.sees(/30 100\r\n\/workspace\r\nlohar/);
    run.resize(40, 120);
    await until(async () => {
      run.type('stty size\r');
      return /40 120/.test(run.screen);
    });
    run.type('sleep 1000\r');
    await until(async () => (await daemon.sh('box', 'pgrep -fc "^sleep 1000" || true')).trim() === '1');
    run.type('\u0003');
    run.type('exit 5\r');
    expect(await run.exited).toBe(5);
  });

  test('left with Ctrl+\\ runs on, is listed, and is found again with what it knew', async () => {
    const first = cli.onTerminal(['shell', 'box', '--new']);
    await first.sees(/\$ $/);
    first.type('KEPT=forty-two; echo "is"-set\r');
    await first.sees(/is-set/);
    first.type('\u001c');
    await first.sees(/detached/);
    expect(await first.exited).toBe(0);

    // Those that ended a moment ago are listed as well.
    const sessions: { running: boolean }[] = JSON.parse(await cli.must(['ps', 'box', '--json']));
    expect(sessions.filter(({ running }) => running)).toMatchObject([{ argv: '/bin/bash -li', attached: false }]);
    const listed = await cli.must(['ps', 'box']);
    expect(listed).toMatch(/^ID +COMMAND +RUNNING +ATTACHED\n/);
    expect(listed).toMatch(/^s\d+ +\/bin\/bash -li +true +false$/m);

    const again = cli.onTerminal(['shell', 'box']);
    again.type('echo "it is $KEPT"\r');
    await again.sees(/it is forty-two/);
    again.type('exit\r');
    expect(await again.exited).toBe(0);
  });

  test('stays when the terminal of its person goes away', async () => {
    const run = cli.onTerminal(['shell', 'box', '--new']);
    await run.sees(/\$ $/);
    run.type('echo $$ > /tmp/shell-pid\r');
    await until(async () => (await daemon.sh('box', 'cat /tmp/shell-pid 2>/dev/null || true')) !== '');
    run.kill();
    await run.exited;
    expect(await daemon.sh('box', 'kill -0 "$(cat /tmp/shell-pid)" && echo alive')).toBe('alive\n');
    await daemon.sh('box', 'kill -KILL "$(cat /tmp/shell-pid)"');
  });

  test('says how it was lost and how to come back when the daemon dies', async () => {
    const run = cli.onTerminal(['shell', 'box', '--new']);
    await run.sees(/\$ $/);
    await daemon.end('SIGKILL');
    await run.sees(/connection lost \(session s\d+ still running\)/);
    await run.sees(/bhatti shell box --session s\d+/);
    expect(await run.exited).toBe(8);
    await daemon.run();
  });

  test('needs a terminal', async () => {
    const outcome = await cli.run(['shell', 'box']);
    expect(outcome.exitCode).toBe(2);
    expect(outcome.stderr).toStartWith(
      'error: cannot open a shell: standard input and output must be a terminal\nhint: ',
    );
  });
});
