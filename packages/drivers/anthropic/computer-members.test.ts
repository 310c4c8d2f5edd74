import { describe, expect, test } from 'bun:test';
import { BetaAbstractComputerToolset20260801 } from '@anthropic-ai/sdk/helpers/beta/toolsets';

import { RecordingDesktop } from '../fixtures/recording-desktop.ts';
import { createComputerMembers } from './computer-members.ts';

/** As the documentation has it. That it compiles is a test of its own: the method overrides the SDK's. */
class Desktop extends BetaAbstractComputerToolset20260801 {
  readonly #members;

  constructor(desktop: RecordingDesktop, confirm: () => boolean) {
    super({ confirm });
    this.#members = createComputerMembers({ desktop });
  }

  protected override execute(...call: Parameters<BetaAbstractComputerToolset20260801['execute']>) {
    return this.#members.execute(...call);
  }
}

const inputs = {
  screenshot: {},
  zoom: { region: [0, 0, 100, 100] },
  left_click: { coordinate: [1, 2], text: 'ctrl' },
  right_click: {},
  middle_click: {},
  double_click: {},
  triple_click: {},
  left_click_drag: { start_coordinate: [1, 2], coordinate: [3, 4] },
  left_mouse_down: {},
  left_mouse_up: {},
  mouse_move: { coordinate: [1, 2] },
  scroll: { scroll_direction: 'down', scroll_amount: 2 },
  type: { text: 'x' },
  key: { text: 'Return', repeat: 2 },
  hold_key: { text: 'a', duration: 1 },
  wait: { duration: 1 },
  cursor_position: {},
};

describe('the members behind the SDK’s computer toolset', () => {
  test.each(Object.entries(inputs))('%s runs through the SDK', async (name, input) => {
    const desktop = new RecordingDesktop();
    const toolset = new Desktop(desktop, () => true);
    const result = await toolset.toolResult(use(name, input));
    expect(result).toMatchObject({ tool_use_id: 'a', toolset_name: 'computer' });
    expect(result.is_error).not.toBe(true);
    expect(desktop.actions).toHaveLength(1);
    const isPicture = name === 'screenshot' || name === 'zoom';
    expect(JSON.stringify(result.content)).toContain(
      isPicture ? 'image/png' : name === 'cursor_position' ? 'X=0,Y=0' : 'The screen changed.',
    );
    await toolset.close();
  });

  test('all members are served', () => {
    expect(new Desktop(new RecordingDesktop(), () => true).toJSON()).toEqual({ type: 'computer_toolset_20260801' });
  });

  test('what fails is an error result with its reason', async () => {
    const desktop = new RecordingDesktop();
    desktop.whyNot = () => 'no key is called "nokey"';
    const toolset = new Desktop(desktop, () => true);
    for (const [name, input, message] of [
      ['key', { text: 'nokey' }, 'no key is called \\"nokey\\"'],
      ['mouse_move', { coordinate: [5000, 1] }, 'is outside of the picture'],
    ] as const) {
      const result = await toolset.toolResult(use(name, input));
      expect(result.is_error).toBe(true);
      expect(JSON.stringify(result.content)).toContain(message);
    }
  });

  test('what the SDK’s confirm declines never reaches the desktop', async () => {
    const desktop = new RecordingDesktop();
    const result = await new Desktop(desktop, () => false).toolResult(use('type', { text: 'x' }));
    expect(result.is_error).toBe(true);
    expect(desktop.actions).toEqual([]);
  });
});

function use(name: string, input: unknown) {
  return { type: 'tool_use' as const, id: 'a', name, input, toolset_name: 'computer' };
}
