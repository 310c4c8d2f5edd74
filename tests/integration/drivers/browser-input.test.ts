import { beforeEach, describe, expect, test } from 'bun:test';
import { hasCode } from '@bhatti/base/errors.ts';

import { at, BrowserFixture } from '../../support/browser-fixture.ts';
import { textOf } from '../../support/browser-operator.ts';
import { titled } from '../../support/capability.ts';
import { whyNoChromium } from '../../support/chromium.ts';

describe.skipIf(whyNoChromium !== undefined)(titled('the browser toolset acts on pages', whyNoChromium), () => {
  const browser = new BrowserFixture();

  describe('the mouse', () => {
    beforeEach(() => browser.open('/mouse'));

    test.each([
      ['left_click', ['mousedown 0 1 150 150', 'mouseup 0 1 150 150', 'click 0 1 150 150']],
      ['right_click', ['mousedown 2 1 150 150', 'contextmenu 2 0 150 150', 'mouseup 2 1 150 150']],
      ['middle_click', ['mousedown 1 1 150 150', 'mouseup 1 1 150 150', 'auxclick 1 1 150 150']],
      ['double_click', ['click 0 1 150 150', 'click 0 2 150 150', 'dblclick 0 2 150 150']],
      ['triple_click', ['click 0 1 150 150', 'click 0 2 150 150', 'click 0 3 150 150']],
    ] as const)('%s', async (name, expected) => {
      await browser.operator.use(name, { target: at(150, 150) });
      const lines = await browser.log();
      for (const line of expected) expect(lines).toContain(line);
    });

    test('clicks with modifiers, and on an element wherever it is', async () => {
      await browser.operator.use('left_click', { target: at(150, 150), modifiers: 'shift+cmd' });
      expect(await browser.log()).toContain('click 0 1 150 150 shift meta');
      expect(await browser.operator.failure('left_click', { target: at(1, 1), modifiers: 'x' })).toContain(
        '"modifiers" must be',
      );
      await browser.open('/long');
      await browser.operator.use('left_click', { target: await browser.ref('Bottom button') });
      expect(await browser.title()).toBe('found');
    });

    test('moves, presses, drags and lets go', async () => {
      await browser.operator.use('hover', { target: at(110, 110) });
      await browser.operator.use('left_mouse_down', { target: at(120, 120) });
      for (let x = 125; x < 200; x += 10) await browser.operator.use('mouse_move', { target: at(x, 130) });
      await browser.operator.use('left_mouse_up', { target: at(200, 140) });
      const lines = await browser.log();
      expect(lines).toContain('mousedown 0 1 120 120');
      expect(lines).toContain('mouseup 0 1 200 140');
      expect(lines).toContain('moves many');
      expect(lines[0]).toStartWith('mouseenter');
    });

    test('left_click_drag goes by way of the places between, and carries what a page lets be dragged', async () => {
      await browser.operator.use('left_click_drag', { from: at(110, 110), target: at(250, 250) });
      expect(await browser.log()).toContain('moves many');
      await browser.open('/drag');
      await browser.operator.use('left_click_drag', { from: at(100, 100), target: at(450, 100) });
      expect(await browser.log()).toEqual(['dropped cargo']);
      await browser.operator.use('left_click', { target: at(10, 10) });
    });

    test('scrolls in four directions, by notches', async () => {
      for (const [scroll_direction, scroll_amount, wheel] of [
        ['down', 2, 'wheel 0 200'],
        ['up', 1, 'wheel 0 -100'],
        ['right', undefined, 'wheel 300 0'],
        ['left', 10, 'wheel -1000 0'],
      ] as const) {
        await browser.operator.use('scroll', {
          target: at(400, 400),
          scroll_direction,
          ...(scroll_amount === undefined ? {} : { scroll_amount }),
        });
        expect(await browser.log()).toContain(wheel);
      }
      expect(
        await browser.operator.failure('scroll', { target: at(1, 1), scroll_direction: 'up', scroll_amount: 11 }),
      ).toContain('from 1 to 10');
      expect(
        await browser.operator.failure('scroll', { target: { type: 'ref', ref: 'ref_1' }, scroll_direction: 'up' }),
      ).toContain('must be one of coordinate');
    });

    test('scroll_to brings an element into view', async () => {
      await browser.open('/long');
      expect(await browser.operator.text('read_page', {})).not.toContain('Bottom button');
      await browser.operator.use('scroll_to', { target: await browser.ref('Bottom button') });
      expect(Number(await browser.operator.value('scrollY'))).toBeGreaterThan(3000);
      expect(await browser.operator.text('read_page', {})).toContain('Bottom button');
    });
  });

  test('a call that leads to another page ends when that is there', async () => {
    await browser.open('/form');
    const results = await browser.operator.turn([
      { name: 'left_click', input: { target: await browser.ref('Another page') } },
      { name: 'get_page_text', input: {} },
    ]);
    expect(textOf(results[1])).toContain('the other page');
  });

  describe('the keyboard', () => {
    beforeEach(async () => {
      await browser.open('/form');
      await browser.operator.value(`document.getElementById('name').focus()`);
    });

    test('types what a keyboard has as keys, and what not as text', async () => {
      await browser.operator.use('type', { text: 'aB1! ü漢😀' });
      expect(await browser.operator.value(`document.getElementById('name').value`)).toBe('aB1! ü漢😀');
      const lines = await browser.log();
      for (const line of ['down a KeyA', 'down B KeyB', 'down 1 Digit1', 'down ! Digit1', 'input aB1! ü漢😀'])
        expect(lines).toContain(line);
    });

    test('a line feed is Enter, a tab is Tab', async () => {
      await browser.operator.use('type', { text: 'x\ty' });
      expect(
        await browser.operator.value(`[document.getElementById('name').value, document.getElementById('note').value]`),
      ).toEqual(['x', 'y']);
      await browser.operator.value(`document.getElementById('name').focus()`);
      await browser.operator.use('type', { text: '\n' });
      expect(await browser.log()).toContain('sent');
    });

    test('a long text arrives whole and in order', async () => {
      const text = Array.from({ length: 400 }, (_, i) => `${i} é`).join(' ');
      await browser.operator.value(`document.getElementById('note').focus()`);
      await browser.operator.use('type', { text });
      expect(await browser.operator.value(`document.getElementById('note').value`)).toBe(text);
    });

    test('presses chords, sequences and repetitions', async () => {
      await browser.operator.use('type', { text: 'hello' });
      await browser.operator.use('key', { text: 'BackSpace', repeat: 2 });
      expect(await browser.operator.value(`document.getElementById('name').value`)).toBe('hel');
      await browser.operator.use('key', { text: 'ctrl+a' });
      expect(await browser.log()).toContain('down a KeyA ctrl');
      await browser.operator.use('key', { text: 'Delete x shift+y Home z' });
      expect(await browser.operator.value(`document.getElementById('name').value`)).toBe('zxY');
      expect(await browser.operator.failure('key', { text: 'nokey' })).toContain('there is no key called "nokey"');
    });

    test('holds a key, which repeats, and lets it go', async () => {
      await browser.operator.use('hold_key', { text: 'a', duration: 0.3 });
      const held = String(await browser.operator.value(`document.getElementById('name').value`));
      expect(held).toMatch(/^a{2,}$/);
      await browser.operator.use('key', { text: 'b' });
      expect(await browser.operator.value(`document.getElementById('name').value`)).toBe(`${held}b`);
      expect(await browser.operator.failure('hold_key', { text: 'a', duration: 31 })).toContain('from 0 to 30');
    });

    test('waits, until it is cancelled', async () => {
      await browser.operator.use('wait', { duration: 0.01 });
      expect(await browser.operator.failure('wait', { duration: 31 })).toContain('from 0 to 30');
      const controller = new AbortController();
      const waiting = browser.operator.turn([{ name: 'wait', input: { duration: 30 } }], controller.signal);
      controller.abort();
      expect(await waiting.catch((error: unknown) => error)).toSatisfy((error) => hasCode(error, 'ABORTED'));
    });
  });

  describe('form_input', () => {
    beforeEach(() => browser.open('/form'));
    const valueOf = (id: string) => browser.operator.value(`document.getElementById('${id}').value`);

    test('sets texts, and the page is told', async () => {
      await browser.operator.use('form_input', { target: await browser.ref('textbox "Name"'), value: 'Ada' });
      expect(await valueOf('name')).toBe('Ada');
      expect(await browser.log()).toEqual(['input Ada', 'change Ada']);
      await browser.operator.use('form_input', { target: await browser.ref('textbox "Note"'), value: 42 });
      expect(await valueOf('note')).toBe('42');
      await browser.operator.use('form_input', { target: await browser.ref('textbox "Free text"'), value: 'new' });
      expect(await browser.operator.value(`document.getElementById('free').textContent`)).toBe('new');
      await browser.operator.use('form_input', { target: await browser.ref('Date "Day"'), value: '2026-08-01' });
      expect(await valueOf('day')).toBe('2026-08-01');
    });

    test('sets checkboxes and selects', async () => {
      const gift = await browser.ref('checkbox "Gift"');
      for (const value of [true, true, false]) await browser.operator.use('form_input', { target: gift, value });
      const size = await browser.ref('combobox "Size"');
      for (const value of ['l', 'Small', 'large']) await browser.operator.use('form_input', { target: size, value });
      expect(await browser.log()).toEqual(['gift true', 'gift false', 'size l', 'size s', 'size l']);
    });

    test('says what it cannot', async () => {
      const cases: [string, unknown, string][] = [
        ['combobox "Size"', 'Medium', 'it has no option "Medium"; it has "Small", "Large", "Huge"'],
        ['combobox "Size"', 'x', 'this option is disabled'],
        ['checkbox "Gift"', 'yes', 'its value is true or false'],
        ['textbox "Name"', true, 'its value is a text or a number'],
        ['textbox "Sealed"', 'x', 'it is disabled'],
        ['Date "Day"', 'tomorrow', 'it takes no "tomorrow"'],
        ['heading "Order"', 'x', 'it is no form element'],
        ['textbox "Name"', { a: 1 }, '"value" must be a text, a number, true or false'],
      ];
      for (const [text, value, message] of cases)
        expect(await browser.operator.failure('form_input', { target: await browser.ref(text), value })).toContain(
          message,
        );
      expect(await browser.operator.failure('form_input', { target: at(1, 1), value: 'x' })).toContain(
        '"type" must be one of ref',
      );
    });
  });
});
