import { hasCode, type ErrorCode } from '@bhatti/base/errors.ts';
import { newSandboxId, type SandboxId } from '@bhatti/base/ids.ts';
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { openEngineHost, type EngineHost } from '../../support/engine-host.ts';
import { enginesUnderTest } from '../../support/engine-list.ts';
import { until } from '../../support/until.ts';

for (const subject of enginesUnderTest) {
  describe(`lifecycle of a sandbox (${subject.name})`, () => {
    let host: EngineHost;
    beforeAll(async () => {
      host = await openEngineHost(subject);
    });
    afterAll(async () => await host[Symbol.asyncDispose]());

    test('an id that does not exist can only be destroyed', async () => {
      const { op } = host;
      const engine = host.engine();
      const id = newSandboxId();
      expect(await engine.status(id)).toBeUndefined();
      await expectCode(engine.start(op, id), 'SANDBOX_NOT_FOUND');
      await expectCode(engine.stop(op, id), 'SANDBOX_NOT_FOUND');
      await expectCode(engine.pause(op, id), 'SANDBOX_NOT_FOUND');
      await expectCode(engine.resume(op, id), 'SANDBOX_NOT_FOUND');
      await expectCode(engine.dialAgent(op, id), 'SANDBOX_NOT_FOUND');
      await engine.destroy(op, id);
    });

    test('create refuses an image that is not here, more memory than the host has, and an id in use', async () => {
      const { op } = host;
      const engine = host.engine();
      await expectCode(engine.create(op, host.spec({ image: 'nosuch' })), 'IMAGE_NOT_FOUND');
      await expectCode(engine.create(op, host.spec({ memoryMib: 1 << 30 })), 'INVALID_ARGUMENT');
      expect(await engine.list()).toEqual([]);
      const spec = host.spec();
      await engine.create(op, spec);
      await expectCode(engine.create(op, spec), 'ALREADY_EXISTS');
      await engine.destroy(op, spec.id);
      expect(await engine.list()).toEqual([]);
    });

    test('each phase refuses what is not legal in it', async () => {
      const { op } = host;
      const engine = host.engine();
      const { id } = await engine.create(op, host.spec());
      const phase = async () => (await engine.status(id))?.phase;

      expect(await phase()).toBe('created');
      await expectCode(engine.stop(op, id), 'SANDBOX_WRONG_PHASE');
      await expectCode(engine.pause(op, id), 'SANDBOX_WRONG_PHASE');
      await expectCode(engine.resume(op, id), 'SANDBOX_WRONG_PHASE');
      await expectCode(engine.dialAgent(op, id), 'SANDBOX_WRONG_PHASE');

      expect((await engine.start(op, id)).phase).toBe('running');
      await expectCode(engine.start(op, id), 'SANDBOX_WRONG_PHASE');
      await expectCode(engine.resume(op, id), 'SANDBOX_WRONG_PHASE');

      await engine.pause(op, id);
      expect(await phase()).toBe('paused');
      await expectCode(engine.pause(op, id), 'SANDBOX_WRONG_PHASE');
      await expectCode(engine.start(op, id), 'SANDBOX_WRONG_PHASE');
      await expectCode(engine.dialAgent(op, id), 'SANDBOX_WRONG_PHASE');
      await engine.resume(op, id);
      expect(await phase()).toBe('running');

      expect((await engine.stop(op, id)).phase).toBe('stopped');
      expect((await engine.stop(op, id)).phase).toBe('stopped');
      await expectCode(engine.pause(op, id), 'SANDBOX_WRONG_PHASE');
      await expectCode(engine.dialAgent(op, id), 'SANDBOX_WRONG_PHASE');
      await engine.destroy(op, id);
      expect(await engine.status(id)).toBeUndefined();
    });

    test('a command runs, and files survive stop and start', async () => {
      const { op } = host;
      const engine = host.engine();
      const { id, address } = await host.launch({ name: 'keeper' });
      expect(await host.run(id, 'hostname')).toMatchObject({ exitCode: 0, output: 'keeper\n' });
      await host.run(id, 'echo kept > /root/file; chown 1000:1000 /root/file');
      await engine.stop(op, id);
      expect((await engine.start(op, id)).address).toBe(address);
      expect((await host.run(id, 'cat /root/file; stat -c %u:%g /root/file')).output).toBe('kept\n1000:1000\n');
      await engine.destroy(op, id);
    });

    test('a paused sandbox stands still, and goes on where it was', async () => {
      const { op } = host;
      const engine = host.engine();
      const { id } = await host.launch();
      const clock = await host.launch();
      const tickForever = '(while true; do echo x >> /run/ticks; usleep 1000; done) >/dev/null 2>&1 &';
      const ticks = async (of: SandboxId) => Number((await host.run(of, 'cat /run/ticks | wc -l')).output);
      for (const of of [id, clock.id]) await host.run(of, tickForever);
      await until(async () => (await ticks(id)) > 0);
      await engine.pause(op, id);
      const before = cpuTimeOf(host, id);
      // Another sandbox is the clock: it makes a hundred steps while this one makes none.
      const start = await ticks(clock.id);
      await until(async () => (await ticks(clock.id)) > start + 100);
      expect(cpuTimeOf(host, id)).toBe(before);
      await engine.resume(op, id);
      const resumed = await ticks(id);
      await until(async () => (await ticks(id)) > resumed);
      for (const of of [id, clock.id]) await engine.destroy(op, of);
    });

    test('a sandbox that is paused can be stopped, and one that is paused can be destroyed', async () => {
      const { op } = host;
      const engine = host.engine();
      const { id } = await host.launch();
      await engine.pause(op, id);
      expect((await engine.stop(op, id)).phase).toBe('stopped');
      await engine.start(op, id);
      await engine.pause(op, id);
      await engine.destroy(op, id);
    });

    test('a first program that cannot be run is a boot failure with its reason, and leaves nothing', async () => {
      const { op } = host;
      const engine = host.engine();
      const { id } = await host.launch();
      await host.run(id, 'chmod 0644 /usr/lib/bhatti/init');
      await engine.stop(op, id);
      const error = await expectCode(engine.start(op, id), 'BOOT_FAILED');
      expect(error.message).toContain('permission denied');
      expect((await engine.status(id))?.phase).toBe('stopped');
      await engine.destroy(op, id);
    });

    test('when PID 1 ends by itself the sandbox is stopped, and can be started again', async () => {
      const { op } = host;
      const engine = host.engine();
      const { id } = await host.launch();
      await host.run(id, '(sleep 0.05; kill -TERM 1) >/dev/null 2>&1 &');
      await until(async () => (await engine.status(id))?.phase === 'stopped');
      await engine.start(op, id);
      expect((await host.run(id, 'echo again')).output).toBe('again\n');
      await engine.destroy(op, id);
    });

    test('a program that ignores SIGTERM does not outlive stop', async () => {
      const { op } = host;
      const engine = host.engine();
      const { id } = await host.launch();
      await host.run(id, `(trap '' TERM; while true; do sleep 1; done) >/dev/null 2>&1 &`);
      await engine.stop(op, id);
      expect((await engine.status(id))?.phase).toBe('stopped');
      await engine.destroy(op, id);
    });

    test('eight run at once, each with an address of its own', async () => {
      const { op } = host;
      const engine = host.engine();
      const all = await Promise.all(Array.from({ length: 8 }, () => host.launch({ memoryMib: 128 })));
      expect(new Set(all.map(({ address }) => address)).size).toBe(8);
      const answers = await Promise.all(
        all.map(async ({ id, address }) => ({ address, said: (await host.run(id, 'ip -4 -o addr show eth0')).output })),
      );
      for (const { address, said } of answers) expect(said).toContain(` ${address}/24 `);
      await Promise.all(all.map(({ id }) => engine.destroy(op, id)));
      expect(await engine.list()).toEqual([]);
    });

    test('an owner’s network comes and goes with the sandboxes, however they overlap', async () => {
      const { op } = host;
      const engine = host.engine();
      for (let round = 0; round < 4; round++) {
        const [one, two] = await Promise.all([host.launch({ owner: 'carol' }), host.launch({ owner: 'carol' })]);
        const [, three] = await Promise.all([
          engine.destroy(op, one.id),
          host.launch({ owner: 'carol' }),
          engine.destroy(op, two.id),
        ]);
        expect((await host.run(three.id, `ping -c 1 -W 2 ${three.gateway}`)).exitCode).toBe(0);
        await engine.destroy(op, three.id);
      }
      const bridges = Bun.spawnSync(['ip', '-br', 'link'])
        .stdout.toString()
        .split('\n')
        .filter((line) => line.startsWith(host.config.instance));
      expect(bridges).toEqual([]);
    });

    test('a new engine adopts what runs, what is paused and what is stopped', async () => {
      const { op } = host;
      const running = await host.launch({ name: 'running' });
      const paused = await host.launch({ name: 'paused' });
      const stopped = await host.launch({ name: 'stopped' });
      await host.run(running.id, 'echo here > /run/mark');
      await host.engine().pause(op, paused.id);
      await host.engine().stop(op, stopped.id);
      const engine = await host.reopen();
      const phases = new Map((await engine.list()).map(({ id, phase }) => [id, phase]));
      expect([phases.get(running.id), phases.get(paused.id), phases.get(stopped.id)]).toEqual([
        'running',
        'paused',
        'stopped',
      ]);
      expect((await host.run(running.id, 'cat /run/mark')).output).toBe('here\n');
      await engine.resume(op, paused.id);
      expect((await host.run(paused.id, 'echo awake')).output).toBe('awake\n');
      for (const { id } of [running, paused, stopped]) await engine.destroy(op, id);
    });
  });
}

async function expectCode<C extends ErrorCode>(promise: Promise<unknown>, code: C): Promise<Error> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (hasCode(error, code)) return error;
  throw new Error(`expected ${code}, got ${String(error)}`, { cause: error });
}

function cpuTimeOf(host: EngineHost, id: string): string {
  const groups = ['cpuacct/%/cpuacct.usage', '%/cpu.stat'].map(
    (path) => `/sys/fs/cgroup/${path.replace('%', `${host.config.instance}/${id}`)}`,
  );
  return groups.map((path) => Bun.spawnSync(['cat', path], { stderr: 'ignore' }).stdout.toString()).join('');
}
