import { afterAll, beforeAll } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { openOperator, refIn } from './browser-operator.ts';
import { servePages, type Pages } from './browser-pages.ts';
import { startChromium, whyNoChromium, type RunningChromium } from './chromium.ts';

export const on = { enabled: true };

/** One Chromium for a file's tests, with an operator that may do everything, and pages to try it on. */
export class BrowserFixture {
  #chromium: RunningChromium | undefined;
  #pages: Pages | undefined;
  #operator: Awaited<ReturnType<typeof openOperator>> | undefined;
  readonly #more: RunningChromium[] = [];
  /** Where uploads come from and downloads go. */
  readonly dir = mkdtempSync(join(tmpdir(), 'bhatti-uploads-'));

  constructor() {
    beforeAll(async () => {
      if (whyNoChromium !== undefined) return;
      this.#chromium = await startChromium();
      this.#pages = servePages();
      this.#operator = await openOperator(this.#chromium.url, {
        configs: { javascript_exec: on, file_upload: on, read_console: on, read_network: on },
        confirm: () => true,
        uploadDir: this.dir,
        downloadDir: this.dir,
        loadMs: 3_000,
      });
    });
    afterAll(async () => {
      this.#operator?.[Symbol.dispose]();
      this.#pages?.[Symbol.dispose]();
      for (const chromium of [this.#chromium, ...this.#more]) await chromium?.[Symbol.asyncDispose]();
      rmSync(this.dir, { recursive: true });
    });
  }

  get operator() {
    return must(this.#operator);
  }

  get url(): string {
    return must(this.#pages).url;
  }

  /** Another one, which ends with the tests. */
  async another(size?: string): Promise<string> {
    const chromium = await startChromium(size);
    this.#more.push(chromium);
    return chromium.url;
  }

  get debuggerUrl(): string {
    return must(this.#chromium).url;
  }

  open(path: string): Promise<string> {
    return this.operator.text('navigate', { url: this.url + path });
  }

  /** What the page says happened to it. */
  async log(): Promise<string[]> {
    const text = await this.operator.value(`document.getElementById('log').textContent`);
    return String(text).trim().split('\n');
  }

  title(): Promise<unknown> {
    return this.operator.value('document.title');
  }

  /** The element whose line of `read_page` holds `text`, as a target. */
  async ref(text: string): Promise<{ type: 'ref'; ref: string }> {
    return { type: 'ref', ref: refIn(await this.operator.text('read_page', { filter: 'all' }), text) };
  }
}

export function at(x: number, y: number): { type: 'coordinate'; x: number; y: number } {
  return { type: 'coordinate', x, y };
}

function must<T>(thing: T | undefined): T {
  if (thing === undefined) throw new Error('it has not begun');
  return thing;
}
