import type { XConnection } from '@bhatti/display/source/x-connection.ts';
import { type Action, type Batch, type BatchReply, BatchReplySchema } from '@bhatti/wire/display/action.ts';
import * as v from 'valibot';
import { type Browser, chromium, type Page } from 'playwright-core';
import { chromiumFlags } from './chromium.ts';
import type { TestDisplay } from './display-server.ts';

/** Sends a batch to the display server's own socket, as programs in the sandbox do. */
export async function act(display: TestDisplay, batch: Batch): Promise<BatchReply> {
  const response = await postActions(display, JSON.stringify(batch));
  const document: unknown = await response.json();
  if (response.status !== 200) throw new Error(JSON.stringify(document));
  return v.parse(BatchReplySchema, document);
}

export function postActions(display: TestDisplay, body: string, signal?: AbortSignal): Promise<Response> {
  return fetch('http://display/actions', {
    unix: display.controlSocket,
    keepalive: false,
    method: 'POST',
    body,
    ...(signal === undefined ? {} : { signal }),
  });
}

/** Carries out actions that must succeed. */
export async function perform(display: TestDisplay, ...actions: Action[]): Promise<BatchReply> {
  const reply = await act(display, { actions });
  if (!reply.ok) throw new Error(JSON.stringify(reply.results.find(({ ok }) => !ok)));
  return reply;
}

/** Bits of `heldMask`. */
export const heldShift = 1 << 0;
export const heldButton1 = 1 << 8;

/** Modifiers and buttons that are down, as the X server says. */
export async function heldMask(x: XConnection): Promise<number> {
  return (await x.reply<{ keyMask: number }>((done) => x.client.QueryPointer(x.screen.root, done))).keyMask;
}

/** Chromium, with its window, on the test's desktop. The page is looked at from behind, as no program of the desktop could. */
export class DesktopChromium implements AsyncDisposable {
  readonly page: Page;
  readonly #browser: Browser;

  private constructor(browser: Browser, page: Page) {
    this.#browser = browser;
    this.page = page;
  }

  static async open(display: TestDisplay, html: string): Promise<DesktopChromium> {
    const browser = await chromium.launch({
      executablePath: '/usr/bin/chromium',
      headless: false,
      args: [...chromiumFlags, '--disable-infobars', '--window-position=0,0', '--window-size=1000,700'],
      env: { ...display.env, HOME: display.home },
    });
    const page = await browser.newPage();
    await page.setContent(html);
    await page.bringToFront();
    return new DesktopChromium(browser, page);
  }

  /** Where an element's middle is on the screen. */
  async placeOf(selector: string): Promise<[number, number]> {
    const box = await this.page.locator(selector).boundingBox();
    if (box === null) throw new Error(`${selector} is not shown`);
    // SAFETY: the function runs in the page, whose window has these.
    const window = await this.page.evaluate(() => {
      const { screenX, screenY, outerHeight, innerHeight } = globalThis as unknown as Record<string, number>;
      return { x: screenX ?? 0, y: (screenY ?? 0) + (outerHeight ?? 0) - (innerHeight ?? 0) };
    });
    return [Math.round(window.x + box.x + box.width / 2), Math.round(window.y + box.y + box.height / 2)];
  }

  valueOf(selector: string): Promise<string> {
    return this.page.locator(selector).inputValue();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
  }
}
