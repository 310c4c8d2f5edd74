import { describe, expect, test } from 'bun:test';
import type { Page } from 'playwright-core';
import type { Desk } from '../support/e2e-desk.ts';
import { until } from '../support/until.ts';
import type { PageNavigator } from '../support/e2e-browser.ts';

declare const navigator: PageNavigator;

/** Middle of the terminal's launcher in the panel, at 1280×720. */
const terminalLauncher = { x: 57, y: 701 };

export function terminalTests(desk: () => Desk): void {
  describe('a person at the web client', () => {
    test('opens a terminal with the mouse and writes a file with the keyboard', async () => {
      const page = await desk().openDesktop();
      await page.mouse.click(terminalLauncher.x, terminalLauncher.y);
      await waitFocus(desk(), /Terminal/);
      await page.keyboard.type('echo "$DISPLAY" > /tmp/typed');
      await page.keyboard.press('Enter');
      const typed = await until(async () => {
        const { exitCode, stdout } = await desk().type('bhatti file read desk /tmp/typed');
        return exitCode === 0 && stdout !== '' && stdout;
      });
      // XFCE names the screen of the display too.
      expect(typed).toMatch(/^:99(\.0)?\n$/);
      await page.context().close();
    });

    test('types letters of other scripts, symbols and shortcuts as they are', async () => {
      const page = await desk().openDesktop();
      await page.mouse.move(400, 300);
      await waitFocus(desk(), /Terminal/);
      await page.keyboard.type('cat > /tmp/scripts');
      await page.keyboard.press('Enter');
      const plain = 'aZ09 ~!@#$%^&*()_+{}|:"<>?`-=[]\\;\',./';
      await page.keyboard.type(plain);
      const foreign = 'äöüß€Ωжñ日';
      await typeForeign(page, foreign);
      await page.keyboard.press('Enter');
      await page.keyboard.press('Control+d');
      await until(
        async () => (await desk().type('bhatti exec desk -- cat /tmp/scripts')).stdout === `${plain}${foreign}\n`,
        async () => (await desk().type('bhatti exec desk -- cat /tmp/scripts')).stdout,
      );
      await page.context().close();
    });

    test('pastes and copies text with the clipboard of the browser', async () => {
      const page = await desk().openDesktop({ permissions: ['clipboard-read', 'clipboard-write'] });
      await waitFocus(desk(), /Terminal/);
      await page.keyboard.type('cat > /tmp/pasted');
      await page.keyboard.press('Enter');
      // A shell that still reads the line itself would get the paste in brackets.
      await until(async () => (await desk().pidsOf('cat')) !== '');
      const text = 'from this side: € 日本 😀';
      await page.evaluate((written) => navigator.clipboard.writeText(written), `${text}\n`);
      await page.keyboard.press('Control+Shift+v');
      await until(
        async () => (await desk().type('bhatti exec desk -- cat /tmp/pasted')).stdout === `${text}\n`,
        async () => (await desk().type('bhatti exec desk -- cat /tmp/pasted')).stdout,
      );
      await page.keyboard.press('Control+d');
      await desk().must(
        `bhatti exec desk -- sh -c 'printf "from the other: ü" | xclip -selection clipboard -i >/dev/null 2>&1'`,
      );
      await until(
        async () => (await page.evaluate(() => navigator.clipboard.readText())) === 'from the other: ü',
        () => page.evaluate(() => navigator.clipboard.readText()),
      );
      await page.keyboard.type('exit');
      await page.keyboard.press('Enter');
      await until(async () => !(await desk().must('bhatti exec desk -- list-windows')).includes('Terminal'));
      await page.context().close();
    });
  });
}

/** As keyboards of other countries type: the browser names the letter, and no key of a US keyboard has it. */
async function typeForeign(page: Page, text: string): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  for (const key of text) {
    for (const type of ['keyDown', 'keyUp'] as const) await devtools.send('Input.dispatchKeyEvent', { type, key });
  }
}

async function waitFocus(desk: Desk, title: RegExp): Promise<void> {
  await until(
    async () => title.test((await desk.type('bhatti exec desk -- active-window')).stdout),
    async () => (await desk.type('bhatti exec desk -- list-windows')).stdout,
  );
}
