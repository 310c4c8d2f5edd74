import type { ChildExit, PipedChild } from '@bhatti/sys/process/spawn.ts';
import type { PipeReader } from '@bhatti/sys/process/pipe.ts';
import { channelStderr, channelStdout } from '@bhatti/wire/agent/exec.ts';

const quietMs = 50; // a grandchild that still writes as fast as a process substitution does is waited for
const longestMs = 1_000; // and one that never stops writing is not

/**
 * Hands out a child's output until the child has exited and its pipes are at their end. A pipe that a grandchild keeps open (`sleep 1000 &`) does not hold the result back: what
 * the child itself wrote is in the pipe when it exits, so once the pipes were quiet for a moment the rest is read and dropped, which spares the grandchild a SIGPIPE.
 */
export async function followOutput(
  child: Pick<PipedChild, 'stdout' | 'stderr' | 'exited'>,
  deliver: (channel: number, bytes: Uint8Array) => Promise<unknown> | undefined,
): Promise<ChildExit> {
  const state = { isFollowing: true, lastAtMs: 0, delivering: 0 };
  const follow = async (channel: number, pipe: PipeReader) => {
    while (state.isFollowing) {
      const bytes = await pipe.read();
      if (bytes === undefined) return;
      if (!state.isFollowing) break;
      state.lastAtMs = performance.now();
      state.delivering += 1;
      await deliver(channel, bytes);
      state.delivering -= 1;
    }
    await pipe.drain();
  };
  const ends = Promise.all([follow(channelStdout, child.stdout), follow(channelStderr, child.stderr)]);
  const exit = await child.exited;
  const quiet = quietMoment(state);
  await Promise.race([ends, quiet.come]);
  quiet.cancel();
  state.isFollowing = false;
  return exit;
}

function quietMoment(state: { readonly lastAtMs: number; readonly delivering: number }): {
  come: Promise<void>;
  cancel(): void;
} {
  const startMs = performance.now();
  let timer: ReturnType<typeof setInterval> | undefined;
  const come = new Promise<void>((resolve) => {
    timer = setInterval(() => {
      const now = performance.now();
      // A slow client is not a quiet pipe.
      if (state.delivering > 0) return;
      if (now - Math.max(state.lastAtMs, startMs) >= quietMs || now - startMs >= longestMs) resolve();
    }, quietMs / 2);
  });
  return { come, cancel: () => clearInterval(timer) };
}
