import { describe } from '@bhatti/base/errors.ts';
import { createInterface } from 'node:readline';
import type { SettingsSource } from './config/settings.ts';
import { readSettings } from './config/settings.ts';
import type { DisplayPaths } from './config/paths.ts';
import { assembleStreaming } from './assemble.ts';
import { decodeOrders } from './supervisor/orders.ts';

/** The streaming process: `Xkasmvnc --stream`, started by the supervisor, whose orders come on standard input. Exits when they end, or when X is gone. */
export async function runStreaming(settingsSource: SettingsSource, paths: DisplayPaths): Promise<number> {
  const lines = createInterface({ input: process.stdin });
  try {
    return await followOrders(lines, settingsSource, paths);
  } finally {
    // Nothing is read any more, or the open input would keep the process.
    lines.close();
    process.stdin.destroy();
  }
}

async function followOrders(
  lines: AsyncIterable<string>,
  settingsSource: SettingsSource,
  paths: DisplayPaths,
): Promise<number> {
  const iterator = lines[Symbol.asyncIterator]();
  const first = await iterator.next();
  if (first.done === true) return 0;
  const { cookie, credentials, tlsIdentity } = decodeOrders(first.value);
  const settings = await readSettings(settingsSource);
  await using streaming = await assembleStreaming({
    settings,
    settingsSource,
    paths,
    cookie: Buffer.from(cookie, 'base64'),
    credentials,
    tlsIdentity,
  });
  const ordersEnded = (async () => {
    for await (const line of lines) streaming.setCredentials(decodeOrders(line).credentials);
    return 0;
  })();
  const terminated = new Promise<number>((resolve) => process.once('SIGTERM', () => resolve(0)));
  const exitCode = await Promise.race([ordersEnded, terminated, streaming.lost.then(() => 1)]);
  if (exitCode !== 0) console.error('error: the X server is gone');
  return exitCode;
}

process.on('unhandledRejection', (error) => {
  // A defect: say which, and let the supervisor start a process that is in a known state.
  console.error(`internal error: ${error instanceof Error ? (error.stack ?? describe(error)) : String(error)}`);
  process.exit(70);
});
