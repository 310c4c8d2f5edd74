import { describe, expect, test } from 'bun:test';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { waitLive, type Desk } from '../support/e2e-desk.ts';
import { Picture } from '../support/e2e-picture.ts';
import { until } from '../support/until.ts';
import type { PageDocument, PageWindow } from '../support/e2e-browser.ts';

declare const window: PageWindow;
declare const document: PageDocument;

export function viewerTests(desk: () => Desk): void {
  describe('the web client', () => {
    test('several at once see the same', async () => {
      const pages = [await desk().openDesktop(), await desk().openDesktop({ viewport: { width: 700, height: 500 } })];
      await desk().must('bhatti exec desk -- xdotool mousemove 640 200');
      await pages[0]?.mouse.click(19, 701);
      for (const page of pages) await waitSame(desk(), page);
      await pages[0]?.keyboard.press('Escape');
      for (const page of pages) await waitSame(desk(), page);
      for (const page of pages) await page.context().close();
    });

    test('somebody with the right to look only cannot act', async () => {
      const watcher = { username: 'watcher', password: 'only-looking' };
      const add = 'bhatti exec desk -- sudo kasmvncpasswd -u watcher -r /root/.kasmpasswd';
      await desk().must(add, `${watcher.password}\n${watcher.password}\n`);
      const page = await desk().openDesktop({ httpCredentials: watcher });
      await waitSame(desk(), page);
      await desk().must('bhatti exec desk -- xdotool mousemove 900 100');
      const before = await desk().must('bhatti exec desk -- xdotool getmouselocation');
      await page.mouse.move(300, 300);
      await page.mouse.click(400, 400);
      // The owner's own move comes after all that the watcher sent, and is the only one that counts.
      const owner = await desk().openDesktop();
      await waitSame(desk(), owner);
      expect(await desk().must('bhatti exec desk -- xdotool getmouselocation')).toBe(before);
      await desk().must('bhatti exec desk -- sudo kasmvncpasswd -u watcher -d /root/.kasmpasswd');
      await until(() => page.evaluate(() => window.bhatti?.phase !== 'connected'));
      for (const open of [page, owner]) await open.context().close();
    });

    test('view only, chosen by the person, sends nothing', async () => {
      const page = await desk().openDesktop({ url: `${await desk().url()}?view_only=1` });
      expect(await page.getByText('View only', { exact: true }).isVisible()).toBe(true);
      const before = await desk().must('bhatti exec desk -- xdotool mousemove 900 120 getmouselocation');
      await page.mouse.move(200, 200);
      await waitSame(desk(), page);
      expect(await desk().must('bhatti exec desk -- xdotool getmouselocation')).toBe(before);
      await page.context().close();
    });

    test('the controls open by keyboard and by mouse, and hide by themselves', async () => {
      const page = await desk().openDesktop();
      for (const key of ['Control', 'Alt', 'Shift']) await page.keyboard.down(key);
      for (const key of ['Shift', 'Alt', 'Control']) await page.keyboard.up(key);
      const clipboard = page.getByRole('button', { name: 'Clipboard', exact: true });
      await clipboard.waitFor();
      expect(await clipboard.evaluate((button) => button === document.activeElement)).toBe(true);
      await page.keyboard.press('Enter');
      const text = page.getByRole('textbox', { name: /clipboard/ });
      await text.fill('written into the panel');
      await until(async () => {
        const read = await desk().type('bhatti exec desk -- xclip -selection clipboard -o');
        return read.stdout === 'written into the panel';
      });
      await page.keyboard.press('Escape');
      await clipboard.waitFor({ state: 'hidden' });
      await page.mouse.move(3, 360);
      await clipboard.waitFor();
      await page.mouse.move(640, 360);
      await clipboard.waitFor({ state: 'hidden' });
      await page.context().close();
    });

    test('resizes the desktop to the window when it is asked to', async () => {
      const page = await desk().openDesktop({ viewport: { width: 1000, height: 640 } });
      await page.mouse.move(3, 320);
      await page.getByRole('button', { name: 'Size', exact: true }).click();
      await page.getByLabel('Resize the desktop to this window').check();
      const size = () => desk().must('bhatti exec desk -- screen-size');
      await until(async () => (await size()) === '1000x640\n', size);
      await waitSame(desk(), page);
      await page.getByLabel('Scale to this window').check();
      await desk().must('bhatti exec desk -- xrandr -s 1280x720');
      await until(async () => (await size()) === '1280x720\n', size);
      await waitSame(desk(), page);
      await page.context().close();
    });

    test('comes back by itself when the desktop restarts, and says what goes on', async () => {
      const page = await desk().openDesktop();
      await desk().must('bhatti exec desk -- systemctl stop kasmvnc');
      await page.getByRole('status').getByText('The desktop is restarting').waitFor();
      await desk().must('bhatti exec desk -- systemctl start kasmvnc xfce-session');
      await waitLive(page, 2);
      await desk().waitDrawn();
      await waitSame(desk(), page);
      expect(await page.getByRole('status').isVisible()).toBe(false);
      await page.context().close();
    });

    test("a page of somebody else's with plain noVNC shows the desktop and takes the mouse", async () => {
      const page = await desk().openPage({
        httpCredentials: await desk().credentials(),
        // A page that the test puts in place comes from no address, so the browser asks before it lets it talk to one of this machine.
        permissions: ['local-network-access'],
      });
      const url = await desk().url();
      // The browser logs in at the real page, and this one then stands beside it.
      await page.goto(url);
      await waitLive(page);
      await page.route(`${url}plain.html`, async (route) =>
        route.fulfill({ contentType: 'text/html', body: await plainPage() }),
      );
      await page.goto(`${url}plain.html`);
      await until(
        async () => (await Picture.ofCanvas(page)).differenceFrom(await desk().screenshot()) === 0,
        async () => `${(await Picture.ofCanvas(page)).differenceFrom(await desk().screenshot())} pixels differ`,
      );
      await page.mouse.move(321, 123);
      const pointer = () => desk().must('bhatti exec desk -- xdotool getmouselocation');
      await until(async () => (await pointer()).startsWith('x:321 y:123'), pointer);
      await page.context().close();
    });

    test('garbage on the WebSocket ends that viewer and no other', async () => {
      const page = await desk().openDesktop();
      const { username, password } = await desk().credentials();
      const socket = new WebSocket((await desk().plainUrl()).replace('http', 'ws') + 'websockify', {
        headers: { authorization: `Basic ${btoa(`${username}:${password}`)}` },
      });
      const closed = new Promise<number>((resolve) => socket.addEventListener('close', ({ code }) => resolve(code)));
      await new Promise((resolve) => socket.addEventListener('open', resolve));
      socket.send(crypto.getRandomValues(new Uint8Array(4096)));
      expect(await closed).not.toBe(1000);
      expect(await page.evaluate(() => window.bhatti?.connections)).toBe(1);
      await waitSame(desk(), page);
      await page.context().close();
    });
  });
}

/** What noVNC's own documentation shows: one element, one RFB object, nothing set. */
async function plainPage(): Promise<string> {
  const bundle = await Bun.build({
    entrypoints: [join(import.meta.dir, '..', '..', 'node_modules', '@novnc', 'novnc', 'core', 'rfb.js')],
    target: 'browser',
    format: 'esm',
  });
  const script = (await bundle.outputs[0]?.text())?.replace(
    /export\s*\{\s*(\w+) as default\s*\};?\s*$/,
    'globalThis.RFB = $1;',
  );
  return `<!doctype html><body style="margin:0"><div id="screen" style="width:100vw;height:100vh"></div>
<script type="module">${script?.replaceAll('</script', '<\\/script')}
new RFB(document.getElementById('screen'), location.href.replace('http', 'ws').replace('plain.html', 'websockify'));
</script>`;
}

/** After whatever was done, the viewer's picture is the X server's. */
async function waitSame(desk: Desk, page: Page): Promise<void> {
  const difference = async () => (await Picture.ofViewer(page)).differenceFrom(await desk.screenshot());
  await until(
    async () => (await difference()) === 0,
    async () => `${await difference()} pixels differ`,
  );
}
