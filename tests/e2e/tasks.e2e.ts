import { describe, expect, test } from 'bun:test';
import type { Desk } from '../support/e2e-desk.ts';
import { browserTasks } from '../support/tasks/browser-tasks.ts';
import { desktopTasks } from '../support/tasks/desktop-tasks.ts';

export function taskTests(desk: () => Desk): void {
  describe('a scripted operator', () => {
    test.each([...browserTasks, ...desktopTasks])('$name', async (task) => {
      expect(await task.run(await desk().operator())).toBe(task.wanted);
    });
  });
}
