import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { A11yDesktop, pageOf500 } from '../../support/a11y-desktop.ts';
import { titled } from '../../support/capability.ts';
import { whyNoDisplay } from '../../support/display-server.ts';
import { rejectionOf } from '../../support/rejection.ts';

const why = whyNoDisplay('chromium', 'dbus-daemon', 'xdotool');

describe.skipIf(why !== undefined)(titled('a page in Chromium as text', why), () => {
  let desktop: A11yDesktop;

  beforeAll(async () => {
    desktop = await A11yDesktop.start();
    desktop.browse(pageOf500);
    await named('checkbox', 'Box 99');
  });
  afterAll(() => desktop[Symbol.asyncDispose]());

  const named = (role: string, name: string) => desktop.seen((node) => node.role === role && node.name === name);

  test('has its 500 elements, in and out of sight, once each', async () => {
    const { nodes, truncated } = await desktop.tree.tree({ scope: 'all' });
    const count = (role: string, name: RegExp) =>
      nodes.filter((node) => node.role === role && name.test(node.name)).length;
    expect({
      headings: count('heading', /^Row \d+$/),
      buttons: count('button', /^Save \d+$/),
      links: count('link', /^Link \d+$/),
      fields: count('textbox', /^Field \d+$/),
      boxes: count('checkbox', /^Box \d+$/),
    }).toEqual({ headings: 100, buttons: 100, links: 100, fields: 100, boxes: 100 });
    expect(truncated).toBe(false);
    expect(nodes.find(({ name }) => name === 'Field 0')).toMatchObject({ value: 'v0' });
    expect(nodes.find(({ name }) => name === 'Save 99')?.states).toContain('offscreen');
  });

  test('only what is in sight, where that is wanted', async () => {
    const { nodes } = await desktop.tree.tree({ scope: 'all', offscreen: false });
    expect(nodes.some(({ name }) => name === 'Save 0')).toBe(true);
    expect(nodes.some(({ name }) => name === 'Save 99')).toBe(false);
  });

  test('a click where an element is located reaches it, also when it has to be scrolled to', async () => {
    for (const name of ['Save 3', 'Save 90']) {
      const { ref } = await named('button', name);
      const { x, y } = await desktop.tree.locate({ ref });
      expect(y).toBeLessThan(720);
      await desktop.display.run('xdotool', 'mousemove', String(x), String(y), 'click', '1');
      await named('document', name);
    }
  });

  test('what is out of sight is not located where it may not be scrolled to', async () => {
    const { ref } = await named('button', 'Save 0');
    expect(await rejectionOf(desktop.tree.locate({ ref, scroll: false }))).toMatchObject({ code: 'ELEMENT_GONE' });
  });

  test('buttons are invoked, fields are filled in, boxes are ticked', async () => {
    await desktop.tree.invoke({ ref: (await named('button', 'Save 42')).ref });
    await named('document', 'Save 42');
    const field = await named('textbox', 'Field 7');
    // A page takes text from the keyboard only.
    expect(await desktop.tree.setValue({ ref: field.ref, value: 'seven' })).toEqual({ ref: field.ref, mustType: true });
    await desktop.display.run('xdotool', 'type', 'seven');
    await desktop.seen(({ ref, value }) => ref === field.ref && value === 'seven');
    const box = await named('checkbox', 'Box 7');
    await desktop.tree.invoke({ ref: box.ref });
    await desktop.seen(({ ref, states }) => ref === box.ref && states.includes('checked'));
    await desktop.tree.focus({ ref: field.ref });
    await desktop.seen(({ ref, states }) => ref === field.ref && states.includes('focused'));
  });
});
