import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { titled } from '../../support/capability.ts';
import { TestDisplay, whyNoDisplay } from '../../support/display-server.ts';
import type { PageWindow } from '../../support/e2e-browser.ts';
import { LeasePerson, leaseOf, postLease } from '../../support/lease-person.ts';
import { act, perform } from '../../support/operator.ts';
import { until } from '../../support/until.ts';

declare const window: PageWindow;

const path = '/usr/bin/chromium';
const why = whyNoDisplay('xterm') ?? (existsSync(path) ? undefined : `needs ${path}`);

describe.skipIf(why !== undefined)(titled('the lease on the page', why), () => {
  let display: TestDisplay;
  let browser: Browser;
  let page: Page;
  let file: string;
  const complaints: string[] = [];
  beforeAll(async () => {
    display = await TestDisplay.start({ width: 800, height: 600 });
    file = join(display.home, 'typed');
    display.spawn(['xterm', '-geometry', '100x30+0+0', '-e', 'sh', '-c', `cat > ${file}`]);
    await until(() => existsSync(file));
    browser = await chromium.launch({ executablePath: path, args: ['--no-sandbox', '--disable-gpu'] });
    page = await openPage();
  });
  afterAll(async () => {
    await browser?.close();
    await display?.[Symbol.asyncDispose]();
  });
  afterEach(async () => {
    await postLease(display, { op: 'return' });
    await postLease(display, { op: 'withdraw' });
  });

  const openPage = async (query = '') => {
    const context = await browser.newContext({
      viewport: { width: 800, height: 600 },
      httpCredentials: { username: 'kasm_user', password: display.password },
    });
    const opened = await context.newPage();
    opened.on('pageerror', (error) => complaints.push(error.message));
    await opened.goto(`http://127.0.0.1:${display.port}/${query}`);
    await opened.waitForFunction(() => window.bhatti?.connected);
    await opened.locator('#lease-tool').waitFor({ state: 'attached' });
    return opened;
  };
  const agentWorks = async () => {
    await postLease(display, { op: 'hold', ms: 600_000 });
    await page.getByText('The agent is working', { exact: true }).first().waitFor();
  };
  const shows = (on: Page, text: string) => on.locator('#lease-who', { hasText: text }).waitFor();
  const holder = async () => (await leaseOf(display)).holder;
  /** Types until the terminal has got it: the keyboard goes where the pointer is. */
  const typedLine = async (line: string) => {
    await page.mouse.move(200, 200);
    await page.keyboard.type(`${line}\n`);
    await until(
      () => readFileSync(file, 'utf8').endsWith(`${line}\n`),
      () => readFileSync(file, 'utf8'),
    );
  };

  test('nothing of it is shown while nobody but people is there', async () => {
    expect(await page.locator('#lease').isVisible()).toBe(false);
    expect(await page.locator('#help').isVisible()).toBe(false);
    await typedLine('alone');
  });

  test('who has it is shown; a press on the desktop is no takeover, the button is, and typing goes to the desktop', async () => {
    await agentWorks();
    expect(await page.locator('#lease-private').isVisible()).toBe(false);
    await page.mouse.click(300, 300);
    await page.keyboard.type('dropped\n');
    await page.locator('#lease.nudged').waitFor();
    expect(await holder()).toEqual({ kind: 'agent' });
    await page.getByRole('button', { name: 'Take over', exact: true }).and(page.locator('#lease-take')).click();
    await shows(page, 'You have the input');
    expect(await holder()).toEqual({ kind: 'person', user: 'kasm_user', isPrivate: false });
    await typedLine('of a person');
    expect(readFileSync(file, 'utf8')).not.toContain('dropped');
    expect(await page.locator('#lease-said').textContent()).toBe('You have the input');
    await page.locator('#lease-take', { hasText: 'Hand back' }).click();
    await shows(page, 'The input is free');
    expect(await holder()).toEqual({ kind: 'nobody' });
  });

  test('a double click takes over once', async () => {
    await agentWorks();
    await page.locator('#lease-take').dblclick();
    await shows(page, 'You have the input');
    expect((await holder()).kind).toBe('person');
    await page.locator('#lease-take').click();
    await shows(page, 'The input is free');
  });

  test('private is a switch of who has it', async () => {
    await agentWorks();
    await page.locator('#lease-take').click();
    const privately = page.getByRole('switch', { name: 'Private' });
    await privately.click();
    await page.getByRole('switch', { name: 'Private', checked: true }).waitFor();
    expect((await display.control('/screenshot')).status).toBe(409);
    await privately.click();
    await page.getByRole('switch', { name: 'Private', checked: false }).waitFor();
    expect((await display.control('/screenshot')).status).toBe(200);
    await page.locator('#lease-take').click();
    await shows(page, 'The input is free');
  });

  test('help is a card with its message as text; dismissed, it is away until the agent asks anew', async () => {
    const card = page.getByRole('region', { name: 'The agent asks for help' });
    await postLease(display, { op: 'help', message: '<b>Which</b> of the two?' });
    await card.getByText('<b>Which</b> of the two?').waitFor();
    expect(await page.locator('#help-said').textContent()).toBe('The agent asks for help: <b>Which</b> of the two?');
    await card.getByRole('button', { name: 'Dismiss' }).click();
    await card.waitFor({ state: 'hidden' });
    expect((await leaseOf(display)).help?.message).toBe('<b>Which</b> of the two?');
    await postLease(display, { op: 'help', message: 'x'.repeat(1000) });
    await card.getByRole('button', { name: 'Take over' }).click();
    await page.getByRole('region', { name: 'The agent asked for help' }).waitFor();
    await page.locator('#lease-take', { hasText: 'Hand back' }).click();
    await page.locator('#help').waitFor({ state: 'hidden' });
    expect((await leaseOf(display)).help).toBeUndefined();
  });

  test('without a pointer: the shortcut, arrows and Enter take over and hand back', async () => {
    await agentWorks();
    await page.locator('#desktop canvas').focus();
    const press = async (label: string) => {
      for (const key of ['Control', 'Alt', 'Shift']) await page.keyboard.down(key);
      for (const key of ['Control', 'Alt', 'Shift']) await page.keyboard.up(key);
      for (let i = 0; i < 10 && (await page.locator('#lease-tool:focus').count()) === 0; i++) {
        await page.keyboard.press('ArrowDown');
      }
      expect(await page.locator('#lease-tool').getAttribute('aria-label')).toBe(label);
      await page.keyboard.press('Enter');
    };
    await press('Take over');
    await shows(page, 'You have the input');
    await typedLine('without a pointer');
    // From the last of the controls, Tab comes to the bar: the switch, then the button.
    for (const key of ['Control', 'Alt', 'Shift']) await page.keyboard.down(key);
    for (const key of ['Control', 'Alt', 'Shift']) await page.keyboard.up(key);
    for (let i = 0; i < 12 && (await page.locator('#lease-private:focus').count()) === 0; i++) {
      await page.keyboard.press('Tab');
    }
    await page.keyboard.press('Space');
    await page.getByRole('switch', { name: 'Private', checked: true }).waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await shows(page, 'The input is free');
    await page.keyboard.press('Escape');
  });

  test('taking over ends view only, which would swallow what the person does', async () => {
    const looking = await openPage('?view_only=1');
    await agentWorks();
    await looking.locator('#lease-take').click();
    await shows(looking, 'You have the input');
    expect(await looking.locator('#view-only-mark').isVisible()).toBe(false);
    await shows(page, 'Somebody else has the input');
    await page.locator('#lease-take').click();
    await shows(looking, 'Somebody else took over');
    await page.locator('#lease-take', { hasText: 'Hand back' }).click();
    await looking.context().close();
  });

  test('who closes the page has handed back', async () => {
    const second = await openPage();
    await agentWorks();
    await second.locator('#lease-take').click();
    await shows(second, 'You have the input');
    await second.context().close();
    await until(async () => (await holder()).kind === 'nobody');
    expect((await act(display, { actions: [{ do: 'click', at: [5, 5] }] })).ok).toBe(true);
  });

  test('the bar finds back after the server was away, and says nothing that is not so meanwhile', async () => {
    using person = await LeasePerson.open(display);
    await person.take();
    await shows(page, 'Somebody else has the input');
    const pid = display.streamingPid() ?? 0;
    process.kill(pid, 'SIGKILL');
    await page.locator('#lease').waitFor({ state: 'hidden' });
    await page.waitForFunction(() => window.bhatti?.connected && window.bhatti.connections > 1, undefined, {
      timeout: 60_000,
    });
    await perform(display, { do: 'move', to: [9, 9] });
    await shows(page, 'The agent is working');
    expect(complaints).toEqual([]);
  });
});
