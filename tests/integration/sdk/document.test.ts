// docs/sdk.md: its examples are programs, and run on Node as they stand there.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { Bhatti } from '@bhatti/client';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { titled, whyNoSandboxes } from '../../support/capability.ts';
import { freePort, TestDaemon } from '../../support/daemon.ts';
import { SdkPackage, whyNoNode } from '../../support/sdk-package.ts';
import { StandInDesktop } from '../../support/stand-in-desktop.ts';
import { until } from '../../support/until.ts';

const why = whyNoSandboxes('computer') ?? whyNoSandboxes() ?? whyNoNode;
const page = readFileSync(join(import.meta.dir, '..', '..', '..', 'docs', 'sdk.md'), 'utf8');
const blocks = [...page.matchAll(/^```js( server)?\n([\s\S]*?)^```$/gm)].map(([, server, text = '']) => ({
  isServer: server !== undefined,
  text,
}));
const examples = blocks.filter(({ isServer }) => !isServer).map(({ text }) => text);

describe.skipIf(why !== undefined)(titled('the examples of docs/sdk.md', why), () => {
  let daemon: TestDaemon;
  let stand: StandInDesktop;
  let sdk: SdkPackage;
  let env: Record<string, string>;
  beforeAll(async () => {
    sdk = new SdkPackage();
    daemon = await TestDaemon.start({ images: ['minimal', 'computer'] });
    const runDir = join(daemon.dir, 'stand');
    mkdirSync(runDir);
    stand = await StandInDesktop.start({ listen: join(runDir, 'bhatti.sock'), upstream: daemon.socketPath });
    env = { BHATTI_RUN_DIR: runDir };
  });
  afterAll(async () => {
    await stand[Symbol.asyncDispose]();
    await daemon[Symbol.asyncDispose]();
    sdk[Symbol.dispose]();
  });

  test('are there', () => {
    expect(examples.length).toBeGreaterThan(8);
  });

  for (const [at, text] of examples.entries())
    test(`number ${at + 1} runs, and leaves no sandbox`, async () => {
      sdk.add('example.mjs', text);
      const { exitCode, stdout, stderr } = await sdk.run('node', 'example.mjs', env);
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
      expect(stdout).not.toContain('undefined');
      expect(stdout.length).toBeGreaterThan(0);
      expect((await daemon.call('GET', '/sandboxes')).json).toEqual([]);
    });

  test('the site that adds the key lets a stream through', async () => {
    const key: string = (await daemon.call('POST', '/users', { body: { name: 'site' } })).json.api_key;
    const port = await freePort();
    const server = blocks.find(({ isServer }) => isServer)?.text ?? '';
    sdk.add('server.mjs', server);
    const running = sdk.start('node', 'server.mjs', {
      BHATTI_URL: `http://127.0.0.1:${daemon.port}`,
      BHATTI_TOKEN: key,
      PORT: String(port),
    });
    try {
      const bhatti = new Bhatti({ url: `http://127.0.0.1:${port}`, retries: 0 });
      await until(() =>
        bhatti.health().then(
          () => true,
          () => false,
        ),
      );
      await using sandbox = await bhatti.sandboxes.create({ image: 'minimal' });
      await using cat = await sandbox.exec.stream(['cat'], { stdin: 'open' });
      await cat.stdin.write('through');
      cat.stdin.end();
      let output = '';
      for await (const { text } of cat.text()) output += text;
      expect(output).toBe('through');
    } finally {
      running.kill();
      await running.exited;
    }
  });
});
