import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { titled } from '../../support/capability.ts';
import { TestDisplay, whyNoDisplay } from '../../support/display-server.ts';
import { act, perform } from '../../support/operator.ts';
import { until } from '../../support/until.ts';

const why = whyNoDisplay('chromium', 'dbus-daemon');
const html = `<title>page</title><body style="height:3000px"><label>Name <input id="name"></label>
  <button onclick="this.textContent = 'pressed'" style="display:block">Press me</button>
  <input type="range" aria-label="Volume" min="0" max="100" value="0">
  <button style="position:absolute;top:2500px" onclick="document.title = 'reached'">Far away</button>`;

describe.skipIf(why !== undefined)(titled('actions on elements', why), () => {
  let display: TestDisplay;
  beforeAll(async () => {
    display = await TestDisplay.start({ width: 1000, height: 700 });
    const flags = [
      '--no-sandbox',
      '--disable-gpu',
      '--no-first-run',
      '--force-renderer-accessibility',
      `--user-data-dir=${display.home}/chromium`,
    ];
    display.spawn([
      'env',
      'ACCESSIBILITY_ENABLED=1',
      '/usr/bin/chromium',
      ...flags,
      `data:text/html,${encodeURIComponent(html)}`,
    ]);
    await refOf('button', 'Press me');
  });
  afterAll(() => display[Symbol.asyncDispose]());

  const refOf = (role: string, name: string) =>
    until(
      async () => {
        const { results } = await act(display, { actions: [{ do: 'find', scope: 'all', role, name }] });
        return results[0]?.elements?.[0]?.ref;
      },
      async () => JSON.stringify((await act(display, { actions: [{ do: 'tree', scope: 'all' }] })).results[0]),
      60_000,
    );

  test('the tree is text with refs, which a click takes for a point', async () => {
    const { results } = await perform(display, { do: 'tree', scope: 'all' });
    expect(results[0]?.text).toMatch(/- button "Press me" \[ref=e\d+\.\d+\]/);
    await perform(display, { do: 'click', ref: await refOf('button', 'Press me') });
    await refOf('button', 'pressed');
  });

  test('an element that is out of sight is scrolled to', async () => {
    await perform(display, { do: 'click', ref: await refOf('button', 'Far away') });
    await until(async () => JSON.stringify(await perform(display, { do: 'windows' })).length > 0);
    await until(async () =>
      ((await perform(display, { do: 'tree', scope: 'all' })).results[0]?.text ?? '').includes('reached'),
    );
  });

  test('a field is given a text, and a slider a number', async () => {
    const name = await refOf('textbox', 'Name');
    await perform(display, { do: 'set', ref: name, value: 'Grüße 東京' }, { do: 'settle' });
    await until(async () =>
      (await act(display, { actions: [{ do: 'find', scope: 'all', name: 'Name' }] })).results[0]?.elements?.some(
        ({ value }) => value === 'Grüße 東京',
      ),
    );
    const volume = await refOf('slider', 'Volume');
    await perform(display, { do: 'set', ref: volume, value: 40 });
    await until(async () =>
      (await act(display, { actions: [{ do: 'find', scope: 'all', name: 'Volume' }] })).results[0]?.elements?.some(
        ({ value }) => value === '40',
      ),
    );
  });

  test('a picture has labels, whose list says which element each is', async () => {
    const { results } = await perform(display, { do: 'screenshot', labels: true, format: 'jpeg' });
    const picture = results[0]?.picture;
    expect(picture?.labels?.length).toBeGreaterThan(3);
    expect(picture?.labels?.map(({ label }) => label)).toEqual(picture?.labels?.map((_, i) => i + 1));
    if (process.env['BHATTI_PICTURES'] !== undefined)
      await Bun.write(`${process.env['BHATTI_PICTURES']}/labels.jpeg`, Buffer.from(picture?.data ?? '', 'base64'));
  });

  test('a stale ref, one that is none, and a point beside a ref are errors', async () => {
    const codes = [];
    for (const action of [
      { do: 'click', ref: 'e999.1' },
      { do: 'click', at: [1, 1], ref: 'e1.1' },
    ] as const)
      codes.push((await act(display, { actions: [structuredClone(action) as never] })).results[0]?.error?.code);
    expect(codes[0]).toMatch(/ELEMENT_GONE|A11Y_UNAVAILABLE/);
    expect(codes[1]).toBe('INVALID_ARGUMENT');
  });
});
