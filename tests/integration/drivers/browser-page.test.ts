import { describe, expect, test } from 'bun:test';

import { at, BrowserFixture, on } from '../../support/browser-fixture.ts';
import { openOperator, refIn } from '../../support/browser-operator.ts';
import { titled } from '../../support/capability.ts';
import { whyNoChromium } from '../../support/chromium.ts';
import { pngSize } from '../../support/png-size.ts';

describe.skipIf(whyNoChromium !== undefined)(titled('the browser toolset reads pages', whyNoChromium), () => {
  const browser = new BrowserFixture();

  describe('navigate', () => {
    test('says where it landed, with title and status, after redirects', async () => {
      expect(await browser.open('/form')).toBe(`At ${browser.url}/form, "A form" (HTTP 200)`);
      expect(await browser.open('/moved')).toBe(`At ${browser.url}/other, "Other" (HTTP 200)`);
      expect(await browser.open('/nowhere')).toBe(`At ${browser.url}/nowhere, "Not there" (HTTP 404)`);
    });

    test('goes back, forward and reloads', async () => {
      await browser.open('/form');
      await browser.open('/other');
      expect(await browser.operator.text('navigate', { url: 'back' })).toContain('"A form"');
      expect(await browser.operator.text('navigate', { url: 'forward' })).toContain('"Other"');
      await browser.operator.value('(document.title = "changed")');
      expect(await browser.operator.text('navigate', { url: 'reload' })).toContain('"Other" (HTTP 200)');
      expect(await browser.operator.failure('navigate', { url: 'forward' })).toContain(
        'there is no page to go forward to',
      );
    });

    test('shows a page that does not end loading as far as it has come', async () => {
      expect(await browser.open('/slow')).toContain('"Slow"');
      expect(await browser.operator.text('get_page_text', {})).toBe('begun');
    });

    test('opens what the program allows only, and says what cannot be reached', async () => {
      for (const url of ['file:///etc/passwd', 'chrome://version', 'javascript:alert(1)', 'data:text/html,x'])
        expect(await browser.operator.failure('navigate', { url })).toContain('may not be opened');
      expect(await browser.operator.failure('navigate', { url: 'http://127.0.0.1:1/' })).toContain('ERR_');
      expect(await browser.operator.failure('navigate', { url: '' })).toContain('"url" must not be empty');
    });
  });

  describe('pictures', () => {
    test('show the viewport, and zoom a part of it as large', async () => {
      await browser.open('/colours');
      const [picture, state] = await browser.operator.use('screenshot', {});
      expect(state?.type).toBe('browser_state');
      const size = pngSize(picture);
      expect([size.width, size.height]).toEqual([
        Number(await browser.operator.value('innerWidth')),
        Number(await browser.operator.value('innerHeight')),
      ]);
      const [zoomed] = await browser.operator.use('zoom', { region: [0, 0, 100, 50] });
      expect(pngSize(zoomed).width).toBeGreaterThan(900);
    });

    test('are no larger than the model takes, with coordinates in their pixels, on a page that is scrolled', async () => {
      using large = await openOperator(await browser.another('3000,2000'), {
        configs: { javascript_exec: on },
        confirm: () => true,
      });
      await large.text('navigate', { url: `${browser.url}/mouse` });
      const [picture] = await large.use('screenshot', {});
      const { width, height } = pngSize(picture);
      expect(Math.max(width, height)).toBeLessThanOrEqual(1568);
      expect(Math.ceil(width / 28) * Math.ceil(height / 28)).toBeLessThanOrEqual(1568);
      const scale = width / Number(await large.value('innerWidth'));
      await large.use('left_click', { target: at(Math.round(200 * scale), Math.round(150 * scale)) });
      const line = String(await large.value(`document.getElementById('log').textContent`))
        .split('\n')
        .find((entry) => entry.startsWith('click'));
      const [, , , x, y] = (line ?? '').split(' ').map(Number);
      expect(Math.abs((x ?? 0) - 200)).toBeLessThanOrEqual(2);
      expect(Math.abs((y ?? 0) - 150)).toBeLessThanOrEqual(2);
      await large.value('scrollTo(0, 500)');
      const [zoomed] = await large.use('zoom', { region: [0, 0, width, height] });
      expect(pngSize(zoomed)).toEqual({ width, height });
      expect(await large.failure('left_click', { target: at(width, 1) })).toContain('"x" is outside of the viewport');
      expect(await large.failure('zoom', { region: [0, 0, width + 1, 5] })).toContain('is outside of the viewport');
    });
  });

  describe('reading', () => {
    test('read_page shows the tree with names for elements', async () => {
      await browser.open('/form');
      const page = await browser.operator.text('read_page', {});
      expect(page).toMatch(/^page "A form" \[ref_\d+\]/);
      expect(page).toMatch(/ {2}heading "Order" \[ref_\d+\] \(level=1\)/);
      expect(page).toMatch(/textbox "Name" \[ref_\d+\]/);
      expect(page).toMatch(/button "Send the order" \[ref_\d+\]/);
      expect(page).toMatch(/textbox "Sealed" \[ref_\d+\] \(disabled/);
      expect(page).toMatch(/link "Another page" \[ref_\d+\] url=http/);
      expect(await browser.operator.text('read_page', {})).toBe(page);
    });

    test('filters, depth and a subtree narrow it', async () => {
      await browser.open('/form');
      const interactive = await browser.operator.text('read_page', { filter: 'interactive' });
      expect(interactive).toContain('button "Send the order"');
      expect(interactive).not.toContain('heading');
      expect((await browser.operator.text('read_page', { depth: 1 })).split('\n')).toHaveLength(1);
      const size = await browser.operator.text('read_page', {
        ref: (await browser.ref('combobox "Size"')).ref,
        filter: 'all',
      });
      expect(size).toContain('option "Large"');
      expect(size).not.toContain('Send the order');
      await browser.open('/long');
      expect(await browser.operator.text('read_page', {})).not.toContain('Bottom button');
      expect(await browser.operator.text('read_page', { filter: 'all' })).toContain('Bottom button');
      for (const input of [{ depth: 0 }, { filter: 'some' }, { ref: 'ref_999999' }, { ref: 7 }])
        expect(await browser.operator.failure('read_page', input)).toStartWith('read_page failed');
    });

    test('elements in frames are read and clicked', async () => {
      await browser.open('/frames');
      await browser.operator.use('left_click', { target: await browser.ref('Inner button') });
      expect(await browser.title()).toBe('inner clicked');
    });

    test('an element that only listens to clicks can be acted upon', async () => {
      await browser.open('/clickable');
      await browser.operator.use('left_click', {
        target: {
          type: 'ref',
          ref: refIn(await browser.operator.text('read_page', { filter: 'interactive' }), '[ref'),
        },
      });
      expect(await browser.title()).toBe('reacted');
    });

    test('find names what fits a description', async () => {
      await browser.open('/form');
      const found = await browser.operator.text('find', { query: 'the button to send the order' });
      expect(found.split('\n')[0]).toMatch(/^button "Send the order" \[ref_\d+\]/);
      expect((await browser.operator.text('find', { query: 'name field' })).split('\n')[0]).toContain('textbox "Name"');
      expect(await browser.operator.text('find', { query: 'zebra' })).toContain('No element fits');
      await browser.open('/long');
      expect(await browser.operator.text('find', { query: 'bottom button' })).toContain('(outside of the viewport)');
    });

    test('get_page_text gives the article', async () => {
      await browser.open('/article');
      expect(await browser.operator.text('get_page_text', {})).toBe('News\n\nIt rained.');
    });

    test('names of a page that is gone are refused', async () => {
      await browser.open('/form');
      const gone = await browser.ref('Send the order');
      await browser.open('/other');
      for (const name of ['left_click', 'hover', 'scroll_to'])
        expect(await browser.operator.failure(name, { target: gone })).toContain("is no element of this tab's page");
      await browser.open('/form');
      const removed = await browser.ref('Send the order');
      await browser.operator.value(`document.getElementById('send').remove()`);
      expect(await browser.operator.failure('left_click', { target: removed })).toContain('left_click failed');
      expect(await browser.operator.failure('form_input', { target: gone, value: 'x' })).toContain('form_input failed');
    });

    test('a page that puts functions of its own in place of the browser’s is read all the same', async () => {
      await browser.open('/hostile');
      expect(await browser.operator.text('get_page_text', {})).toBe('still text');
      expect(await browser.operator.text('read_page', {})).toContain('still text');
      const state = (await browser.operator.use('screenshot', {})).at(-1);
      expect(JSON.stringify(state)).not.toContain('\\u0007');
    });
  });
});
