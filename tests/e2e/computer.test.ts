// The computer tier as its page describes it, from the first command to the last row of the troubleshooting table, on one sandbox that the page's own command creates.
import { afterAll, beforeAll, describe } from 'bun:test';
import { existsSync } from 'node:fs';
import { titled, whyNoSandboxes } from '../support/capability.ts';
import { Desk } from '../support/e2e-desk.ts';
import { agentLoopTests } from './agent-loop.e2e.ts';
import { browserTests } from './browser.e2e.ts';
import { helperTests } from './helpers.e2e.ts';
import { leaseTests } from './lease.e2e.ts';
import { loginTests } from './login.e2e.ts';
import { modelLoopTests } from './model-loop.e2e.ts';
import { operatorTests } from './operator.e2e.ts';
import { operatorsTests } from './operators.e2e.ts';
import { quickStartTests } from './quick-start.e2e.ts';
import { taskTests } from './tasks.e2e.ts';
import { terminalTests } from './terminal.e2e.ts';
import { troubleshootingTests } from './troubleshooting.e2e.ts';
import { tunableTests } from './tunables.e2e.ts';
import { viewerTests } from './viewer.e2e.ts';

const why = whyNoSandboxes('computer') ?? (existsSync('/usr/bin/chromium') ? undefined : 'needs chromium');

describe.skipIf(why !== undefined)(titled('the computer tier', why), () => {
  let started: Desk;
  const desk = () => started;

  beforeAll(async () => {
    started = await Desk.start();
  });
  afterAll(async () => {
    await started[Symbol.asyncDispose]();
  });

  // The first creates the sandbox that the others stand on; the last ones break it, heal it, and replace it.
  quickStartTests(desk);
  loginTests(desk);
  terminalTests(desk);
  browserTests(desk);
  agentLoopTests(desk);
  taskTests(desk);
  modelLoopTests(desk);
  operatorsTests(desk);
  helperTests(desk);
  viewerTests(desk);
  leaseTests(desk);
  operatorTests(desk);
  troubleshootingTests(desk);
  tunableTests(desk);
});
