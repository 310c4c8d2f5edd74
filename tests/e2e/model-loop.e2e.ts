import { createComputerToolset } from '@bhatti/drivers/anthropic/computer-toolset.ts';
import { createComputer } from '@bhatti/drivers/openai/computer.ts';
import type { Point } from '@bhatti/wire/display/action.ts';
import { describe, expect, test } from 'bun:test';
import type { Desk } from '../support/e2e-desk.ts';
import type { TaskOperator } from '../support/tasks/operator.ts';

/** Models that know the page by heart: what they say is scripted, in the shape of their vendor; all else is real. */
export function modelLoopTests(desk: () => Desk): void {
  describe('an agent loop with a scripted model', () => {
    test('fills in a form by the computer toolset', async () => {
      const operator = await desk().operator();
      const at = await operator.openPage('form');
      const driver = createComputerToolset({ desktop: desktopOf(operator), confirm: () => true });
      const turns: [string, object][][] = [
        [['screenshot', {}]],
        [
          ['left_click', { coordinate: at(100, 35) }],
          ['type', { text: 'Grace 東京' }],
          ['key', { text: 'Tab' }],
          ['type', { text: 'g@example.org' }],
        ],
        [
          ['left_click', { coordinate: at(55, 185) }],
          ['zoom', { region: [...at(0, 0), ...at(400, 300)] }],
          ['cursor_position', {}],
        ],
        [
          ['left_click', { coordinate: [5_000, 5] }],
          ['type', { text: 'never' }],
        ],
        [['left_click', { coordinate: at(100, 240) }]],
      ];
      const answers = [];
      for (const turn of turns)
        answers.push(
          await driver.answer(
            turn.map(([name, input], i) => ({
              type: 'tool_use',
              toolset_name: 'computer',
              id: `call${i}`,
              name,
              input,
            })),
          ),
        );
      expect(answers.map((results) => results.map(({ is_error: isError = false }) => isError))).toEqual([
        [false],
        [false, false, false, false],
        [false, false, false],
        [true, true],
        [false],
      ]);
      expect(JSON.stringify(answers[2]?.[2])).toContain(`X=${at(55, 185)[0]},Y=${at(55, 185)[1]}`);
      expect(JSON.stringify(answers[3]?.[1])).toContain(
        'Not executed: an earlier computer action in this turn failed.',
      );
      expect(await operator.outcome('form')).toBe('Grace 東京|g@example.org|red|true');
    });

    test('drags and drops by the computer tool with batches', async () => {
      const operator = await desk().operator();
      const at = await operator.openPage('drop');
      const driver = await createComputer({ desktop: desktopOf(operator) });
      const place = ([x, y]: Point) => ({ x, y });
      const items = await driver.answer({
        type: 'computer_call',
        call_id: 'call',
        actions: [{ type: 'drag', path: [at(100, 80), at(250, 120), at(500, 120)].map(place) }, { type: 'screenshot' }],
      });
      expect(items[0]).toMatchObject({ type: 'computer_call_output', call_id: 'call' });
      expect(await operator.outcome('drop')).toBe('the box');
    });
  });
}

function desktopOf(operator: TaskOperator) {
  return { act: operator.batch.bind(operator) };
}
