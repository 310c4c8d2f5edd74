import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { titled, whyNoSandboxes } from '../support/capability.ts';
import { Desk } from '../support/e2e-desk.ts';
import { browserTasks } from '../support/tasks/browser-tasks.ts';
import { desktopTasks } from '../support/tasks/desktop-tasks.ts';

const why = whyNoSandboxes('computer');
const rounds = Number(process.env['BHATTI_TASK_ROUNDS'] ?? 50);
const roundMinutes = 2; // 23 tasks take 35 s on a quiet machine
const tasks = [...browserTasks, ...desktopTasks];

console.log(`tasks: BHATTI_TASK_ROUNDS=${rounds}`);

describe.skipIf(why !== undefined)(titled('a scripted operator, for long', why), () => {
  let desk: Desk;
  beforeAll(async () => {
    desk = await Desk.start();
    await desk.must('bhatti create --name desk --image computer --cpus 2 --memory 4096 --disk-size 8192');
  });
  afterAll(() => desk[Symbol.asyncDispose]());

  test(
    `does ${tasks.length} tasks ${rounds} times without a miss`,
    async () => {
      const operator = await desk.operator();
      for (let round = 1; round <= rounds; round++) {
        const startedAtMs = performance.now();
        for (const task of tasks)
          expect([round, task.name, await task.run(operator)]).toEqual([round, task.name, task.wanted]);
        console.log(
          `round ${round}: ${tasks.length} tasks in ${((performance.now() - startedAtMs) / 1000).toFixed(1)} s`,
        );
      }
    },
    rounds * roundMinutes * 60_000,
  );
});
