import { VERSION } from '@bhatti/base/version.ts';
import type { BootRequest } from '@bhatti/wire/agent/boot.ts';
import type { HelloReply } from '@bhatti/wire/agent/hello.ts';
import { applyBoot, readBootId, readBootRequest } from './boot.ts';

type Phase =
  | { readonly phase: 'waiting' }
  | { readonly phase: 'booting' }
  | { readonly phase: 'ready'; readonly failedUnits: readonly string[] };

export interface Boot {
  hello(): HelloReply;
  /** Carries out a boot request; returns when units are being started. A second one in the same boot changes nothing. */
  run(request: BootRequest): Promise<void>;
  /** After lohar was started again within a boot: goes on where the earlier one was. */
  resume(): void;
}

/** From an agent that waits for its configuration to one whose units run. `startUnits` answers the names of those that failed; it is told whether this is the boot or a lohar that came back. */
export function prepareBoot(startUnits: (request: BootRequest, isFirst: boolean) => Promise<readonly string[]>): Boot {
  const bootId = readBootId();
  const earlier = readBootRequest();
  let phase: Phase = { phase: earlier === undefined ? 'waiting' : 'booting' };
  let applied: Promise<void> | undefined = earlier === undefined ? undefined : Promise.resolve();

  const bring = async (request: BootRequest, isFirst: boolean) => {
    phase = { phase: 'booting' };
    phase = { phase: 'ready', failedUnits: await startUnits(request, isFirst) };
  };
  return {
    hello: () => ({
      version: VERSION,
      bootId,
      phase: phase.phase,
      failedUnits: phase.phase === 'ready' ? [...phase.failedUnits] : [],
    }),
    async run(request) {
      applied ??= applyBoot(request).then(() => void bring(request, true));
      try {
        await applied;
      } catch (error) {
        applied = undefined; // it may be tried again
        throw error;
      }
    },
    resume() {
      if (earlier !== undefined) void bring(earlier, false);
    },
  };
}
