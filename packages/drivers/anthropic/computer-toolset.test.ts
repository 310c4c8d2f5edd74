import { describe, expect, test } from 'bun:test';
import type {
  BetaComputerToolset20260801,
  BetaComputerToolUseBlock,
  BetaToolResultBlockParam,
} from '@anthropic-ai/sdk/resources/beta/messages/messages';
import { CodedError, hasCode } from '@bhatti/base/errors.ts';
import type { Action } from '@bhatti/wire/display/action.ts';

import { RecordingDesktop } from '../fixtures/recording-desktop.ts';
import { patchesOf } from '../picture-limit.ts';
import { createComputerToolset, type ComputerToolsetOptions } from './computer-toolset.ts';
import { highResolutionPictures } from './picture.ts';

type Member = BetaComputerToolUseBlock['name'];
type InputOf<Name extends Member> = Extract<BetaComputerToolUseBlock, { name: Name }>['input'];

const skippedText = 'Not executed: an earlier computer action in this turn failed.';
const fit = { width: 1280, height: 800 };

/** Each member, its input as the vendor types it, and what the desktop is asked. */
const members: { [Name in Member]: readonly (readonly [InputOf<Name>, Action])[] } = {
  screenshot: [[{}, { do: 'screenshot', fit }]],
  zoom: [[{ region: [0, 0, 200, 100] }, { do: 'zoom', region: [0, 0, 200, 100], fit }]],
  left_click: [
    [{ coordinate: [0, 0] }, { do: 'click', at: [0, 0] }],
    [{}, { do: 'click' }],
    [
      { coordinate: [3, 4], text: 'ctrl+Shift' },
      { do: 'click', at: [3, 4], hold: ['ctrl', 'shift'] },
    ],
    [{ coordinate: null, text: null }, { do: 'click' }],
    [{ text: 'cmd' }, { do: 'click', hold: ['super'] }],
  ],
  right_click: [[{ coordinate: [5, 6] }, { do: 'click', button: 'right', at: [5, 6] }]],
  middle_click: [[{ coordinate: [5, 6] }, { do: 'click', button: 'middle', at: [5, 6] }]],
  double_click: [[{ coordinate: [5, 6] }, { do: 'click', count: 2, at: [5, 6] }]],
  triple_click: [[{ coordinate: [5, 6] }, { do: 'click', count: 3, at: [5, 6] }]],
  left_click_drag: [
    [
      { start_coordinate: [1, 2], coordinate: [3, 4], text: 'alt' },
      {
        do: 'drag',
        path: [
          [1, 2],
          [3, 4],
        ],
        hold: ['alt'],
      },
    ],
  ],
  left_mouse_down: [[{}, { do: 'down' }]],
  left_mouse_up: [[{}, { do: 'up' }]],
  mouse_move: [[{ coordinate: [1279, 799] }, { do: 'move', to: [1279, 799] }]],
  scroll: [
    [
      { scroll_direction: 'down', scroll_amount: 3, coordinate: [1, 2] },
      { do: 'scroll', dy: 3, unit: 'click', at: [1, 2] },
    ],
    [
      { scroll_direction: 'up', scroll_amount: 3 },
      { do: 'scroll', dy: -3, unit: 'click' },
    ],
    [
      { scroll_direction: 'left', scroll_amount: 1, text: 'shift' },
      { do: 'scroll', dx: -1, unit: 'click', hold: ['shift'] },
    ],
    [
      { scroll_direction: 'right', scroll_amount: 1 },
      { do: 'scroll', dx: 1, unit: 'click' },
    ],
  ],
  type: [[{ text: 'Größe 漢字 😀\n' }, { do: 'type', text: 'Größe 漢字 😀\n' }]],
  key: [
    [{ text: 'ctrl+s' }, { do: 'key', keys: 'ctrl+s' }],
    [
      { text: 'PAGE_DOWN', repeat: 100 },
      { do: 'key', keys: 'Page_Down', repeat: 100 },
    ],
    [{ text: 'ctrl++' }, { do: 'key', keys: 'ctrl++' }],
    [{ text: 'A' }, { do: 'key', keys: 'A' }],
  ],
  hold_key: [
    [
      { text: 'shift', duration: 0.25 },
      { do: 'hold', keys: 'shift', ms: 250 },
    ],
  ],
  wait: [[{ duration: 300 }, { do: 'wait', ms: 300_000 }]],
  cursor_position: [[{}, { do: 'cursor' }]],
};

describe('the computer toolset', () => {
  const cases = Object.entries(members).flatMap(([name, rows]) =>
    rows.map(([input, action]) => ({ name, input, action })),
  );
  test.each(cases)('$name asks for $action', async ({ name, input, action }) => {
    const { desktop, toolset } = setUp();
    const [result] = await toolset.answer([use('a', name, input)]);
    expect(result).toMatchObject({ type: 'tool_result', tool_use_id: 'a', toolset_name: 'computer' });
    expect(result?.is_error).toBeUndefined();
    expect(desktop.actions).toEqual([action]);
  });

  test('the entry carries type and configs only', () => {
    const entry: BetaComputerToolset20260801 = setUp({ configs: { zoom: { enabled: false } } }).toolset.tool;
    expect(entry).toEqual({ type: 'computer_toolset_20260801', configs: { zoom: { enabled: false } } });
    expect(setUp().toolset.tool).toEqual({ type: 'computer_toolset_20260801' });
  });

  test('a turn is one batch, its results in order, and a picture on the last when it took none', async () => {
    const { desktop, toolset } = setUp();
    const results: BetaToolResultBlockParam[] = await toolset.answer([
      { type: 'text' },
      use('a', 'mouse_move', { coordinate: [7, 8] }),
      use('b', 'cursor_position', {}),
    ]);
    expect(desktop.batches.filter(({ actions }) => actions.length > 0)).toEqual([
      {
        actions: [{ do: 'move', to: [7, 8] }, { do: 'cursor' }],
        space: fit,
        settle: {},
        screenshot: { fit },
      },
    ]);
    expect(results.map(({ tool_use_id: id }) => id)).toEqual(['a', 'b']);
    expect(results[1]?.content).toEqual([
      { type: 'text', text: 'X=7,Y=8' },
      { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'cGljdHVyZQ==' } },
    ]);
    expect(results[0]?.content).toEqual([{ type: 'text', text: 'Done. The screen changed.' }]);
  });

  test('a turn that took a picture gets no second one', async () => {
    const { desktop, toolset } = setUp();
    const results = await toolset.answer([use('a', 'screenshot', {}), use('b', 'left_click', { coordinate: [1, 1] })]);
    expect(desktop.batches.at(-1)?.screenshot).toBeUndefined();
    expect(results[0]?.content.map(({ type }) => type)).toEqual(['image']);
    expect(results[1]?.content.map(({ type }) => type)).toEqual(['text']);
  });

  test('blocks of other tools are left alone', async () => {
    const { desktop, toolset } = setUp();
    const other = { ...use('a', 'screenshot', {}), toolset_name: 'browser' };
    expect(await toolset.answer([other, { type: 'tool_use' }])).toEqual([]);
    expect(desktop.batches).toEqual([]);
  });

  describe('when a call fails', () => {
    test('the desktop’s reason is the result, and no later call is carried out', async () => {
      const { desktop, toolset } = setUp();
      desktop.whyNot = (action) => (action.do === 'key' ? 'no key is called "nokey"' : undefined);
      const results = await toolset.answer([
        use('a', 'left_click', { coordinate: [1, 1] }),
        use('b', 'key', { text: 'nokey' }),
        use('c', 'left_click', { coordinate: [2, 2] }),
        use('d', 'screenshot', {}),
      ]);
      expect(results.map(textOf)).toEqual([
        'Done. The screen changed.',
        'key failed: no key is called "nokey"',
        skippedText,
        skippedText,
      ]);
      expect(results.map((result) => result.is_error ?? false)).toEqual([false, true, true, true]);
      expect(results.every((result) => result.toolset_name === 'computer')).toBe(true);
      expect(results.flatMap(({ content }) => content).every(({ type }) => type === 'text')).toBe(true);
    });

    const malformed: readonly (readonly [string, unknown, string])[] = [
      ['left_click', { coordinate: [1] }, '"coordinate" must be [x, y]'],
      ['left_click', { coordinate: [1, '2'] }, '"coordinate" must be a number'],
      ['left_click', { coordinate: [1280, 1] }, '(1280, 1) is outside of the picture, which is 1280x800 pixels'],
      ['left_click', { coordinate: [1, -1] }, '(1, -1) is outside'],
      ['left_click', { text: 'hello' }, '"text" must be modifiers'],
      ['left_click', { coordinate: [1, 1], key: 'ctrl' }, '"key" is not a field of it'],
      ['left_mouse_down', { coordinate: [1, 1] }, '"coordinate" is not a field of it'],
      ['left_click_drag', { coordinate: [1, 1] }, '"start_coordinate" must be [x, y]'],
      ['zoom', { region: [10, 10, 10, 20] }, '"region" must have x0 < x1'],
      ['zoom', { region: [0, 0, 1281, 20] }, 'is outside of the picture'],
      ['zoom', { region: [0, 0, 5] }, '"region" must be [x0, y0, x1, y1]'],
      ['scroll', { scroll_direction: 'sideways', scroll_amount: 1 }, '"scroll_direction" must be one of'],
      ['scroll', { scroll_direction: 'up' }, '"scroll_amount" must be a number'],
      ['key', { text: 'a', repeat: 101 }, '"repeat" must be from 1 to 100'],
      ['key', { text: 'a', repeat: 1.5 }, '"repeat" must be a whole number'],
      ['key', { text: '' }, '"text" must not be empty'],
      ['type', { text: 7 }, '"text" must be a text'],
      ['type', { text: 'x'.repeat(65_537) }, '"text" must be no longer than 65536 characters'],
      ['hold_key', { text: 'a', duration: 301 }, '"duration" must be from 0 to 300'],
      ['wait', { duration: Number.NaN }, '"duration" must be a number'],
      ['wait', 'soon', 'it must be an object'],
      ['wait', null, 'it must be an object'],
      ['screenshot', [], 'it must be an object'],
      ['fly', {}, 'has no member "fly"'],
      ['constructor', {}, 'has no member "constructor"'],
    ];
    test.each(malformed)('%s with %j says what is wrong', async (name, input, message) => {
      const { desktop, toolset } = setUp();
      const results = await toolset.answer([
        use('a', 'mouse_move', { coordinate: [1, 1] }),
        use('b', name, input),
        use('c', 'wait', { duration: 1 }),
      ]);
      expect(textOf(results[1])).toContain(message);
      expect(results.map((result) => result.is_error ?? false)).toEqual([false, true, true]);
      expect(textOf(results[2])).toBe(skippedText);
      expect(desktop.actions).toEqual([{ do: 'move', to: [1, 1] }]);
    });

    test('a batch that the desktop refuses is the first call’s failure', async () => {
      const { desktop, toolset } = setUp();
      await toolset.answer([use('a', 'screenshot', {})]);
      desktop.onAct = () => {
        throw new CodedError(
          'LOCKED',
          'a person has the mouse',
          { what: 'mouse' },
          { hint: 'wait until they are done' },
        );
      };
      const results = await toolset.answer([use('a', 'left_click', {}), use('b', 'left_click', {})]);
      expect(results.map(textOf)).toEqual([
        'left_click failed: a person has the mouse\nwait until they are done',
        skippedText,
      ]);
    });

    test('that the sandbox vanished, or the caller’s signal, is thrown', async () => {
      const { desktop, toolset } = setUp();
      await toolset.answer([use('a', 'screenshot', {})]);
      for (const error of [
        new CodedError('CONNECTION_LOST', 'lost', { peer: 'x' }),
        new CodedError('ABORTED', 'cancelled', { by: 'caller' }),
        new CodedError('DAEMON_UNREACHABLE', 'no daemon', { address: 'x' }),
        new TypeError('a defect'),
      ]) {
        desktop.onAct = () => {
          throw error;
        };
        expect(await toolset.answer([use('a', 'left_click', {})]).catch((thrown: unknown) => thrown)).toBe(error);
      }
    });

    test('the signal reaches the desktop', async () => {
      const { desktop, toolset } = setUp();
      const { signal } = new AbortController();
      const signals: AbortSignal[] = [];
      desktop.onAct = (_, given) => void signals.push(given);
      await toolset.answer([use('a', 'left_click', {})], signal);
      expect(new Set(signals)).toEqual(new Set([signal]));
    });
  });

  describe('pictures', () => {
    test('are no larger than the model takes, and coordinates are in their pixels, after zoom too', async () => {
      const { desktop, toolset } = setUp();
      desktop.screen = { width: 3840, height: 2160 };
      await toolset.answer([use('a', 'screenshot', {})]);
      const space = desktop.batches.at(-1)?.space;
      expect(desktop.actions).toEqual([{ do: 'screenshot', fit: space! }]);
      expect(Math.max(space!.width, space!.height)).toBeLessThanOrEqual(1568);
      expect(patchesOf(space!)).toBeLessThanOrEqual(1568);
      await toolset.answer([use('b', 'zoom', { region: [0, 0, 100, 100] })]);
      await toolset.answer([use('c', 'left_click', { coordinate: [space!.width - 1, 1] })]);
      expect(desktop.batches.slice(-2).map((batch) => batch.space)).toEqual([space, space]);
    });

    test('are 2000 pixels a side at most, unless no request has more than 20', async () => {
      for (const [picturesPerRequest, widest] of [
        ['any', 2000],
        ['atMost20', 2576],
      ] as const) {
        const { desktop, toolset } = setUp({ pictures: highResolutionPictures, picturesPerRequest });
        desktop.screen = { width: 7680, height: 1080 };
        await toolset.answer([use('a', 'screenshot', {})]);
        expect(desktop.batches.at(-1)?.space?.width).toBe(widest);
      }
    });

    test('follow a screen that was resized, from the next picture on', async () => {
      const { desktop, toolset } = setUp();
      await toolset.answer([use('a', 'screenshot', {})]);
      desktop.screen = { width: 800, height: 600 };
      await toolset.answer([use('b', 'left_click', { coordinate: [1279, 799] })]);
      expect(desktop.batches.at(-1)?.space).toEqual(fit);
      await toolset.answer([use('c', 'left_click', { coordinate: [799, 599] })]);
      expect(desktop.batches.at(-1)?.space).toEqual({ width: 800, height: 600 });
    });

    test('have the format that was asked for', async () => {
      const { toolset } = setUp({ format: 'webp', quality: 80 });
      const [result] = await toolset.answer([use('a', 'screenshot', {})]);
      expect(result?.content).toEqual([
        { type: 'image', source: { type: 'base64', media_type: 'image/webp', data: 'cGljdHVyZQ==' } },
      ]);
    });
  });

  describe('confirm', () => {
    test('is asked before type, key and hold_key, once all before them is done', async () => {
      const desktop = new RecordingDesktop();
      const asked: unknown[] = [];
      const toolset = createComputerToolset({
        desktop,
        confirm: ({ member, input }) => asked.push([member, input, desktop.actions.length]) > 0,
      });
      await toolset.answer([
        use('a', 'left_click', {}),
        use('b', 'type', { text: 'x' }),
        use('c', 'key', { text: 'Return' }),
        use('d', 'hold_key', { text: 'a', duration: 1 }),
      ]);
      expect(asked).toEqual([
        ['type', { text: 'x' }, 1],
        ['key', { text: 'Return' }, 2],
        ['hold_key', { text: 'a', duration: 1 }, 3],
      ]);
      expect(desktop.actions.map((action) => action.do)).toEqual(['click', 'type', 'key', 'hold']);
    });

    test('a call that is declined fails, and ends the turn', async () => {
      const { desktop, toolset } = setUp({ confirm: () => false });
      const results = await toolset.answer([
        use('a', 'left_click', {}),
        use('b', 'type', { text: 'secret' }),
        use('c', 'left_click', {}),
      ]);
      expect(results.map(textOf)).toEqual([
        'Done. The screen changed.',
        'type was not carried out: it was declined',
        skippedText,
      ]);
      expect(desktop.actions).toEqual([{ do: 'click' }]);
    });

    test('is missing: the toolset is refused, unless the three are off', () => {
      const desktop = new RecordingDesktop();
      const create = (options: Partial<ComputerToolsetOptions>) => () => createComputerToolset({ desktop, ...options });
      expect(thrownBy(create({}))).toSatisfy((error) => hasCode(error, 'INVALID_ARGUMENT'));
      expect(create({ configs: { type: { enabled: false }, key: { enabled: false } } })).toThrow('hold_key');
      const off = { enabled: false };
      expect(create({ configs: { type: off, key: off, hold_key: off } })).not.toThrow();
    });
  });

  test('a member that is switched off is refused', async () => {
    const { desktop, toolset } = setUp({ configs: { left_click: { enabled: false } } });
    const [result] = await toolset.answer([use('a', 'left_click', {})]);
    expect(textOf(result)).toContain('has no member "left_click", or it is switched off');
    expect(desktop.actions).toEqual([]);
  });

  test('a turn of more calls than a batch takes goes in several', async () => {
    const { desktop, toolset } = setUp();
    const calls = Array.from({ length: 450 }, (_, i) => use(`${i}`, 'mouse_move', { coordinate: [i, 0] }));
    const results = await toolset.answer(calls);
    expect(results).toHaveLength(450);
    expect(desktop.batches.map(({ actions }) => actions.length)).toEqual([0, 200, 200, 50]);
  });
});

function setUp(options: Partial<ComputerToolsetOptions> = {}) {
  const desktop = new RecordingDesktop();
  return { desktop, toolset: createComputerToolset({ desktop, confirm: () => true, ...options }) };
}

function use(id: string, name: string, input: unknown) {
  return { type: 'tool_use', id, name, input, toolset_name: 'computer' };
}

function textOf(result: { content: { type: string; text?: string }[] } | undefined): string {
  return result?.content.map((block) => block.text ?? '').join('') ?? '';
}

function thrownBy(what: () => unknown): unknown {
  try {
    what();
  } catch (error) {
    return error;
  }
  return undefined;
}
