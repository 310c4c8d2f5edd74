import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { titled } from '../../support/capability.ts';
import { TestDisplay, whyNoDisplay } from '../../support/display-server.ts';
import { act, DesktopChromium, perform } from '../../support/operator.ts';
import { until } from '../../support/until.ts';

const why = whyNoDisplay('chromium');
const html = `<style>body { margin: 0 }</style>
  <textarea id="text" rows="12" cols="80"></textarea>
  <button id="button" onclick="this.textContent = 'pressed ' + ++window.presses" oncontextmenu="window.context = true; return false">press</button>
  <script>window.presses = 0; window.seen = [];
    for (const kind of ['mousedown', 'mouseup', 'dblclick', 'wheel', 'keydown', 'keyup'])
      addEventListener(kind, (event) => window.seen.push([kind, event.button ?? event.key, event.detail, event.shiftKey, event.ctrlKey]));
  </script>`;

describe.skipIf(why !== undefined)(titled('actions in Chromium', why), () => {
  let display: TestDisplay;
  let browser: DesktopChromium;
  beforeAll(async () => {
    display = await TestDisplay.start({ width: 1000, height: 700 });
    browser = await DesktopChromium.open(display, html);
  });
  afterAll(async () => {
    await browser[Symbol.asyncDispose]();
    await display[Symbol.asyncDispose]();
  });

  const empty = async () => {
    await browser.page.locator('#text').fill('');
    const at = await browser.placeOf('#text');
    await perform(display, { do: 'click', at });
  };
  const typed = (text: string) =>
    until(
      async () => ((await browser.valueOf('#text')) === text ? text : undefined),
      async () => JSON.stringify(await browser.valueOf('#text')),
    );

  test.each([
    ['a sentence', 'The quick brown fox, "jumps" over <the> lazy dog? {1 + 2} = #3 ~ `\\|`'],
    ['capitals', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ ÄÖÜ ÉÈÊ ÑÇ'],
    ['lines and tabs', 'one\ntwo\n\nfour'],
    ['five scripts and emoji', 'Grüße, 你好世界, مرحبا بالعالم, नमस्ते दुनिया, Привет 😀🎉👩‍💻 ÿ €'],
    ['a text of one letter', 'ß'],
    [
      'more characters than a keyboard has keys',
      Array.from({ length: 120 }, (_, i) => String.fromCodePoint(0x4e00 + i * 37)).join(''),
    ],
    ['the same letters again and again', '好'.repeat(40) + 'a'.repeat(40) + '好a'.repeat(20)],
  ])('%s is typed as it is', async (_, text) => {
    await empty();
    await perform(display, { do: 'type', text });
    await typed(text);
  });

  test('a long text arrives whole', async () => {
    await empty();
    const text = Array.from({ length: 60 }, (_, i) => `${i} — naïve café, 東京 ${'x'.repeat(i % 7)}.`).join(' ');
    await perform(display, { do: 'type', text });
    await typed(text);
  });

  test('a text is pasted by way of the clipboard', async () => {
    await empty();
    await perform(display, { do: 'type', text: 'pasted: 東京 😀', via: 'paste' });
    await typed('pasted: 東京 😀');
  });

  test('what a program copies is read, and what is copied is pasted', async () => {
    await empty();
    await perform(
      display,
      { do: 'type', text: 'from Chromium ✓' },
      { do: 'key', keys: 'ctrl+a' },
      { do: 'key', keys: 'ctrl+c' },
    );
    await until(async () => (await perform(display, { do: 'copied' })).results[0]?.text === 'from Chromium ✓');
    await empty();
    await perform(display, { do: 'copy', text: 'from outside ✗' }, { do: 'key', keys: 'ctrl+v' });
    await typed('from outside ✗');
  });

  test('what is only selected is not copied, and long texts come whole', async () => {
    await empty();
    const long = '東京 '.repeat(40_000);
    await perform(display, { do: 'copy', text: long.slice(0, 100_000) });
    expect((await perform(display, { do: 'copied' })).results[0]?.text).toBe(long.slice(0, 100_000));
    await browser.page.locator('#text').fill(long);
    await perform(display, { do: 'key', keys: 'ctrl+a' });
    expect((await perform(display, { do: 'copied' })).results[0]?.text?.length).toBe(100_000);
    await perform(display, { do: 'key', keys: 'ctrl+c' });
    await until(async () => (await perform(display, { do: 'copied' })).results[0]?.text === long);
    await browser.page.locator('#text').fill('');
  });

  test('Caps Lock does not turn letters round, and stays on', async () => {
    await empty();
    await perform(display, { do: 'key', keys: 'Caps_Lock' }, { do: 'type', text: 'aBc' }, { do: 'key', keys: 'a' });
    await typed('aBcA');
    await perform(display, { do: 'key', keys: 'Caps_Lock' });
  });

  test('a click presses the button it points at, in pixels of the space that the caller saw', async () => {
    const [x, y] = await browser.placeOf('#button');
    const space = { width: 500, height: 350 };
    const before = await browser.page.locator('#button').textContent();
    const reply = await act(display, {
      actions: [{ do: 'click', at: [Math.floor(x / 2), Math.floor(y / 2)] }],
      space,
      settle: {},
      screenshot: {},
    });
    expect(reply).toMatchObject({ ok: true, results: [{ ok: true, changed: true, settled: true }] });
    expect(reply.screenshot).toMatchObject({ width: 500, height: 350, format: 'png' });
    expect(await browser.page.locator('#button').textContent()).not.toBe(before);
  });

  test('an action that does nothing says so', async () => {
    await act(display, {
      actions: [
        { do: 'move', to: [995, 695] },
        { do: 'settle', quietMs: 300 },
      ],
    });
    const reply = await act(display, { actions: [{ do: 'move', to: [994, 694] }], settle: { changeMs: 50 } });
    expect(reply.results[0]).toMatchObject({ ok: true, changed: false, settled: true });
  });

  test('buttons, double clicks, held keys and the wheel arrive as what they are', async () => {
    const at = await browser.placeOf('#button');
    const seen = () => browser.page.evaluate<unknown[]>('window.seen.splice(0)');
    await seen();
    await perform(display, { do: 'click', at, button: 'right' });
    await until(async () => browser.page.evaluate('window.context'));
    expect(await seen()).toContainEqual(['mousedown', 2, 1, false, false]);
    await perform(display, { do: 'click', at, count: 2 });
    await until(async () => (await seen()).some((event) => JSON.stringify(event).includes('dblclick')));
    await perform(display, { do: 'click', at, hold: ['shift', 'ctrl'] });
    await until(async () => {
      const events = await seen();
      return events.some((event) => JSON.stringify(event) === '["mousedown",0,1,true,true]');
    });
    await perform(display, { do: 'scroll', at, dy: 2 }, { do: 'scroll', at, dx: -1 });
    await until(async () => (await seen()).some((event) => JSON.stringify(event).startsWith('["wheel"')));
  });

  test('a drag selects what it passes', async () => {
    await empty();
    await perform(display, { do: 'type', text: 'w'.repeat(60) });
    await typed('w'.repeat(60));
    const box = await browser.page.locator('#text').boundingBox();
    const [x, y] = await browser.placeOf('#text');
    const top = y - (box?.height ?? 0) / 2 + 10;
    await perform(display, {
      do: 'drag',
      path: [
        [x - (box?.width ?? 0) / 2 + 4, top],
        [x, top],
      ],
    });
    const selected = await browser.page.evaluate<number>(
      'document.querySelector("#text").selectionEnd - document.querySelector("#text").selectionStart',
    );
    expect(selected).toBeGreaterThan(10);
  });

  test('nothing is held down after an action that fails in the middle', async () => {
    await empty();
    const reply = await act(display, {
      actions: [
        { do: 'keydown', keys: 'shift' },
        { do: 'click', at: [5000, 5] },
        { do: 'type', text: 'never' },
      ],
    });
    expect(reply.ok).toBe(false);
    expect(reply.results.map(({ ok, skipped = false, error }) => [ok, skipped, error?.code])).toEqual([
      [true, false, undefined],
      [false, false, 'INVALID_ARGUMENT'],
      [false, true, undefined],
    ]);
    await perform(display, { do: 'click', at: await browser.placeOf('#text') }, { do: 'key', keys: 'a' });
    await typed('a');
  });
});
