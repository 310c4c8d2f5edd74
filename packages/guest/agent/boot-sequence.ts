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
}

/** From an agent that waits for its configuration to one whose units run. `startUnits` answers the names of those that failed. */
export function prepareBoot(startUnits: (request: BootRequest) => Promise<readonly string[]>): Boot {
  const bootId = readBootId();
  let phase: Phase = { phase: 'waiting' };
  let applied: Promise<void> | undefined;

  const bring = async (request: BootRequest) => {
    phase = { phase: 'booting' };
    const failedUnits = await startUnits(request);
    phase = { phase: 'ready', failedUnits };
  };
  const earlier = readBootRequest();
  if (earlier !== undefined) {
    applied = Promise.resolve();
    void bring(earlier);
  }
  return {
    hello: () => ({
      version: VERSION,
      bootId,
      phase: phase.phase,
      failedUnits: phase.phase === 'ready' ? [...phase.failedUnits] : [],
    }),
    async run(request) {
      applied ??= applyBoot(request).then(() => void bring(request));
      try {
        await applied;
      } catch (error) {
        applied = undefined; // it may be tried again
        throw error;
      }
    },
  };
}
