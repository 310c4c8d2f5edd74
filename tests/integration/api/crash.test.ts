import { describe, expect, test } from 'bun:test';
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { openWebSocket } from '@bhatti/sys/net/websocket-client.ts';
import { executable, titled, whyNoSandboxes } from '../../support/capability.ts';
import { freePort, TestDaemon } from '../../support/daemon.ts';
import { until } from '../../support/until.ts';

const why = whyNoSandboxes();

describe.skipIf(why !== undefined)(titled('a daemon that is killed', why), () => {
  test('finds running, paused and stopped sandboxes again as they were, and their rules', async () => {
    await using daemon = await TestDaemon.start();
    for (const name of ['running', 'paused', 'stopped']) await daemon.create({ name, memory_mb: 256, env: { A: 'b' } });
    await daemon.sh('running', 'sleep 1000 >/dev/null 2>&1 & echo $! > /tmp/pid');
    await daemon.call('POST', '/sandboxes/paused/pause');
    await daemon.call('POST', '/sandboxes/stopped/stop');
    const rule = (await daemon.call('POST', '/sandboxes/running/publish', { body: { port: 8000 } })).json;
    const before = (await daemon.call('GET', '/sandboxes')).json;

    await daemon.end('SIGKILL');
    await daemon.run();

    expect(await daemon.sh('running', 'kill -0 $(cat /tmp/pid) && echo "$A"')).toBe('b\n');
    expect((await daemon.call('GET', '/sandboxes/running/publish')).json).toEqual([rule]);
    const after = (await daemon.call('GET', '/sandboxes')).json;
    expect(after).toEqual(before);
    expect(await daemon.sh('paused', 'echo thawed')).toBe('thawed\n');
    expect(await daemon.sh('stopped', 'echo started')).toBe('started\n');
  });

  test('leaves nothing of a creation, whenever it dies', async () => {
    await using daemon = await TestDaemon.start();
    // Not time but progress decides when it dies: each round lets the creation come one event further.
    for (const moment of ['record', 'runtime', 'reply'] as const) {
      const creating = daemon
        .call('POST', '/sandboxes', { body: { name: moment, memory_mb: 256 } })
        .catch(() => undefined);
      await until(() =>
        moment === 'record'
          ? existsSync(join(daemon.dataDir, 'sandboxes')) &&
            Bun.spawnSync(['ls', join(daemon.dataDir, 'sandboxes')]).stdout.length > 0
          : moment === 'runtime'
            ? Bun.spawnSync(['ls', join(daemon.runDir, 'runc')]).stdout.length > 0
            : daemon.log.includes(`sandbox:create sandbox=${moment}`),
      );
      await daemon.end('SIGKILL');
      await creating;
      await daemon.run();
      const known: { name: string }[] = await until(async () => {
        const list = (await daemon.call('GET', '/sandboxes')).json;
        return list.every((sandbox: { status: string }) => sandbox.status === 'running') && list;
      });
      const names = known.map(({ name }) => name);
      if (names.includes(moment)) expect(await daemon.sh(moment, 'echo whole')).toBe('whole\n');
      const again = await daemon.call('POST', '/sandboxes', { body: { name: moment, memory_mb: 256 } });
      expect([200, 201]).toContain(again.status);
      await daemon.call('DELETE', `/sandboxes/${moment}`);
      await until(() => Bun.spawnSync(['ls', join(daemon.dataDir, 'sandboxes')]).stdout.length === 0);
    }
  });

  test('ends a destruction that it had begun', async () => {
    await using daemon = await TestDaemon.start();
    const { id } = await daemon.create({ name: 'doomed', memory_mb: 256 });
    const destroying = daemon.call('DELETE', '/sandboxes/doomed').catch(() => undefined);
    await until(async () => (await daemon.call('GET', `/sandboxes/${id}`)).json.status !== 'running');
    await daemon.end('SIGKILL');
    await destroying;
    await daemon.run();
    await until(async () => (await daemon.call('GET', `/sandboxes/${id}`)).status === 404);
    expect(existsSync(join(daemon.dataDir, 'sandboxes', id))).toBe(false);
  });

  test('lets a command that runs go on where it was detached', async () => {
    await using daemon = await TestDaemon.start();
    await daemon.create({ name: 'box', memory_mb: 256 });
    await daemon.call('POST', '/sandboxes/box/exec', {
      body: {
        argv: ['sh', '-c', 'while [ ! -e /tmp/go ]; do sleep 0.05; done; echo done > /tmp/result'],
        detach: true,
      },
    });
    await daemon.end('SIGKILL');
    await daemon.run();
    await daemon.sh('box', 'touch /tmp/go');
    await until(async () => (await daemon.sh('box', 'cat /tmp/result 2>/dev/null || true')) === 'done\n');
  });
});

describe.skipIf(why !== undefined)(titled('a daemon that cannot serve', why), () => {
  const serve = async (args: readonly string[]) => {
    const child = Bun.spawn([executable, ...args], {
      env: { ...process.env, BHATTI_EXECUTABLE: executable },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const stderr = await new Response(child.stderr).text();
    return { exitCode: await child.exited, lines: stderr.trim().split('\n') };
  };

  test('says which process has the data directory', async () => {
    await using daemon = await TestDaemon.start();
    const { exitCode, lines } = await serve(daemon.args);
    expect(exitCode).toBe(4);
    expect(lines[0]).toBe(
      `error: cannot serve "${daemon.dataDir}": another bhatti serves it already (process ${daemon.pid})`,
    );
    expect(lines[1]).toStartWith('hint: ');
    expect(await daemon.isServing()).toBe(true);
  });

  test('says which address is taken', async () => {
    await using daemon = await TestDaemon.start();
    await daemon.end('SIGTERM');
    const port = await freePort();
    const rival = createServer();
    await new Promise<void>((resolve) => rival.listen(port, '127.0.0.1', resolve));
    const { exitCode, lines } = await serve([...daemon.args, `--listen=127.0.0.1:${port}`]);
    rival.close();
    expect(exitCode).toBe(4);
    expect(lines.at(-2)).toBe(`error: cannot listen on 127.0.0.1:${port}: another program listens there`);
  });

  test('names what is wrong with its configuration', async () => {
    await using daemon = await TestDaemon.start();
    await daemon.end('SIGTERM');
    for (const [content, words] of [
      ['listne: 127.0.0.1:1', /"listne"/],
      ['listen: nowhere', /"nowhere" for "listen"/],
      ['domain: {tls_cert: /x}', /both tls_cert and tls_key/],
      ['a: [', /cannot read config file/],
    ] as const) {
      const path = join(daemon.dir, 'bad.yaml');
      writeFileSync(path, content);
      const { exitCode, lines } = await serve([
        ...daemon.args.filter((arg) => !arg.startsWith('--listen') && !arg.startsWith('--config')),
        `--config=${path}`,
      ]);
      expect([content, exitCode]).toEqual([content, 2]);
      expect(lines[0]).toMatch(words);
    }
    expect((await serve(['serve', '--nope'])).exitCode).toBe(2);
  });

  test('takes no database for an empty one, and no sandbox for a leftover, when the database is lost', async () => {
    await using daemon = await TestDaemon.start();
    await daemon.create({ name: 'precious', memory_mb: 256 });
    await daemon.end('SIGTERM');
    const path = join(daemon.dataDir, 'state.db');
    renameSync(path, `${path}.away`);
    for (const extra of ['-wal', '-shm']) rmSync(path + extra, { force: true });
    const lost = await serve(daemon.args);
    expect([lost.exitCode, lost.lines[0]]).toEqual([
      6,
      `error: cannot serve "${daemon.dataDir}": it holds 1 sandboxes, but its state.db is gone`,
    ]);
    writeFileSync(path, 'not a database '.repeat(1_000));
    const corrupt = await serve(daemon.args);
    expect(corrupt.exitCode).toBe(6);
    expect(corrupt.lines[0]).toStartWith(`error: cannot read the database "${path}"`);
    renameSync(`${path}.away`, path);
    await daemon.run();
    expect(await daemon.sh('precious', 'echo here')).toBe('here\n');
  });

  test('stops in order when it is told to, and sandboxes run on', async () => {
    await using daemon = await TestDaemon.start();
    await daemon.create({ name: 'box', memory_mb: 256 });
    await daemon.sh('box', 'sleep 1000 >/dev/null 2>&1 & echo $! > /tmp/pid');
    // Neither a stream that is open nor a command that runs holds it up.
    const streaming = await openWebSocket({
      connect: { unix: daemon.socketPath },
      host: 'x',
      path: '/sandboxes/box/exec',
      headers: {},
    });
    if (streaming.kind === 'open') streaming.socket.send(JSON.stringify({ type: 'exec', argv: ['sleep', '1000'] }));
    const running = daemon
      .call('POST', '/sandboxes/box/exec', { body: { argv: ['sleep', '1001'] } })
      .catch(() => 'cut');
    await until(async () => (await daemon.sh('box', 'pgrep -c sleep')).trim() === '3');
    expect(await daemon.end('SIGTERM')).toBe(0);
    expect(daemon.log).toContain('daemon:stop signal=SIGTERM');
    expect(await running).toBe('cut');
    expect(existsSync(daemon.socketPath)).toBe(false);
    await daemon.run();
    expect(await daemon.sh('box', 'kill -0 $(cat /tmp/pid) && echo alive')).toBe('alive\n');
  });
});
