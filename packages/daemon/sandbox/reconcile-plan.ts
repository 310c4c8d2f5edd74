import type { SandboxId } from '@bhatti/base/ids.ts';
import type { EnginePhase, SandboxStatus } from '@bhatti/engine/engine.ts';
import type { SandboxRow, Wanted } from '../store/sandboxes.ts';

/** One repair. `adopt`: it runs, and the daemon has to find its way back to it. `lose`: it is gone from the host. */
export type ReconcileStep = {
  readonly kind: 'adopt' | 'start' | 'stop' | 'rest' | 'lose' | 'takeBack' | 'finishDestroy' | 'destroyOrphan';
  readonly id: SandboxId;
};

/** Compares what was asked with what is, and says what must be done for the two to agree. */
export function planReconcile(rows: readonly SandboxRow[], statuses: readonly SandboxStatus[]): ReconcileStep[] {
  const phases = new Map(statuses.map(({ id, phase }) => [id, phase]));
  const known = new Set(rows.map(({ id }) => id));
  return [
    ...rows.map(({ id, wanted }) => ({ id, kind: repairs[wanted][phases.get(id) ?? 'absent'] })),
    ...statuses.filter(({ id }) => !known.has(id)).map(({ id }) => ({ id, kind: 'destroyOrphan' as const })),
  ];
}

// A creation that did not end has no one who waits for it any more: it is taken back, so that the same request can be made again. A sandbox that should run and does not
// (the host was rebooted) is started.
const repairs: Readonly<Record<Wanted, Readonly<Record<EnginePhase | 'absent', ReconcileStep['kind']>>>> = {
  creating: { absent: 'takeBack', created: 'takeBack', running: 'takeBack', paused: 'takeBack', stopped: 'takeBack' },
  running: { absent: 'lose', created: 'start', running: 'adopt', paused: 'rest', stopped: 'start' },
  stopped: { absent: 'lose', created: 'rest', running: 'stop', paused: 'stop', stopped: 'rest' },
  destroyed: {
    absent: 'finishDestroy',
    created: 'finishDestroy',
    running: 'finishDestroy',
    paused: 'finishDestroy',
    stopped: 'finishDestroy',
  },
};
