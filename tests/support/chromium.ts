import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { until } from './until.ts';

/** Why tests with a real Chromium cannot run here; undefined when they can. */
export const whyNoChromium = Bun.which('chromium') === null ? 'needs chromium' : undefined;

export interface RunningChromium extends AsyncDisposable {
  /** `ws://…/devtools/browser/…`. */
  readonly url: string;
}

/** For a Chromium that runs as root, without a GPU, and speaks to nobody by itself. */
export const chromiumFlags: readonly string[] = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const flags = ['--headless', ...chromiumFlags, '--remote-debugging-port=0'];

/** A Chromium without a screen, on a profile of its own that goes with it. */
export async function startChromium(size = '1000,700'): Promise<RunningChromium> {
  const profile = mkdtempSync(join(tmpdir(), 'bhatti-chromium-'));
  const child = Bun.spawn(
    ['chromium', ...flags, `--window-size=${size}`, `--user-data-dir=${profile}`, 'about:blank'],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  return {
    url: await debuggerUrl(child.stderr),
    async [Symbol.asyncDispose]() {
      child.kill();
      await child.exited;
      // Its other processes end a little later, and write what they have until then.
      await until(() => {
        rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
        return Bun.sleep(200).then(() => !existsSync(profile));
      });
    },
  };
}

async function debuggerUrl(stderr: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let said = '';
  for await (const bytes of stderr) {
    said += decoder.decode(bytes, { stream: true });
    const url = /DevTools listening on (ws:\S+)/.exec(said)?.[1];
    if (url !== undefined) return url;
  }
  throw new Error(`chromium ended before it listened: ${said}`);
}
