import { hasCode } from '@bhatti/base/errors.ts';
import type { SandboxId } from '@bhatti/base/ids.ts';
import type { SandboxSpec } from '@bhatti/engine/engine.ts';
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { join } from 'node:path';
import type { CrashPlan } from '../../support/engine-crash.ts';
import { isHangUp, openEngineHost, type EngineHost } from '../../support/engine-host.ts';
import { leftoversOf } from '../../support/engine-leftovers.ts';
import { enginesUnderTest } from '../../support/engine-list.ts';
import { until } from '../../support/until.ts';

const maxCommands = 20; // more than any verb calls; the loop ends at the first plan that did not come to pass

for (const subject of enginesUnderTest) {
  describe(`a daemon killed in the middle (${subject.name})`, () => {
    let host: EngineHost;
    beforeAll(async () => {
      host = await openEngineHost(subject);
    });
    afterAll(async () => await host[Symbol.asyncDispose]());

    const cases = [
      { dieIn: 'create', verbs: ['create'] },
      { dieIn: 'start', verbs: ['create', 'start'] },
      { dieIn: 'stop', verbs: ['create', 'start', 'stop'] },
      { dieIn: 'destroy', verbs: ['create', 'start', 'destroy'] },
    ] as const;

    for (const { dieIn, verbs } of cases) {
      test(`of ${dieIn}, at each program it calls: the next one repairs, goes on, and leaves nothing`, async () => {
        for (let command = 1; command <= maxCommands; command++) {
          const spec = host.spec();
          const died = await crash({
            engine: subject.name,
            config: host.config,
            spec,
            verbs,
            dieIn,
            dieAt: { command },
          });
          await expectRepair(host, spec, dieIn);
          if (!died) break;
        }
      });

      test(`of ${dieIn}, at any moment: the next one repairs, goes on, and leaves nothing`, async () => {
        for (let afterMs = 0; afterMs <= 70; afterMs += 5) {
          const spec = host.spec();
          await crash({ engine: subject.name, config: host.config, spec, verbs, dieIn, dieAt: { afterMs } });
          await expectRepair(host, spec, dieIn);
        }
      });
    }
  });
}

/** Whatever is found can be used (or is not there at all), and can be destroyed with all its traces. */
async function expectRepair(host: EngineHost, spec: SandboxSpec, dieIn: string): Promise<void> {
  const engine = await host.reopen();
  const found = await engine.status(spec.id);
  expect((await engine.list()).map(({ id }) => id)).toEqual(found === undefined ? [] : [spec.id]);
  if (dieIn === 'start' || dieIn === 'stop') expect(found).toBeDefined();
  if (found !== undefined) {
    // A sandbox that was told to end may be found running and end then. One that was told to start may not.
    if (dieIn === 'stop' || dieIn === 'destroy') await until(() => isUsable(host, spec.id));
    else expect(await isUsable(host, spec.id)).toBe(true);
  }
  await engine.destroy(host.op, spec.id);
  // Firewall, control group and claims of the instance are all that may be there while its engine is.
  const left = leftoversOf(host.config).filter((line) => line.includes(spec.id));
  expect(left).toEqual([]);
}

async function isUsable(host: EngineHost, id: SandboxId): Promise<boolean> {
  const engine = host.engine();
  const phase = (await engine.status(id))?.phase;
  if (phase === 'created' || phase === 'stopped') await engine.start(host.op, id);
  try {
    return (await host.run(id, 'echo usable')).output === 'usable\n';
  } catch (error) {
    if (hasCode(error, 'AGENT_UNREACHABLE') || hasCode(error, 'SANDBOX_WRONG_PHASE') || isHangUp(error)) return false;
    throw error;
  }
}

/** Whether it died as planned; false when the verb was over before. */
async function crash(plan: CrashPlan): Promise<boolean> {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, '../../support/engine-crash.ts')], {
    stdio: [Buffer.from(JSON.stringify(plan)), 'inherit', 'inherit'],
  });
  await child.exited;
  if (child.exitCode === null || child.exitCode === 137) return true;
  expect(child.exitCode).toBe(0);
  return false;
}
