import { describe, expect, test } from 'bun:test';
import { CodedError, hasCode } from '@bhatti/base/errors.ts';
import type { Action } from '@bhatti/wire/display/action.ts';
import type {
  ComputerAction,
  ResponseComputerToolCall,
  ResponseInputItem,
  Tool,
} from 'openai/resources/responses/responses';

import { RecordingDesktop } from '../fixtures/recording-desktop.ts';
import { createComputer, type ComputerOptions } from './computer.ts';

type Name = ComputerAction['type'];
type InputOf<Type extends Name> = Extract<ComputerAction, { type: Type }>;

/** Each action as the vendor types it, and what the desktop is asked. */
const actions: { [Type in Name]: readonly (readonly [InputOf<Type>, readonly Action[]])[] } = {
  click: [
    [{ type: 'click', button: 'left', x: 0, y: 0 }, [{ do: 'click', button: 'left', at: [0, 0] }]],
    [{ type: 'click', button: 'wheel', x: 1, y: 2 }, [{ do: 'click', button: 'middle', at: [1, 2] }]],
    [{ type: 'click', button: 'right', x: 1, y: 2 }, [{ do: 'click', button: 'right', at: [1, 2] }]],
    [{ type: 'click', button: 'back', x: 1, y: 2 }, [{ do: 'click', button: 'back', at: [1, 2] }]],
    [
      { type: 'click', button: 'forward', x: 1, y: 2, keys: ['CTRL', 'SHIFT'] },
      [{ do: 'click', button: 'forward', at: [1, 2], hold: ['ctrl', 'shift'] }],
    ],
  ],
  double_click: [[{ type: 'double_click', x: 1, y: 2, keys: null }, [{ do: 'click', at: [1, 2], count: 2 }]]],
  drag: [
    [
      {
        type: 'drag',
        path: [
          { x: 1, y: 2 },
          { x: 3, y: 4 },
          { x: 5, y: 6 },
        ],
        keys: ['ALT'],
      },
      [
        {
          do: 'drag',
          path: [
            [1, 2],
            [3, 4],
            [5, 6],
          ],
          hold: ['alt'],
        },
      ],
    ],
  ],
  keypress: [
    [{ type: 'keypress', keys: ['CTRL', 'A'] }, [{ do: 'key', keys: 'ctrl+a' }]],
    [{ type: 'keypress', keys: ['ENTER'] }, [{ do: 'key', keys: 'Return' }]],
    [{ type: 'keypress', keys: ['ARROWLEFT'] }, [{ do: 'key', keys: 'Left' }]],
    [{ type: 'keypress', keys: ['CTRL', '+'] }, [{ do: 'key', keys: 'ctrl++' }]],
    [{ type: 'keypress', keys: ['A'] }, [{ do: 'key', keys: 'A' }]],
  ],
  move: [[{ type: 'move', x: 1, y: 2 }, [{ do: 'move', to: [1, 2] }]]],
  screenshot: [[{ type: 'screenshot' }, []]],
  scroll: [
    [
      { type: 'scroll', x: 1, y: 2, scroll_x: 0, scroll_y: -300, keys: [] },
      [{ do: 'scroll', at: [1, 2], dx: 0, dy: -300, unit: 'px' }],
    ],
  ],
  type: [[{ type: 'type', text: 'ß\n' }, [{ do: 'type', text: 'ß\n' }]]],
  wait: [[{ type: 'wait' }, [{ do: 'wait', ms: 1000 }]]],
};
const cases = Object.values(actions).flatMap((rows) => rows.map(([input, asked]) => ({ input, asked })));

describe('the computer tools', () => {
  test.each(cases)('$input in actions[] asks for $asked', async ({ input, asked }) => {
    const { desktop, computer } = await setUp();
    const items: ResponseInputItem[] = await computer.answer(call({ actions: [input] }));
    expect(desktop.actions).toEqual([...asked]);
    expect(items).toEqual([
      {
        type: 'computer_call_output',
        call_id: 'call',
        output: { type: 'computer_screenshot', image_url: 'data:image/png;base64,cGljdHVyZQ==' },
      },
    ]);
    expect(desktop.batches.at(-1)?.screenshot).toEqual({ fit: { width: 1280, height: 800 } });
  });

  test.each(cases)('$input as the preview’s only action asks for the same', async ({ input, asked }) => {
    const { desktop, computer } = await setUp({ tool: 'computer_use_preview' });
    // SAFETY: the preview's actions are the same but for `keys`, which is a list or null in both.
    await computer.answer(call({ action: input as NonNullable<ResponseComputerToolCall['action']> }));
    expect(desktop.actions).toEqual([...asked]);
  });

  test('the entries are what the API takes', async () => {
    const entry: Tool = (await setUp()).computer.tool;
    expect(entry).toEqual({ type: 'computer' });
    const preview: Tool = (await setUp({ tool: 'computer_use_preview' })).computer.tool;
    expect(preview).toEqual({
      type: 'computer_use_preview',
      display_width: 1280,
      display_height: 800,
      environment: 'linux',
    });
  });

  test('a call is one batch, in order', async () => {
    const { desktop, computer } = await setUp({ settle: { quietMs: 50 } });
    await computer.answer(
      call({
        actions: [{ type: 'move', x: 1, y: 1 }, { type: 'screenshot' }, { type: 'type', text: 'x' }, { type: 'wait' }],
      }),
    );
    expect(desktop.batches).toHaveLength(2);
    expect(desktop.batches[1]).toEqual({
      actions: [
        { do: 'move', to: [1, 1] },
        { do: 'type', text: 'x' },
        { do: 'wait', ms: 1000 },
      ],
      space: { width: 1280, height: 800 },
      settle: { quietMs: 50 },
      screenshot: { fit: { width: 1280, height: 800 } },
    });
  });

  test('coordinates follow a picture that is smaller than the screen, and one that was resized', async () => {
    const desktop = new RecordingDesktop();
    desktop.screen = { width: 3840, height: 2160 };
    const computer = await createComputer({ desktop, pictures: { maxSidePx: 1600, maxPatches: Infinity } });
    await computer.answer(call({ actions: [{ type: 'screenshot' }] }));
    desktop.screen = { width: 1000, height: 500 };
    await computer.answer(call({ actions: [{ type: 'move', x: 1599, y: 899 }] }));
    await computer.answer(call({ actions: [{ type: 'move', x: 999, y: 499 }] }));
    expect(desktop.batches.slice(1).map(({ space }) => space)).toEqual([
      { width: 1600, height: 900 },
      { width: 1600, height: 900 },
      { width: 1000, height: 500 },
    ]);
  });

  describe('when an action fails', () => {
    test('the picture comes all the same, and a message says what failed', async () => {
      const { desktop, computer } = await setUp();
      desktop.whyNot = (action) => (action.do === 'key' ? 'no key is called "NOKEY"' : undefined);
      const items: ResponseInputItem[] = await computer.answer(
        call({
          actions: [
            { type: 'move', x: 1, y: 1 },
            { type: 'keypress', keys: ['NOKEY'] },
            { type: 'type', text: 'x' },
          ],
        }),
      );
      expect(items.map((item) => item.type)).toEqual(['computer_call_output', 'message']);
      expect(items[1]).toMatchObject({ role: 'developer' });
      expect(JSON.stringify(items[1])).toContain('keypress failed: no key is called \\"NOKEY\\"');
    });

    const malformed: readonly (readonly [unknown, string])[] = [
      [{ type: 'fly' }, 'there is no computer action "fly"'],
      [{ type: 'toString' }, 'there is no computer action "toString"'],
      [{}, 'there is no computer action "action"'],
      [null, 'there is no computer action'],
      [{ type: 'click', button: 'left', x: 1 }, '"y" must be a number'],
      [{ type: 'click', button: 'top', x: 1, y: 1 }, '"button" must be one of left'],
      [{ type: 'click', button: 'left', x: 1280, y: 1 }, '(1280, 1) is outside of the picture'],
      [{ type: 'click', button: 'left', x: 1, y: 1, keys: [7] }, '"keys" must be names of keys'],
      [{ type: 'drag', path: [{ x: 1, y: 1 }] }, '"path" must be 2 to 1000 places'],
      [{ type: 'drag', path: [{ x: 1, y: 1 }, { x: 1 }] }, '"y" must be a number'],
      [
        {
          type: 'drag',
          path: [
            { x: 1, y: 1 },
            { x: 1, y: 800 },
          ],
        },
        'is outside of the picture',
      ],
      [{ type: 'keypress', keys: [] }, '"keys" must be 1 to 10 keys'],
      [{ type: 'type' }, '"text" must be a text'],
      [{ type: 'scroll', x: 1, y: 1, scroll_x: 1 }, '"scroll_y" must be a number'],
    ];
    test.each(malformed)('%j: what comes before it is carried out, and nothing after it', async (input, message) => {
      const { desktop, computer } = await setUp();
      // SAFETY: what the API never sends is what is tried.
      const actions_ = [{ type: 'move', x: 1, y: 1 }, input, { type: 'wait' }] as unknown as ComputerAction[];
      const items = await computer.answer(call({ actions: actions_ }));
      expect(desktop.actions).toEqual([{ do: 'move', to: [1, 1] }]);
      expect(JSON.stringify(items[1])).toContain(JSON.stringify(message).slice(1, -1));
    });

    test('that the sandbox vanished is thrown', async () => {
      const { desktop, computer } = await setUp();
      const lost = new CodedError('CONNECTION_LOST', 'lost', { peer: 'x' });
      desktop.onAct = () => {
        throw lost;
      };
      expect(await computer.answer(call({ actions: [] })).catch((error: unknown) => error)).toBe(lost);
    });
  });

  describe('safety checks', () => {
    const checks = [{ id: 'check', code: 'malicious_instructions', message: 'the page says so' }];

    test('are acknowledged by the callback only', async () => {
      const asked: unknown[] = [];
      const { computer } = await setUp({ acknowledge: (given) => asked.push(given) > 0 });
      const items = await computer.answer(call({ actions: [{ type: 'wait' }], checks }));
      expect(items[0]).toMatchObject({ acknowledged_safety_checks: checks });
      expect(asked).toEqual([checks]);
      const [without] = await computer.answer(call({ actions: [{ type: 'wait' }] }));
      expect(without).not.toHaveProperty('acknowledged_safety_checks');
    });

    test('nothing is carried out when they were not', async () => {
      for (const options of [{}, { acknowledge: () => false }]) {
        const { desktop, computer } = await setUp(options);
        const thrown: unknown = await computer
          .answer(call({ actions: [{ type: 'wait' }], checks }))
          .catch((error: unknown) => error);
        expect(thrown).toSatisfy((error) => hasCode(error, 'FORBIDDEN'));
        expect(desktop.actions).toEqual([]);
      }
    });
  });
});

async function setUp(options: Partial<ComputerOptions> = {}) {
  const desktop = new RecordingDesktop();
  return { desktop, computer: await createComputer({ desktop, ...options }) };
}

function call(what: {
  actions?: ComputerAction[];
  action?: NonNullable<ResponseComputerToolCall['action']>;
  checks?: ResponseComputerToolCall['pending_safety_checks'];
}): ResponseComputerToolCall {
  const { checks = [], ...rest } = what;
  return {
    type: 'computer_call',
    id: 'id',
    call_id: 'call',
    status: 'completed',
    pending_safety_checks: checks,
    ...rest,
  };
}
