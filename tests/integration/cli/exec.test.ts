import { afterAll, beforeAll, describe, expect, test } from 'bun:test';

import { executable, titled, whyNoSandboxes } from '../../support/capability.ts';
import { Cli } from '../../support/cli.ts';
import { TestDaemon } from '../../support/daemon.ts';
import { until } from '../../support/until.ts';

const why = whyNoSandboxes();

describe.skipIf(why !== undefined)(titled('bhatti exec', why), () => {
  let daemon: TestDaemon;
  let cli: Cli;
  beforeAll(async () => {
    daemon = await TestDaemon.start();
    cli = new Cli(daemon.runDir);
    await cli.must(['create', '--name', 'box', '--image', 'minimal', '--env', 'A=1,B=2']);
  });
  afterAll(() => daemon[Symbol.asyncDispose]());

  const running = async (pattern: string) => Number(await daemon.sh('box', `pgrep -fc "${pattern}" || true`));

  test('exits as the command did, and keeps its two streams apart', async () => {
    const outcome = await cli.run(['exec', 'box', '--', 'sh', '-c', 'echo out; echo err >&2; exit 7']);
    expect(outcome).toMatchObject({ exitCode: 7, stdout: 'out\n', stderr: 'err\n' });
    expect((await cli.run(['exec', 'box', '--', 'sh', '-c', 'kill -KILL $$'])).exitCode).toBe(137);
  });

  test('answers 127 for a command that is not there and 126 for one that cannot run', async () => {
    expect((await cli.run(['exec', 'box', '--', 'no-such-command'])).exitCode).toBe(127);
    expect((await cli.run(['exec', 'box', '--', '/etc/passwd'])).exitCode).toBe(126);
  });

  test('passes every byte both ways, in any amount', async () => {
    const input = new Uint8Array(3_000_000).map((_, at) => (at * 31 + (at >> 8)) & 0xff);
    const outcome = await cli.run(['exec', 'box', '--', 'cat'], { stdin: input });
    expect(outcome.exitCode).toBe(0);
    expect(Buffer.from(outcome.stdoutBytes).equals(Buffer.from(input))).toBe(true);
  });

  test('runs a command of any length, whether it fits into the handshake or not', async () => {
    for (const length of [1, 2_000, 4_000, 100_000]) {
      const word = 'ü'.repeat(length / 2 + 1);
      expect(await cli.must(['exec', 'box', '--', 'echo', word])).toBe(`${word}\n`);
    }
  });

  test('sees create-time environment, its own, directory and user', async () => {
    const script = 'echo $A $B $C; pwd; id -un';
    const line = ['exec', '--env', 'B=two,C=3', 'box', '--cwd', '/usr', '--user', 'root', '--', 'sh', '-c', script];
    expect(await cli.must(line)).toBe('1 two 3\n/usr\nroot\n');
  });

  test('sends standard input where it is redirected, and only there', async () => {
    const outcome = await cli.shell(`
      printf from-pipe | bhatti exec box -- cat; echo
      bhatti exec box -- cat < /etc/hostname | cmp - /etc/hostname && echo same
      bhatti exec box -- cat < /dev/null; echo "null $?"
      bhatti exec box -- cat <&-; echo "closed $?"
      printf 'a\\nb\\n' | while read -r line; do bhatti exec box -n -- echo "got $line"; done`);
    expect(outcome.stdout).toBe('from-pipe\nsame\nnull 0\nclosed 0\ngot a\ngot b\n');
  });

  test('does not wait for an input that nobody ends', async () => {
    const child = Bun.spawn([executable, 'exec', 'box', '--', 'echo', 'early'], {
      env: cli.env,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    expect(await child.exited).toBe(0);
    expect(await new Response(child.stdout).text()).toBe('early\n');
    await child.stdin.end();
  });

  test('ends the command when the reader of its output goes, and says nothing', async () => {
    const outcome = await cli.shell(`bhatti exec box -- yes flood-4711 | head -n 1; echo "\${PIPESTATUS[0]}"`);
    expect(outcome).toMatchObject({ stdout: 'flood-4711\n141\n', stderr: '' });
    await until(async () => (await running('^yes flood-4711')) === 0);
  });

  test('says so when its output finds no room', async () => {
    const outcome = await cli.shell('bhatti exec box -- echo x > /dev/full');
    expect(outcome.exitCode).toBe(125);
    expect(outcome.stderr).toContain('error: cannot write the output: no space left on the device');
  });

  test('leaves the shell’s pipe as it found it', async () => {
    const outcome = await cli.shell('(bhatti exec box -- echo x; grep flags: /proc/self/fdinfo/1) | cat');
    expect(outcome.stdout).toBe('x\nflags:\t01\n');
  });

  for (const [signal, exitCode] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)
    test(`${signal} reaches the command`, async () => {
      const child = cli.start(['exec', 'box', '--', 'sleep', `47${exitCode}`]);
      await until(async () => (await running(`^sleep 47${exitCode}`)) === 1);
      child.kill(signal);
      expect(await child.exited).toBe(exitCode);
      await until(async () => (await running(`^sleep 47${exitCode}`)) === 0);
    });

  test('a second Ctrl-C ends a command that ignores the first, and a kill of the client does', async () => {
    const stubborn = ['exec', 'box', '--', 'bash', '-c', 'trap "" INT TERM HUP; echo ready; sleep 4712'];
    const child = cli.start(stubborn);
    await child.stdout.getReader().read();
    child.kill('SIGINT');
    // The first one must have been passed on before the second can mean anything.
    await until(() => child.kill('SIGINT') === undefined && child.exitCode !== null);
    expect(child.exitCode).toBe(130);
    await until(async () => (await running('^sleep 4712')) === 0);
    const killed = cli.start(stubborn);
    await killed.stdout.getReader().read();
    killed.kill('SIGKILL');
    await until(async () => (await running('^sleep 4712')) === 0);
  });

  test('ends the command at its time-out', async () => {
    const outcome = await cli.run(['exec', 'box', '--timeout', '0.2', '--', 'sleep', '4713']);
    expect(outcome.exitCode).toBe(124);
    expect(outcome.stderr).toBe('error: "sleep" was ended after its time-out of 0.2 s\n');
    await until(async () => (await running('^sleep 4713')) === 0);
  });

  test('--detach answers where the output goes; --json collects it', async () => {
    const text = await cli.must(['exec', 'box', '--detach', '--', 'sh', '-c', 'echo detached']);
    const [, pid, path] = /^pid: (\d+)\noutput: (\S+)\n$/.exec(text) ?? [];
    expect(Number(pid)).toBeGreaterThan(1);
    await until(async () => (await daemon.sh('box', `cat ${path}`)) === 'detached\n');
    const outcome = await cli.run(['exec', '--json', 'box', '--', 'sh', '-c', 'printf o; printf e >&2; exit 3']);
    expect(outcome.exitCode).toBe(3);
    expect(JSON.parse(outcome.stdout)).toEqual({ exit_code: 3, stdout: 'o', stderr: 'e' });
  });

  test('gives a command a terminal, with the size and the keys of ours', async () => {
    const run = cli.onTerminal(['exec', 'box', '-t', '--', 'sh', '-c', 'stty size; read -r line; echo "got $line"']);
    await run.sees(/30 100/);
    run.type('hello\r');
    await run.sees(/got hello/);
    expect(await run.exited).toBe(0);
  });

  test('started on a terminal in the background of a script reads no key', async () => {
    const run = cli.onTerminal(['exec', 'box', '--', 'sh', '-c', 'cat; echo ended']);
    await run.sees(/ended/);
    expect(await run.exited).toBe(0);
  });

  test('says what is wrong with its line, in one line, with the line that works', async () => {
    const outcome = await cli.run(['exec', 'box', 'ls', '-la']);
    expect(outcome).toMatchObject({
      exitCode: 125,
      stdout: '',
      stderr: 'error: missing "--" before the command\nhint: bhatti exec box -- ls -la\n',
    });
  });

  test('an unknown sandbox is 125, and in the wire form with --json', async () => {
    const words = await cli.run(['exec', 'nobody', '--', 'true']);
    expect(words).toMatchObject({
      exitCode: 125,
      stdout: '',
      stderr: 'error: sandbox "nobody" not found\nhint: see "bhatti list"\n',
    });
    const wire = await cli.run(['exec', '--json', 'nobody', '--', 'true']);
    expect(JSON.parse(wire.stderr)).toMatchObject({ code: 'SANDBOX_NOT_FOUND', details: { sandbox: 'nobody' } });
  });
});
