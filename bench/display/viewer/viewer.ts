// The viewer: one headless Chromium at the far end of the links, a page of it for each measurement.
import { writeFileSync, chmodSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import { until } from '../../../tests/support/until.ts';
import type { Pixels } from '../figure/ssim.ts';
import type { Area, ProbeHooks, ProbeLog } from '../page/probe-hooks.ts';
import type { DisplayServer } from '../peer/display-server.ts';
import type { Link, Network } from '../link/network.ts';

declare const window: { readonly displayBench: ProbeHooks };

/** As the browser tests have them: there is neither a GPU nor, in containers, much shared memory. */
export const browserFlags = ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'];
const restMs = 1_200; // longer than a server waits before it sends what was lossy once more
const startTimeoutMs = 30_000;
const restTimeoutMs = 60_000; // a lossless picture of everything takes ten seconds over the slowest link

export class ViewerBrowser implements AsyncDisposable {
  readonly #browser: Browser;
  readonly #probe: string;

  private constructor(browser: Browser, probe: string) {
    this.#browser = browser;
    this.#probe = probe;
  }

  static async start(network: Network, scratchDir: string): Promise<ViewerBrowser> {
    const built = await Bun.build({ entrypoints: [join(import.meta.dir, '..', 'page', 'probe.ts')], format: 'iife' });
    const probe = (await built.outputs[0]?.text()) ?? '';
    const launcher = join(scratchDir, 'chromium-at-viewer');
    writeFileSync(launcher, `#!/bin/sh\nexec ${network.atViewer.join(' ')} /usr/bin/chromium "$@"\n`);
    chmodSync(launcher, 0o755);
    // Names below .localhost make a page a secure context, as the product's own addresses do: without it a browser decodes no H.264.
    const rules = network.links.map(({ name, address }) => `MAP ${name}.localhost ${address}`).join(',');
    const args = [...browserFlags, `--host-resolver-rules=${rules}`];
    return new ViewerBrowser(await chromium.launch({ executablePath: launcher, args }), probe);
  }

  /** The server's own web client over this link, with the desktop on it and at rest. */
  async open(server: DisplayServer, link: Link): Promise<Viewer> {
    const context = await this.#browser.newContext({
      viewport: { width: server.width, height: server.height },
      ...(server.credentials === undefined ? {} : { httpCredentials: server.credentials }),
    });
    await context.addInitScript({ content: this.#probe });
    const page = await context.newPage();
    const viewer = new Viewer(page);
    try {
      await page.goto(server.urlFor(`${link.name}.localhost`), { waitUntil: 'commit' });
      await until(
        () => viewer.isDrawn(server),
        async () => `the client of ${server.name} shows ${JSON.stringify(await viewer.size())}`,
        startTimeoutMs,
      );
      await waitForRest(link);
    } catch (error) {
      await page.screenshot({
        path: join(import.meta.dir, '..', '..', '..', 'dist', 'bench-display', `failed-${server.name}.png`),
      });
      await viewer[Symbol.asyncDispose]();
      throw error;
    }
    return viewer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
  }
}

/** Waits until all has arrived that the server has to say of a desktop on which nothing moves. */
async function waitForRest(link: Link): Promise<void> {
  let bytes = link.bytes();
  let sinceMs = performance.now();
  await until(
    () => {
      if (link.bytes() !== bytes) [bytes, sinceMs] = [link.bytes(), performance.now()];
      return performance.now() - sinceMs > restMs;
    },
    () => 'the server sends on and on',
    restTimeoutMs,
  );
}

export class Viewer implements AsyncDisposable {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** Whether there is a desktop of the right size on the canvas. */
  async isDrawn({ width, height }: { width: number; height: number }): Promise<boolean> {
    const size = await this.size();
    const isDrawn = await this.page.evaluate(() => window.displayBench.isDrawn);
    return isDrawn && size.width === width && size.height === height;
  }

  size(): Promise<{ width: number; height: number }> {
    return this.page.evaluate(() => window.displayBench.size);
  }

  watch(what: { strip?: { x: number; y: number }; key?: Area }): Promise<void> {
    return this.page.evaluate((asked) => window.displayBench.watch(asked), what);
  }

  takeLog(): Promise<ProbeLog> {
    return this.page.evaluate(() => window.displayBench.takeLog());
  }

  giveUp(): Promise<void> {
    return this.page.evaluate(() => window.displayBench.giveUp());
  }

  isPending(): Promise<boolean> {
    return this.page.evaluate(() => window.displayBench.isPending);
  }

  snap(): Promise<void> {
    return this.page.evaluate(() => window.displayBench.snap());
  }

  /** What was snapped, oldest first, each with the number of the frame that it shows. */
  async takeSnapshots(): Promise<{ readonly number: number; readonly pixels: Pixels }[]> {
    const taken = [];
    for (;;) {
      const snapshot = await this.page.evaluate(() => window.displayBench.takeSnapshot());
      if (snapshot === undefined) return taken;
      const { width, height, base64, number } = snapshot;
      taken.push({ number, pixels: { width, height, words: wordsOfRgba(Buffer.from(base64, 'base64')) } });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.page.context().close();
  }
}

function wordsOfRgba(rgba: Uint8Array): Int32Array {
  const words = new Int32Array(rgba.length / 4);
  for (let i = 0; i < words.length; i++)
    words[i] = ((rgba[i * 4] ?? 0) << 16) | ((rgba[i * 4 + 1] ?? 0) << 8) | (rgba[i * 4 + 2] ?? 0);
  return words;
}
