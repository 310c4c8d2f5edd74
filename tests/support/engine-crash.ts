// A daemon that dies: does one thing to one sandbox and is killed, either when the Nth program of the host is about to be called, or after some time.
import { onAnnounce } from '@bhatti/base/log.ts';
import { startOperation } from '@bhatti/base/operation.ts';
import type { EngineConfig, SandboxSpec } from '@bhatti/engine/engine.ts';
import { openImageStore } from '@bhatti/engine/image/store.ts';
import { enginesUnderTest } from './engine-list.ts';

export interface CrashPlan {
  readonly engine: string;
  readonly config: EngineConfig;
  readonly spec: SandboxSpec;
  readonly verbs: readonly ('create' | 'start' | 'stop' | 'destroy')[];
  /** The verb during which it dies; those before it are done in peace. */
  readonly dieIn: string;
  readonly dieAt: { readonly command: number } | { readonly afterMs: number };
}

if (import.meta.main) await dieAsPlanned();

/** Ends by SIGKILL where the plan came to pass, with 0 where the verb was over first. */
async function dieAsPlanned(): Promise<void> {
  // SAFETY: the test that starts this program writes exactly this.
  const plan = JSON.parse(await Bun.stdin.text()) as CrashPlan;
  const subject = enginesUnderTest.find(({ name }) => name === plan.engine);
  if (subject === undefined) throw new Error(`no engine ${plan.engine}`);
  const engine = subject.create(plan.config, openImageStore(plan.config));
  const op = startOperation({});
  await engine.prepare(op);
  for (const verb of plan.verbs) {
    if (verb === plan.dieIn) arm(plan.dieAt);
    await (verb === 'create' ? engine.create(op, plan.spec) : engine[verb](op, plan.spec.id));
  }
  process.exit(0);
}

function arm(dieAt: CrashPlan['dieAt']): void {
  let commands = 0;
  if ('afterMs' in dieAt) setTimeout(() => process.kill(process.pid, 'SIGKILL'), dieAt.afterMs);
  else
    onAnnounce((channel) => {
      if (channel === 'engine:command' && ++commands === dieAt.command) process.kill(process.pid, 'SIGKILL');
    });
}
