import { afterAll, beforeAll, describe, expect, test } from 'bun:test';

import { openOperator, refIn, textOf } from '../support/browser-operator.ts';
import { titled, whyNoSandboxes } from '../support/capability.ts';
import { whyNoChromium } from '../support/chromium.ts';
import { Desk } from '../support/e2e-desk.ts';
import { serveSite, siteUrl } from '../support/e2e-site.ts';
import { pngSize } from '../support/png-size.ts';

const why = whyNoSandboxes('computer') ?? whyNoChromium;

/** As docs/models.md has it; only the address is of a page that is there without a network. */
const openBrowser = `bhatti exec desk -- chromium-browser --remote-debugging-port=9222 --user-data-dir=/home/lohar/operator ${siteUrl}`;

describe.skipIf(why !== undefined)(titled('the browser toolset at a sandbox’s desktop', why), () => {
  let desk: Desk;
  let operator: Awaited<ReturnType<typeof openOperator>>;

  beforeAll(async () => {
    desk = await Desk.start();
    await desk.must('bhatti create --name desk --image computer --cpus 2 --memory 4096 --disk-size 8192');
    await serveSite(desk);
    await desk.must(openBrowser);
    const { url } = JSON.parse(await desk.must('bhatti publish desk -p 9222 --json'));
    const version: unknown = await (await fetch(new URL('/json/version', url))).json();
    // SAFETY: what it is not, the connection below fails on.
    operator = await openOperator((version as { webSocketDebuggerUrl: string }).webSocketDebuggerUrl);
  });
  afterAll(async () => {
    operator[Symbol.dispose]();
    await desk[Symbol.asyncDispose]();
  });

  test('reads, fills in and sees the page that a person at the desktop sees', async () => {
    await operator.use('navigate', { url: siteUrl });
    const page = await operator.text('read_page', {});
    const [filled] = await operator.turn([
      { name: 'left_click', input: { target: { type: 'ref', ref: refIn(page, 'textbox') } } },
    ]);
    expect(textOf(filled)).toContain('Done.');
    await operator.use('type', { text: 'by the driver' });
    expect(await operator.text('read_page', {})).toContain('by the driver');
    const [picture] = await operator.use('screenshot', {});
    expect(pngSize(picture).width).toBeGreaterThan(1000);
  });

  test('a tab that it opens is in front, and one behind is brought back for its picture', async () => {
    const [opened] = await operator.use('new_tab', {});
    if (opened?.type !== 'browser_state') throw new Error('no state');
    const [first, second] = opened.tabs;
    expect(second?.active).toBe(true);
    await operator.use('navigate', { url: 'about:blank' });
    const [picture] = await operator.use('screenshot', { tab_id: first?.tab_id ?? '' });
    expect(pngSize(picture).width).toBeGreaterThan(1000);
    expect(await desk.must('bhatti exec desk -- active-window')).not.toContain('about:blank');
  });
});
