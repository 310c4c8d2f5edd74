import { describe, expect, test } from 'bun:test';
import type { Desk } from '../support/e2e-desk.ts';
import { Picture } from '../support/e2e-picture.ts';
import { serveSite, siteColours, siteUrl } from '../support/e2e-site.ts';
import { until } from '../support/until.ts';

export function browserTests(desk: () => Desk): void {
  describe('chromium-browser', () => {
    test('shows a page of the sandbox, the same in screenshot and viewer', async () => {
      await serveSite(desk());
      const page = await desk().openDesktop();
      await desk().must(`bhatti exec desk -- chromium-browser ${siteUrl}`);
      await until(
        async () => showsSite(await desk().screenshot()),
        async () => (await desk().screenshot()).shareOf(siteColours[0]),
      );
      await until(
        async () => {
          const [seen, taken] = [await Picture.ofViewer(page), await desk().screenshot()];
          return showsSite(seen) && seen.differenceFrom(taken) === 0;
        },
        async () => `${(await Picture.ofViewer(page)).differenceFrom(await desk().screenshot())} pixels differ`,
      );
      await page.context().close();
    });

    test('opens a tab in the browser that runs, and the browser outlives the command', async () => {
      const before = await browsers(desk());
      expect(before).toHaveLength(1);
      await desk().must(`bhatti exec desk -- chromium-browser ${siteUrl}?second`);
      await until(async () => (await desk().must('bhatti file read desk /tmp/site.log')).includes('GET /?second'));
      expect(await browsers(desk())).toEqual(before);
    });

    test('runs with the flags that the page names, and one so that pages can be read as text', async () => {
      const [pid] = await browsers(desk());
      const line = await desk().must(`bhatti exec desk -- cat /proc/${pid}/cmdline`);
      const flags =
        '--no-sandbox --disable-gpu --disable-dev-shm-usage --test-type --disable-infobars --no-first-run --no-default-browser-check --force-renderer-accessibility';
      expect(line.split('\0').filter((word) => word.startsWith('--'))).toEqual(flags.split(' '));
    });

    test('says so when there is no Chromium', async () => {
      const program = '/usr/lib/chromium/chromium';
      const hide = `bhatti exec desk -- sudo mv ${program} ${program}.gone && bhatti exec desk -- sudo mv /usr/bin/chromium /usr/bin/chromium.gone`;
      const restore = `bhatti exec desk -- sudo mv ${program}.gone ${program} && bhatti exec desk -- sudo mv /usr/bin/chromium.gone /usr/bin/chromium`;
      await desk().must(hide);
      try {
        const outcome = await desk().type(`bhatti exec desk -- chromium-browser ${siteUrl}`);
        expect(outcome.stderr).toBe('error: chromium not found\n');
        expect(outcome.exitCode).not.toBe(0);
      } finally {
        await desk().must(restore);
      }
    });
  });
}

function showsSite(picture: Picture): boolean {
  return siteColours.every((colour) => picture.shareOf(colour) > 0.3);
}

/** Process ids of browsers: of Chromium's processes, those that are no other's helper. */
async function browsers(desk: Desk): Promise<string[]> {
  const processes = await desk.must('bhatti exec desk -- ps -u lohar -o pid=,args=');
  return processes
    .split('\n')
    .filter((line) => /\/chromium --/.test(line) && !line.includes('--type='))
    .map((line) => line.trim().split(' ')[0] ?? '');
}
