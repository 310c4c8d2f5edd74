import { describe, expect, test } from 'bun:test';
import { waitLive, type Desk } from '../support/e2e-desk.ts';
import { until } from '../support/until.ts';

export function tunableTests(desk: () => Desk): void {
  describe('tunables', () => {
    test('size and frame rate are those of create', async () => {
      await desk().must('bhatti destroy desk --yes');
      await desk().must(
        `bhatti create --name desk --image computer --cpus 4 --memory 4096 \\
--env "DISPLAY_WIDTH=1920,DISPLAY_HEIGHT=1080,KASM_FRAMERATE=30"`,
      );
      expect(await desk().must('bhatti exec desk -- screen-size')).toBe('1920x1080\n');
      const server = await desk().must('bhatti exec desk -- ps -e -o args=');
      expect(server).toMatch(/Xkasmvnc .*-FrameRate=30/);
      const picture = await desk().screenshot();
      expect([picture.width, picture.height]).toEqual([1920, 1080]);
      const page = await desk().openDesktop();
      await page.context().close();
    });

    test('kasmvnc.yaml counts from the next connection, and a mistake in it is named', async () => {
      const path = '/etc/kasmvnc/kasmvnc.yaml';
      const write = (text: string) => desk().must(`bhatti exec desk -- sudo tee ${path}`, text);
      const original = await desk().must(`bhatti file read desk ${path}`);
      const pointer = () => desk().must('bhatti exec desk -- xdotool getmouselocation');
      await write('pointer:\n  enabled: false\n');
      await desk().must('bhatti exec desk -- xdotool mousemove 800 500');
      // Whoever sent that is done: a person need not wait until the lease runs out.
      await desk().must('bhatti lease desk --return');
      const page = await desk().openDesktop({ viewport: { width: 1920, height: 1080 } });
      await page.mouse.move(700, 400);
      // What is typed comes after the move and does arrive.
      await page.keyboard.press('Alt+F3');
      await until(async () => (await desk().must('bhatti exec desk -- list-windows')).includes('Application Finder'));
      expect(await pointer()).toStartWith('x:800 y:500 ');
      await page.keyboard.press('Escape');

      await write('pointer:\n  enabld: true\n');
      await page.reload();
      await waitLive(page);
      const journal = () => desk().must('bhatti exec desk -- journalctl -u kasmvnc -n 50');
      await until(async () => (await journal()).includes('unknown key "pointer.enabld"'), journal);

      await write(original);
      await page.reload();
      await waitLive(page);
      await page.mouse.move(600, 300);
      await until(async () => (await pointer()).startsWith('x:600 y:300'), pointer);
      await page.context().close();
    });

    test('a new sandbox of the same name has a password of its own, and destroy leaves none', async () => {
      const first = await desk().credentials();
      await desk().must('bhatti destroy desk --yes');
      expect((await desk().type('bhatti inspect desk')).exitCode).not.toBe(0);
      await desk().must(
        `bhatti create --name desk --image computer --cpus 1 --memory 2048 --env DISPLAY_DEPTH=16,KASM_THREADS=1`,
      );
      expect((await desk().credentials()).password).not.toBe(first.password);
      expect(await desk().must('bhatti exec desk -- xdpyinfo')).toContain('depth of root window:    16 planes');
      const page = await desk().openDesktop();
      await page.context().close();
      await desk().must('bhatti destroy desk --yes');
    });
  });
}
