// The built package, used by programs on Node and on Bun, over the unix socket and over TCP, with a real daemon behind.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { titled, whyNoSandboxes } from '../../support/capability.ts';
import { TestDaemon } from '../../support/daemon.ts';
import { SdkPackage, whyNoNode } from '../../support/sdk-package.ts';
import { tlsFront } from '../../support/tls-front.ts';

const why = whyNoSandboxes() ?? whyNoNode;

describe.skipIf(why !== undefined)(titled('the SDK', why), () => {
  let daemon: TestDaemon;
  let sdk: SdkPackage;
  let places: Record<'socket' | 'tcp', Record<string, string>>;
  beforeAll(async () => {
    sdk = new SdkPackage();
    sdk.copy(join(import.meta.dir, 'fixtures', 'everything.mjs'), 'everything.mjs');
    daemon = await TestDaemon.start();
    const key: string = (await daemon.call('POST', '/users', { body: { name: 'sdk' } })).json.api_key;
    places = {
      socket: { BHATTI_RUN_DIR: daemon.runDir },
      tcp: { BHATTI_URL: `http://127.0.0.1:${daemon.port}`, BHATTI_TOKEN: key },
    };
  });
  afterAll(async () => {
    await daemon[Symbol.asyncDispose]();
    sdk[Symbol.dispose]();
  });

  for (const host of ['node', 'bun'] as const)
    for (const place of ['socket', 'tcp'] as const)
      test(`does everything on ${host} over ${place}`, async () => {
        const { exitCode, stdout, stderr } = await sdk.run(host, 'everything.mjs', places[place]);
        expect({ exitCode, stderr, last: stdout.trimEnd().split('\n').at(-1) }).toEqual({
          exitCode: 0,
          stderr: '',
          last: 'destroyed',
        });
      });

  for (const host of ['node', 'bun'] as const)
    test.skipIf(Bun.which('openssl') === null)(`does everything on ${host} over TLS`, async () => {
      await using front = await tlsFront(sdk.dir, daemon.port);
      const env = { ...places.tcp, BHATTI_URL: front.url, NODE_EXTRA_CA_CERTS: front.ca };
      const { exitCode, stdout, stderr } = await sdk.run(host, 'everything.mjs', env);
      expect({ exitCode, stderr, last: stdout.trimEnd().split('\n').at(-1) }).toEqual({
        exitCode: 0,
        stderr: '',
        last: 'destroyed',
      });
    });

  test('does not hold a program that has nothing more to do', async () => {
    sdk.add('short.mjs', `import { Bhatti } from '@bhatti/client'; await new Bhatti().health(); console.log('done');`);
    for (const host of ['node', 'bun'] as const)
      expect(await sdk.run(host, 'short.mjs', places.socket)).toMatchObject({ exitCode: 0, stdout: 'done\n' });
  });
});

describe.skipIf(whyNoNode !== undefined)(titled('the package of the SDK', whyNoNode), () => {
  let sdk: SdkPackage;
  beforeAll(() => {
    sdk = new SdkPackage();
  });
  afterAll(() => sdk[Symbol.dispose]());

  test('has types that a strict program of Node can use, with nothing skipped', async () => {
    sdk.add(
      'program.ts',
      `import { Bhatti, BhattiError, hasCode, type Action, type ExecResult, type Sandbox } from '@bhatti/client';
       import { Sandbox as Desk } from '@bhatti/client/e2b';
       const box: Sandbox = await new Bhatti({ url: 'http://x' }).sandboxes.get('desk');
       const result: ExecResult = await box.exec(['true'], { timeoutMs: 1 });
       const click: Action = { do: 'click', at: [0, 0], button: 'left' };
       const reply = await box.desktop.batch([click], { settle: { quietMs: 1 } });
       const serial: number = reply.frameSerial + result.exitCode;
       // @ts-expect-error: there is no such button
       await box.desktop.click([0, 0], { button: 'fourth' });
       // @ts-expect-error: there is no such action
       await box.desktop.batch([{ do: 'dance' }]);
       const desk = await Desk.create({ resolution: [800, 600] });
       await desk.leftClick(0, 0);
       const error: unknown = serial;
       if (hasCode(error, 'TIMED_OUT')) console.log(error.details.afterMs, error instanceof BhattiError);`,
    );
    expect(await sdk.check('program.ts')).toEqual({ exitCode: 0, stdout: '', stderr: '' });
  });

  test('names no built-in module of Node where it is for browsers', () => {
    const dir = join(sdk.packageDir, 'browser');
    const files = readdirSync(dir, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.js'));
    expect(files.length).toBeGreaterThan(2);
    for (const file of files) expect(readFileSync(join(dir, file), 'utf8')).not.toMatch(/["']node:/);
  });

  test('gives both entries one and the same error', async () => {
    sdk.add(
      'same.mjs',
      `import { BhattiError } from '@bhatti/client'; import { BhattiError as Other } from '@bhatti/client/e2b';
       console.log(BhattiError === Other);`,
    );
    expect((await sdk.run('node', 'same.mjs')).stdout).toBe('true\n');
  });
});
