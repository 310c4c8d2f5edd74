import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { BetaAbstractBrowserToolset20260801 as Toolset } from '@anthropic-ai/sdk/helpers/beta/toolsets';
import { createBrowserMembers, type BrowserMembers } from '@bhatti/drivers/anthropic/browser-members.ts';
import { openCdpSocket } from '@bhatti/drivers/cdp/web-socket.ts';

import { refIn, textOf } from '../../support/browser-operator.ts';
import { servePages, type Pages } from '../../support/browser-pages.ts';
import { titled } from '../../support/capability.ts';
import { startChromium, whyNoChromium, type RunningChromium } from '../../support/chromium.ts';

/** That it compiles is a test of its own: the members fit the SDK's class. */
class Browser extends Toolset {
  readonly #members: BrowserMembers;

  constructor(members: BrowserMembers) {
    super({ browserState: (ctx) => members.browserState(ctx) });
    this.#members = members;
  }

  protected override execute(...[ctx, name, input]: Parameters<Toolset['execute']>) {
    return this.#members.execute(ctx, name, input);
  }
}

describe.skipIf(whyNoChromium !== undefined)(
  titled('the members behind the SDK’s browser toolset', whyNoChromium),
  () => {
    let chromium: RunningChromium;
    let pages: Pages;
    let members: BrowserMembers;
    let toolset: Browser;

    beforeAll(async () => {
      chromium = await startChromium();
      pages = servePages();
      members = await createBrowserMembers({ connection: await openCdpSocket(chromium.url) });
      toolset = new Browser(members);
    });
    afterAll(async () => {
      await toolset.close();
      members.close();
      pages[Symbol.dispose]();
      await chromium[Symbol.asyncDispose]();
    });

    const use = (name: string, input: unknown) =>
      toolset.toolResult({ type: 'tool_use', id: 'a', name, input, toolset_name: 'browser' });

    test('pages are opened, read and acted upon', async () => {
      const landed = await use('navigate', { url: `${pages.url}/form` });
      expect(textOf(landed)).toContain(`${pages.url}/form`);
      expect(textOf(landed)).toContain('[browser_state]');
      const page = textOf(await use('read_page', {}));
      const result = await use('form_input', {
        target: { type: 'ref', ref: refIn(page, 'textbox "Name"') },
        value: 'Ada',
      });
      expect(result.is_error).not.toBe(true);
      expect(textOf(await use('read_page', {}))).toContain('value="Ada"');
      expect(textOf(await use('screenshot', {}))).toContain('[image]');
    });

    test('tabs are told by the state alone', async () => {
      const opened = await use('new_tab', {});
      expect(opened.content).toEqual([
        {
          type: 'browser_state',
          tabs: [
            expect.objectContaining({ title: 'A form' }),
            expect.objectContaining({ url: 'about:blank', active: true }),
          ],
          state_changes: [{ type: 'tab_opened', tab_id: expect.any(String) }],
        },
      ]);
    });

    test('what fails is an error result with its reason', async () => {
      const result = await use('left_click', { target: { type: 'ref', ref: 'ref_999' } });
      expect(result.is_error).toBe(true);
      expect(textOf(result)).toContain('"ref_999" is no element');
    });
  },
);
