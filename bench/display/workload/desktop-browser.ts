// Chromium on the desktop under test, as people have it there, with a page of ours in it.
import { chromium, type Browser, type Page } from 'playwright-core';
import { browserFlags } from '../viewer/viewer.ts';
import type { DisplayServer } from '../peer/display-server.ts';
import { screenSize } from './workload.ts';

export interface DesktopBrowser extends AsyncDisposable {
  readonly page: Page;
  /** Where the page's upper left corner is on the screen. */
  readonly at: { readonly x: number; readonly y: number };
}

declare const window: { screenX: number; screenY: number; outerHeight: number; innerHeight: number };

/** Opens a window as large as the screen on a page of this HTML. */
export async function openDesktopBrowser(server: DisplayServer, html: string): Promise<DesktopBrowser> {
  const { width, height } = screenSize;
  const browser: Browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    headless: false,
    args: [...browserFlags, '--window-position=0,0', `--window-size=${width},${height}`],
    env: { ...server.env, HOME: process.env['HOME'] ?? '/' },
  });
  const page = await browser.newPage({ viewport: null });
  await page.setContent(html);
  const at = await page.evaluate(() => ({
    x: window.screenX,
    y: window.screenY + window.outerHeight - window.innerHeight,
  }));
  return { page, at, [Symbol.asyncDispose]: () => browser.close() };
}
