// `npm start`: from whatever is there to a desktop in a browser tab. Each step looks first and does only what is missing; then it stays until Ctrl-C.
import { connectToSocket } from '@bhatti/cli/connection.ts';
import { reportFailure } from '@bhatti/cli/failure.ts';
import { printLine, styled } from '@bhatti/cli/output.ts';
import { desktopCalls } from '@bhatti/client/desktop.ts';
import { publishCalls } from '@bhatti/client/publish.ts';
import { desktopPort } from '@bhatti/wire/guest-paths.ts';
import { join } from 'node:path';

import { ensureDaemon, type RunningDaemon } from './start/daemon.ts';
import { callName, describeDesktop, readCredentials } from './start/desktop.ts';
import { ensureImage, ensureSandbox, image, sandboxName } from './start/sandbox.ts';
import { step, stepWithProgress } from './start/steps.ts';

const executable = process.env['BHATTI_EXECUTABLE'] ?? join(import.meta.dir, '..', 'dist', 'bhatti');
const runDir = process.env['BHATTI_RUN_DIR'] ?? '/run/bhatti';
const drawnTimeoutMs = 120_000; // forty times what it takes

const controller = new AbortController();
const caller = { signal: controller.signal };
const interrupted = new Promise<void>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => {
      controller.abort();
      resolve();
    });
});

process.exitCode = await main();

async function main(): Promise<number> {
  const startedAt = performance.now();
  await printLine('');
  let daemon: RunningDaemon | undefined;
  try {
    daemon = await step('daemon', () => ensureDaemon(caller, executable, runDir));
    const api = connectToSocket(`${runDir}/bhatti.sock`);
    await stepWithProgress(`image "${image}"`, (onProgress) => ensureImage(caller, api, onProgress));
    const { notices } = await step(`sandbox "${sandboxName}"`, () => ensureSandbox(caller, api));
    for (const notice of notices) await printLine(styled(1, 'dim', `    ${notice}`));
    const { rule } = await step(`port ${desktopPort} published`, async () => ({
      rule: await publishCalls(api).create(caller, sandboxName, { port: desktopPort }),
      remark: '',
    }));
    await step('desktop drawn', async () => {
      await desktopCalls(api).waitDrawn(caller, sandboxName, drawnTimeoutMs);
      return { remark: '' };
    });
    const credentials = await readCredentials(caller, api);
    await printLine(describeDesktop({ rule, credentials, startedAt, executable, isDaemonOurs: daemon.isOurs }));
    await Promise.race([interrupted, daemon.ended]);
    if (controller.signal.aborted) return await leave(daemon);
    throw await daemon.ended;
  } catch (error) {
    if (controller.signal.aborted) return daemon === undefined ? 130 : await leave(daemon);
    const exitCode = await reportFailure(error, { form: 'text' });
    await daemon?.stop();
    return exitCode;
  }
}

async function leave(daemon: RunningDaemon): Promise<number> {
  await printLine('');
  await daemon.stop();
  await printLine(
    daemon.isOurs
      ? `  Daemon stopped. Sandbox "${sandboxName}" runs on; "npm start" brings its URL back.\n` +
          `  To remove it: npm start, and in another terminal ${callName(executable)} destroy ${sandboxName} -y`
      : `  The daemon was running before and goes on, and sandbox "${sandboxName}" with it.`,
  );
  return 0;
}
