// The SDK in a real browser. A page may talk to a daemon at the page's own origin and at no other: the daemon says so, and no page gets around it.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';

import { titled, whyNoSandboxes } from '../../support/capability.ts';
import { TestDaemon } from '../../support/daemon.ts';
import { SdkPackage } from '../../support/sdk-package.ts';
import { SdkSite } from '../../support/sdk-site.ts';

const why = whyNoSandboxes() ?? (existsSync('/usr/bin/chromium') ? undefined : 'needs chromium');

describe.skipIf(why !== undefined)(titled('the SDK in a browser', why), () => {
  let sdk: SdkPackage;
  let daemon: TestDaemon;
  let browser: Browser;
  let key: string;
  const sites: SdkSite[] = [];

  beforeAll(async () => {
    sdk = new SdkPackage();
    daemon = await TestDaemon.start();
    key = (await daemon.call('POST', '/users', { body: { name: 'page' } })).json.api_key;
    browser = await chromium.launch({
      executablePath: '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
    });
    const asUser = { isTcp: true, headers: { authorization: `Bearer ${key}` } };
    await daemon.call('POST', '/sandboxes', { ...asUser, body: { name: 'desk', memory_mb: 256 } });
  });
  afterAll(async () => {
    await browser.close();
    for (const site of sites) await site[Symbol.asyncDispose]();
    await daemon[Symbol.asyncDispose]();
    sdk[Symbol.dispose]();
  });

  /** Runs a script in a page of a site, with the SDK as `sdk` and `text` to decode bytes. Answers what it returns. */
  async function inPage(site: { key?: string }, script: string): Promise<unknown> {
    const started = await SdkSite.start({
      daemonPort: daemon.port,
      sdkDir: join(sdk.packageDir, 'browser'),
      ...site,
    });
    sites.push(started);
    const page = await browser.newPage();
    try {
      await page.goto(started.url);
      return await page.evaluate(
        `(async () => {
          const sdk = await import('/sdk/index.js');
          const text = (bytes) => new TextDecoder().decode(bytes);
          ${script}
        })()`,
      );
    } finally {
      await page.close();
    }
  }

  test('does all that it does elsewhere, at the origin of a site that adds the key', async () => {
    const done = await inPage(
      { key },
      `const box = await new sdk.Bhatti().sandboxes.get('desk');
       const whole = await box.exec(['cat'], { stdin: 'in' });
       await box.files.write('/tmp/page', new Uint8Array([1, 2, 3]));
       const process = await box.exec.stream(['cat'], { stdin: 'open' });
       await process.stdin.write('streamed');
       process.stdin.end();
       let output = '';
       for await (const { text } of process.text()) output += text;
       const sleeping = await box.exec.stream(['sleep', '60']);
       sleeping.kill();
       return {
         whole: whole.stdout,
         file: [...await box.files.read('/tmp/page')],
         output,
         exit: (await process.wait()).exitCode,
         killed: (await sleeping.wait()).signal,
         missing: await box.files.read('/tmp/none').catch(({ code }) => code),
       };`,
    );
    expect(done).toEqual({
      whole: 'in',
      file: [1, 2, 3],
      output: 'streamed',
      exit: 0,
      killed: 'SIGTERM',
      missing: 'FILE_NOT_FOUND',
    });
  });

  test('with a key of the page runs commands, and says why it has no streams', async () => {
    const done = await inPage(
      {},
      `const box = await new sdk.Bhatti({ token: '${key}' }).sandboxes.get('desk');
       const refusal = await box.exec.stream(['true']).catch((error) => error);
       return {
         out: (await box.exec(['echo', 'hi'])).stdout,
         coded: refusal instanceof sdk.BhattiError,
         code: refusal.code,
         hint: refusal.hint,
         keyless: await new sdk.Bhatti().sandboxes.list().catch(({ code }) => code),
       };`,
    );
    expect(done).toMatchObject({ out: 'hi\n', coded: true, code: 'HOST_UNSUPPORTED', keyless: 'UNAUTHENTICATED' });
    expect(done).toHaveProperty('hint', expect.stringContaining('let what serves the page add the key'));
  });

  test('does nothing at all from another origin, key or no key', async () => {
    const done = await inPage(
      {},
      `const there = new sdk.Bhatti({ url: 'http://127.0.0.1:${daemon.port}', token: '${key}', retries: 0 });
       const code = (promise) => promise.then(() => 'done', (error) => error.code);
       return {
         read: await code(there.sandboxes.list()),
         health: await code(there.health()),
         changed: await code(there.sandboxes.create({ name: 'planted' })),
         hint: await there.health().catch(({ hint }) => hint),
       };`,
    );
    expect(done).toMatchObject({
      read: 'DAEMON_UNREACHABLE',
      health: 'DAEMON_UNREACHABLE',
      changed: 'DAEMON_UNREACHABLE',
      hint: expect.stringContaining('own origin'),
    });
    const names = (await daemon.call('GET', '/sandboxes')).json.map(({ name }: { name: string }) => name);
    expect(names).toEqual(['desk']);
  });
});
