import { DesktopStatusSchema, type DesktopStatus } from '@bhatti/wire/display/control.ts';
import { BatchReplySchema, type Batch, type BatchReply, type ScreenshotRequest } from '@bhatti/wire/display/action.ts';
import { LeaseSchema, type Lease, type LeaseRequest } from '@bhatti/wire/display/lease.ts';

import {
  ReplaySchema,
  StoppedTrajectorySchema,
  TrajectoryListSchema,
  TrajectorySchema,
  type Replay,
  type Trajectory,
} from '@bhatti/wire/display/trajectory.ts';

import { sandboxPath, type Api } from './api.ts';
import type { Caller } from './transport.ts';

export function desktopCalls(api: Api) {
  return {
    status: (caller: Caller, sandbox: string): Promise<DesktopStatus> =>
      api.call(caller, DesktopStatusSchema, { method: 'GET', path: sandboxPath(sandbox, '/desktop') }),
    /** Answers when the desktop is drawn; DISPLAY_UNAVAILABLE or TIMED_OUT otherwise. */
    waitDrawn: (caller: Caller, sandbox: string, timeoutMs: number): Promise<DesktopStatus> =>
      api.call(caller, DesktopStatusSchema, {
        method: 'GET',
        path: sandboxPath(sandbox, `/desktop?wait=drawn&timeoutMs=${timeoutMs}`),
      }),
    /** Carries out a batch of actions. That one of them failed is a result (`reply.ok`), not an error; INVALID_ARGUMENT when the batch is none, and then nothing was done. */
    act: (caller: Caller, sandbox: string, batch: Batch): Promise<BatchReply> =>
      api.call(caller, BatchReplySchema, {
        method: 'POST',
        path: sandboxPath(sandbox, '/actions'),
        json: batch,
      }),
    /** Recorded trajectories, the newest first. */
    trajectories: (caller: Caller, sandbox: string): Promise<Trajectory[]> =>
      api.call(caller, TrajectoryListSchema, { method: 'GET', path: sandboxPath(sandbox, '/trajectories') }),
    /** Begins to record what is done. LOCKED while something is recorded. */
    startTrajectory: (caller: Caller, sandbox: string, name?: string): Promise<Trajectory> =>
      api.call(caller, TrajectorySchema, {
        method: 'POST',
        path: sandboxPath(sandbox, '/trajectories'),
        json: { op: 'start', ...(name === undefined ? {} : { name }) },
      }),
    /** What was recorded; null when nothing was. */
    stopTrajectory: (caller: Caller, sandbox: string): Promise<Trajectory | null> =>
      api.call(caller, StoppedTrajectorySchema, {
        method: 'POST',
        path: sandboxPath(sandbox, '/trajectories'),
        json: { op: 'stop' },
      }),
    /** Does again what was recorded. */
    replayTrajectory: (caller: Caller, sandbox: string, name: string): Promise<Replay> =>
      api.call(caller, ReplaySchema, {
        method: 'POST',
        path: sandboxPath(sandbox, '/trajectories'),
        json: { op: 'replay', name },
      }),
    /** Who has the keyboard and the pointer, whether help is asked for, and what became of both lately. */
    lease: (caller: Caller, sandbox: string): Promise<Lease> =>
      api.call(caller, LeaseSchema, { method: 'GET', path: sandboxPath(sandbox, '/lease') }),
    /** Answers when no person has them, or the time is over: `holder` tells which. */
    waitFree: (caller: Caller, sandbox: string, timeoutMs: number): Promise<Lease> =>
      api.call(caller, LeaseSchema, {
        method: 'GET',
        path: sandboxPath(sandbox, `/lease?wait=free&timeoutMs=${timeoutMs}`),
      }),
    /** Asks people for help, or for the input (INPUT_HELD while a person has it), or gives either up. */
    askLease: (caller: Caller, sandbox: string, request: LeaseRequest): Promise<Lease> =>
      api.call(caller, LeaseSchema, { method: 'POST', path: sandboxPath(sandbox, '/lease'), json: request }),
    /** A picture of the desktop, as the bytes of a file. SCREEN_WITHHELD while a person does something private. */
    async screenshot(caller: Caller, sandbox: string, wish: ScreenshotRequest = {}): Promise<Uint8Array> {
      const { format, quality, cursor, region, fit, scale } = wish;
      const query = new URLSearchParams();
      const asked = { format, quality, cursor: cursor === true ? 1 : undefined, scale };
      for (const [name, value] of Object.entries(asked)) if (value !== undefined) query.set(name, String(value));
      if (region !== undefined) query.set('region', region.join(','));
      if (fit !== undefined) query.set('fit', `${fit.width}x${fit.height}`);
      const path = sandboxPath(sandbox, `/screenshot?${query.toString()}`);
      const response = await api.request(caller, { method: 'GET', path });
      return new Uint8Array(await response.arrayBuffer());
    },
  };
}
