import { describe, expect, test } from 'bun:test';
import type {
  BetaToolComputerUse20250124,
  BetaToolComputerUse20251124,
  BetaToolResultBlockParam,
} from '@anthropic-ai/sdk/resources/beta/messages/messages';
import { hasCode } from '@bhatti/base/errors.ts';
import type { Action } from '@bhatti/wire/display/action.ts';

import { RecordingDesktop } from '../fixtures/recording-desktop.ts';
import { createComputerTool, type ComputerToolOptions } from './computer-legacy.ts';

const fit = { width: 1280, height: 800 };
const at = [5, 6] as const;

const actions: readonly (readonly [Record<string, unknown>, Action])[] = [
  [{ action: 'screenshot' }, { do: 'screenshot', fit }],
  [
    { action: 'left_click', coordinate: at, text: 'shift' },
    { do: 'click', at: [5, 6], hold: ['shift'] },
  ],
  [
    { action: 'right_click', coordinate: at },
    { do: 'click', button: 'right', at: [5, 6] },
  ],
  [
    { action: 'middle_click', coordinate: at },
    { do: 'click', button: 'middle', at: [5, 6] },
  ],
  [
    { action: 'double_click', coordinate: at },
    { do: 'click', count: 2, at: [5, 6] },
  ],
  [{ action: 'triple_click' }, { do: 'click', count: 3 }],
  [{ action: 'left_mouse_down' }, { do: 'down' }],
  [{ action: 'left_mouse_up', coordinate: null }, { do: 'up' }],
  [
    { action: 'mouse_move', coordinate: [0, 0] },
    { do: 'move', to: [0, 0] },
  ],
  [
    { action: 'left_click_drag', start_coordinate: [1, 2], coordinate: at },
    {
      do: 'drag',
      path: [
        [1, 2],
        [5, 6],
      ],
    },
  ],
  [
    { action: 'scroll', coordinate: at, scroll_direction: 'up', scroll_amount: 5 },
    { do: 'scroll', dy: -5, unit: 'click', at: [5, 6] },
  ],
  [
    { action: 'type', text: 'x' },
    { do: 'type', text: 'x' },
  ],
  [
    { action: 'key', text: 'Control+Return' },
    { do: 'key', keys: 'ctrl+Return' },
  ],
  [
    { action: 'hold_key', text: 'a', duration: 2 },
    { do: 'hold', keys: 'a', ms: 2000 },
  ],
  [
    { action: 'wait', duration: 1 },
    { do: 'wait', ms: 1000 },
  ],
  [{ action: 'cursor_position' }, { do: 'cursor' }],
];

describe('the computer tool', () => {
  for (const version of ['computer_20250124', 'computer_20251124'] as const)
    test.each(actions)(`${version}: %j`, async (input, action) => {
      const { desktop, tool } = await setUp({ version });
      const results: BetaToolResultBlockParam[] = await tool.answer([use('a', input)]);
      expect(results).toHaveLength(1);
      expect(results[0]?.is_error).toBeUndefined();
      expect(results[0]?.toolset_name).toBeUndefined();
      expect(desktop.actions).toEqual([action]);
      expect(desktop.batches.at(-1)?.space).toEqual(fit);
    });

  test('zoom is there when it was enabled, with all the pixels that fit into the display', async () => {
    const { desktop, tool } = await setUp({ zoom: 'enabled' });
    const [result] = await tool.answer([use('a', { action: 'zoom', region: [0, 0, 100, 50] })]);
    expect(result?.content.map(({ type }) => type)).toEqual(['image']);
    expect(desktop.actions).toEqual([{ do: 'zoom', region: [0, 0, 100, 50], fit }]);
    const [refused] = await (await setUp({})).tool.answer([use('a', { action: 'zoom', region: [0, 0, 100, 50] })]);
    expect(refused?.is_error).toBe(true);
    expect(await failureOf({ version: 'computer_20250124', zoom: 'enabled' })).toContain('has no zoom');
  });

  test('the entry says the display’s size, which is the space of all coordinates', async () => {
    const { tool, desktop } = await setUp({ display: { width: 640, height: 400 }, zoom: 'enabled' });
    const entry: BetaToolComputerUse20251124 | BetaToolComputerUse20250124 = tool.tool;
    expect(entry).toEqual({
      type: 'computer_20251124',
      name: 'computer',
      display_width_px: 640,
      display_height_px: 400,
      enable_zoom: true,
    });
    await tool.answer([use('a', { action: 'left_click', coordinate: [639, 399] })]);
    expect(desktop.batches.at(-1)).toMatchObject({
      space: { width: 640, height: 400 },
      screenshot: { fit: { width: 640, height: 400 } },
    });
    const [outside] = await tool.answer([use('a', { action: 'left_click', coordinate: [640, 1] })]);
    expect(outside?.content).toEqual([
      {
        type: 'text',
        text: 'left_click failed: invalid left_click: (640, 1) is outside of the picture, which is 640x400 pixels',
      },
    ]);
  });

  test('a display that cannot show the screen is refused, and so is a screen that becomes one', async () => {
    for (const display of [
      { width: 1024, height: 768 },
      { width: 2560, height: 1600 },
    ])
      expect(await failureOf({ display })).toContain('cannot show a screen of 1280x800');
    const { desktop, tool } = await setUp({});
    desktop.screen = { width: 800, height: 600 };
    const thrown: unknown = await tool.answer([use('a', { action: 'screenshot' })]).catch((error: unknown) => error);
    expect(thrown).toSatisfy((error) => hasCode(error, 'INVALID_ARGUMENT'));
  });

  test('after a call that failed none is carried out', async () => {
    const { desktop, tool } = await setUp({});
    const results = await tool.answer([
      use('a', { action: 'left_click', coordinate: [1, 1] }),
      use('b', { action: 'fly' }),
      use('c', { action: 'screenshot' }),
    ]);
    expect(results.map((result) => result.is_error ?? false)).toEqual([false, true, true]);
    expect(JSON.stringify(results[1]?.content)).toContain('must be one of screenshot, left_click');
    expect(desktop.actions).toEqual([{ do: 'click', at: [1, 1] }]);
  });

  test.each([[null], ['x'], [{}], [{ action: 7 }], [{ action: 'type' }], [{ action: 'key', text: 'a', repeat: 3.5 }]])(
    'input %j is an error result',
    async (input) => {
      const { desktop, tool } = await setUp({});
      const [result] = await tool.answer([use('a', input)]);
      expect(result?.is_error).toBe(true);
      expect(desktop.actions).toEqual([]);
    },
  );

  test('calls of a toolset and of other tools are left alone', async () => {
    const { tool } = await setUp({});
    const ofToolset = { ...use('a', {}), name: 'screenshot', toolset_name: 'computer' };
    const ofBash = { ...use('b', {}), name: 'bash' };
    expect(await tool.answer([ofToolset, ofBash, { type: 'text' }])).toEqual([]);
  });
});

async function setUp(options: Partial<ComputerToolOptions>) {
  const desktop = new RecordingDesktop();
  const tool = await createComputerTool({ desktop, version: 'computer_20251124', ...options });
  return { desktop, tool };
}

async function failureOf(options: Partial<ComputerToolOptions>): Promise<string> {
  return setUp(options).then(
    () => 'no failure',
    (error: unknown) => (hasCode(error, 'INVALID_ARGUMENT') ? error.message : `not coded: ${String(error)}`),
  );
}

function use(id: string, input: unknown) {
  return { type: 'tool_use', id, name: 'computer', input };
}
