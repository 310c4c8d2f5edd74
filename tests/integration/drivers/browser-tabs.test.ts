import { describe, expect, test } from 'bun:test';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BetaBrowserToolset20260801 } from '@anthropic-ai/sdk/resources/beta/messages/messages';
import { hasCode } from '@bhatti/base/errors.ts';

import { at, BrowserFixture, on } from '../../support/browser-fixture.ts';
import { blocksOf, openOperator, textOf } from '../../support/browser-operator.ts';
import { titled } from '../../support/capability.ts';
import { whyNoChromium } from '../../support/chromium.ts';
import { until } from '../../support/until.ts';

describe.skipIf(whyNoChromium !== undefined)(titled('the browser toolset', whyNoChromium), () => {
  const browser = new BrowserFixture();

  describe('tabs', () => {
    test('are opened, listed, switched and closed; each result is the state alone', async () => {
      await browser.open('/other');
      const [opened, ...rest] = await browser.operator.use('new_tab', {});
      expect(rest).toEqual([]);
      if (opened?.type !== 'browser_state') throw new Error('no state');
      const fresh = opened.tabs.find(({ active }) => active === true)?.tab_id ?? '';
      expect(opened.state_changes).toEqual([{ type: 'tab_opened', tab_id: fresh }]);
      await browser.open('/form');
      const [listed] = await browser.operator.use('list_tabs', {});
      if (listed?.type !== 'browser_state') throw new Error('no state');
      expect(listed.tabs.map((tab) => [tab.title, tab.active])).toEqual([
        ['Other', undefined],
        ['A form', true],
      ]);
      const first = listed.tabs[0]?.tab_id ?? '';
      expect(await browser.operator.text('get_page_text', { tab_id: first })).toBe('the other page');
      const [switched] = await browser.operator.use('switch_tab', { tab_id: first });
      expect(switched).toMatchObject({ tabs: [{ tab_id: first, active: true }, { tab_id: fresh }] });
      expect(await browser.operator.text('get_page_text', {})).toBe('the other page');
      const [closed] = await browser.operator.use('close_tab', { tab_id: fresh });
      expect(closed).toMatchObject({ tabs: [{ tab_id: first, active: true }] });
      for (const name of ['switch_tab', 'close_tab', 'screenshot'])
        expect(await browser.operator.failure(name, { tab_id: fresh })).toContain(
          `there is no tab "${fresh}"; open are: ${first}`,
        );
    });

    test('that a page opens are reported, once, and can be worked in', async () => {
      await browser.open('/popup');
      const clicked = await browser.operator.use('left_click', { target: await browser.ref('Open another') });
      const seen = [JSON.stringify(clicked)];
      await until(
        async () => {
          if (seen.some((text) => text.includes('tab_opened'))) return true;
          seen.push(JSON.stringify(await browser.operator.use('list_tabs', {})));
          return false;
        },
        () => seen.at(-1),
      );
      const id = /"type":"tab_opened","tab_id":"(tab_\d+)"/.exec(seen.join(''))?.[1] ?? '';
      expect(
        await until(async () => (await browser.operator.text('get_page_text', { tab_id: id })) === 'the other page'),
      ).toBe(true);
      expect(await browser.title()).toBe('Popup');
      const [state] = await browser.operator.use('close_tab', { tab_id: id });
      expect(JSON.stringify(state)).not.toContain('tab_opened');
    });
  });

  test('a dialog is dismissed, and the model reads that it was there', async () => {
    await browser.open('/dialogs');
    const text = await browser.operator.text('left_click', { target: await browser.ref('Ask') });
    const said = text.includes('dialog') ? text : await browser.operator.text('get_page_text', {});
    expect(said).toContain('The page opened the confirm dialog "Delete everything?". It was dismissed.');
    expect(await browser.title()).toBe('false');
  });

  test('downloads are reported with their address and where they are', async () => {
    await browser.open('/other');
    const seen = [JSON.stringify(await browser.operator.use('navigate', { url: `${browser.url}/file` }))];
    await until(
      async () => {
        if (seen.join('').includes('download_completed')) return true;
        seen.push(JSON.stringify(await browser.operator.use('list_tabs', {})));
        return false;
      },
      () => seen.join('\n'),
    );
    expect(seen.join('')).toContain(`"url":"${browser.url}/file"`);
    expect(readdirSync(browser.dir)).toContain('report.txt');
  });

  describe('members that are off by default', () => {
    test('are refused until they are switched on, and the first two need somebody to confirm', async () => {
      using plain = await openOperator(await browser.another());
      for (const name of ['javascript_exec', 'file_upload', 'read_console', 'read_network'])
        expect(await plain.failure(name, { text: '1' })).toContain(`has no member "${name}", or it is switched off`);
      const entry: BetaBrowserToolset20260801 = plain.toolset.tool;
      expect(entry).toEqual({ type: 'browser_toolset_20260801' });
      for (const options of [
        { configs: { javascript_exec: on } },
        { configs: { file_upload: on }, uploadDir: browser.dir },
        { configs: { file_upload: on }, confirm: () => true },
      ])
        expect(await openOperator(browser.debuggerUrl, options).catch((error: unknown) => error)).toSatisfy((error) =>
          hasCode(error, 'INVALID_ARGUMENT'),
        );
    });

    test('javascript_exec gives the value of the last expression', async () => {
      await browser.open('/other');
      expect(await browser.operator.text('javascript_exec', { text: 'const a = 2; a * 21' })).toBe('42');
      expect(await browser.operator.text('javascript_exec', { text: 'await Promise.resolve({ b: [1] })' })).toBe(
        '{"b":[1]}',
      );
      expect(await browser.operator.text('javascript_exec', { text: 'undefined' })).toBe('undefined');
      expect(await browser.operator.failure('javascript_exec', { text: 'nothing.there' })).toContain(
        'nothing is not defined',
      );
    });

    test('a script that is declined does not run', async () => {
      using wary = await openOperator(await browser.another(), {
        configs: { javascript_exec: on },
        confirm: () => false,
      });
      expect(await wary.failure('javascript_exec', { text: 'document.title = "x"' })).toBe(
        'javascript_exec was not carried out: it was declined',
      );
    });

    test('file_upload gives files of its directory, and no others', async () => {
      await browser.open('/form');
      for (const name of ['a.txt', 'b.txt']) writeFileSync(join(browser.dir, name), name);
      const files = await browser.ref('button "Files"');
      await browser.operator.use('file_upload', {
        target: files,
        paths: [join(browser.dir, 'a.txt'), join(browser.dir, 'b.txt')],
      });
      expect(await browser.log()).toEqual(['files a.txt,b.txt']);
      for (const paths of [['/etc/passwd'], [`${browser.dir}/../x`], [], 'x', [7], [`${browser.dir}x/y`]])
        expect(await browser.operator.failure('file_upload', { target: files, paths })).toContain('"paths" must');
      expect(await browser.operator.failure('file_upload', { target: files, document_ids: ['d'] })).toContain(
        '"document_ids" cannot be resolved',
      );
      expect(
        await browser.operator.failure('file_upload', {
          target: await browser.ref('textbox "Name"'),
          paths: [join(browser.dir, 'a.txt')],
        }),
      ).toContain('it is no file input');
    });

    test('read_console and read_network give what came since they were last read', async () => {
      await browser.open('/other');
      await browser.operator.use('read_console', {});
      await browser.operator.use('read_network', {});
      await browser.open('/console');
      const lines: string[] = [];
      await until(
        async () => {
          lines.push(await browser.operator.text('read_console', {}));
          return ['log: hello 7', 'error: bad', 'exception: Error: thrown later'].every((line) =>
            lines.join('\n').includes(line),
          );
        },
        () => lines.join('\n'),
      );
      const requests: string[] = [];
      await until(
        async () => {
          requests.push(await browser.operator.text('read_network', {}));
          return (
            /GET \S+\/console 200 text\/html \d+ ms/.test(requests.join('\n')) &&
            /GET \S+\/missing 404/.test(requests.join('\n'))
          );
        },
        () => requests.join('\n'),
      );
      expect(await browser.operator.text('read_network', {})).toBe('[nothing]');
    });
  });

  test('after a call that failed none is carried out', async () => {
    await browser.open('/form');
    const results = await browser.operator.turn([
      { name: 'get_page_text', input: {} },
      { name: 'fly', input: {} },
      { name: 'navigate', input: { url: `${browser.url}/other` } },
    ]);
    expect(results.map((result) => [result.toolset_name, result.is_error ?? false])).toEqual([
      ['browser', false],
      ['browser', true],
      ['browser', true],
    ]);
    expect(textOf(results[2])).toBe('Not executed: an earlier browser action in this turn failed.');
    expect(
      results
        .slice(1)
        .flatMap(blocksOf)
        .every(({ type }) => type === 'text'),
    ).toBe(true);
    expect(await browser.title()).toBe('A form');
  });

  test.each([
    ['left_click', {}],
    ['left_click', { target: { type: 'place' } }],
    ['left_click', { target: at(-1, 1) }],
    ['left_click', { target: { type: 'ref' } }],
    ['left_click', { target: { type: 'coordinate', x: '1', y: 1 } }],
    ['left_click_drag', { from: { type: 'ref', ref: 'ref_1' }, target: at(1, 1) }],
    ['type', { text: null }],
    ['wait', {}],
    ['find', { query: '' }],
    ['screenshot', { full_page: true }],
    ['switch_tab', {}],
    ['navigate', 'https://example.com'],
    ['toString', {}],
  ])('%s with %j is an error result', async (name, input) => {
    expect(await browser.operator.failure(name, input)).not.toStartWith('it succeeded');
  });
});
