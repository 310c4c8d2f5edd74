import { describe, expect, test } from 'bun:test';
import type { Page } from 'playwright-core';
import { waitLive, type Desk } from '../support/e2e-desk.ts';
import { Picture } from '../support/e2e-picture.ts';
import { until } from '../support/until.ts';
import type { PageWindow } from '../support/e2e-browser.ts';

declare const window: PageWindow;

export function loginTests(desk: () => Desk): void {
  describe('the published address', () => {
    test('answers 401 and shows nothing without the password', async () => {
      const page = await desk().openPage();
      const url = await desk().url();
      // For a 401 that it has no password for, Chromium ends the navigation with a page of its own.
      const [reply] = await Promise.all([page.waitForResponse(url), page.goto(url).catch(() => undefined)]);
      expect(reply.status()).toBe(401);
      await until(async () => (await tryCount(page, 'body')) === 1);
      expect(await page.locator('canvas').count()).toBe(0);
      const { status, body } = await statusOf(desk(), '');
      expect(status).toBe(401);
      expect(body).not.toContain('<script');
      await page.context().close();
    });

    test.each(['websockify', 'api/get_screenshot', 'api/screenshot', 'nothing-here'])(
      '%p is behind it too',
      async (path) => {
        expect((await statusOf(desk(), path)).status).toBe(401);
      },
    );

    test('a wrong password is no password', async () => {
      const { username } = await desk().credentials();
      const reply = await fetchVia(desk(), '', { authorization: `Basic ${btoa(`${username}:wrong`)}` });
      expect(reply.status).toBe(401);
    });

    test('with the password there is the desktop, pixel for pixel', async () => {
      const page = await desk().openDesktop();
      await until(
        async () => (await Picture.ofViewer(page)).differenceFrom(await desk().screenshot()) === 0,
        async () => `${(await Picture.ofViewer(page)).differenceFrom(await desk().screenshot())} pixels differ`,
      );
      expect((await Picture.ofViewer(page)).colours()).toBeGreaterThan(50);
      await page.context().close();
    });

    test('the page works on plain http at an address that is no secure context', async () => {
      const page = await desk().openDesktop({ url: await desk().plainUrl() });
      expect(await page.evaluate(() => window.isSecureContext)).toBe(false);
      await until(async () => (await Picture.ofViewer(page)).colours() > 50);
      await page.context().close();
    });

    test('a page that was open before the password is not let in by it later', async () => {
      const page = await desk().openPage({ httpCredentials: { username: 'kasm_user', password: 'wrong-password' } });
      await page.goto(await desk().url()).catch(() => undefined);
      expect(await page.evaluate(() => window.bhatti === undefined)).toBe(true);
      await page.context().setHTTPCredentials(await desk().credentials());
      await page.goto(await desk().url());
      await waitLive(page);
      await page.context().close();
    });
  });
}

/** Undefined while the page is being replaced. */
function tryCount(page: Page, selector: string): Promise<number | undefined> {
  return page
    .locator(selector)
    .count()
    .catch(() => undefined);
}

async function statusOf(desk: Desk, path: string): Promise<{ status: number; body: string }> {
  const reply = await fetchVia(desk, path, {});
  return { status: reply.status, body: await reply.text() };
}

/** `*.localhost` is resolved by browsers, not by every resolver; the connect address and a Host header do the same. */
async function fetchVia(desk: Desk, path: string, headers: Record<string, string>): Promise<Response> {
  const url = new URL(path, await desk.url());
  return await fetch(`http://127.0.0.1:${url.port}${url.pathname}`, { headers: { host: url.host, ...headers } });
}
