import { describe, expect, test } from 'bun:test';
import { newSandboxId } from '@bhatti/base/ids.ts';
import type { EnginePhase } from '@bhatti/engine/engine.ts';
import { wantedPhases, type SandboxRow, type Wanted } from '../store/sandboxes.ts';
import { planReconcile } from './reconcile-plan.ts';
import { newRow } from './spec.ts';

const image = { name: 'minimal', desktop: false, defaultDiskMib: undefined };
const defaults = { cpus: 1, memoryMib: 64, diskMib: 64 };
const rowOf = (wanted: Wanted): SandboxRow => ({
  ...newRow({}, { owner: 'local', image, defaults, host: { memoryMib: 64 }, limits: undefined, now: new Date(0) }),
  wanted,
});
const statusOf = (id: SandboxRow['id'], phase: EnginePhase) => ({
  id,
  phase,
  address: '',
  gateway: '',
  agentSocket: '',
});
const stepFor = (wanted: Wanted, phase: EnginePhase | 'absent') => {
  const row = rowOf(wanted);
  return planReconcile([row], phase === 'absent' ? [] : [statusOf(row.id, phase)]).map(({ kind }) => kind);
};

describe('planReconcile', () => {
  const table: Record<Wanted, Record<EnginePhase | 'absent', string>> = {
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
  for (const wanted of wantedPhases)
    for (const [phase, kind] of Object.entries<string>(table[wanted]))
      test(`meets "${wanted}" that is ${phase} with ${kind}`, () => {
        // SAFETY: the keys of the table are exactly these.
        expect<string[]>(stepFor(wanted, phase as EnginePhase | 'absent')).toEqual([kind]);
      });

  test('destroys what nobody asked for, and nothing else', () => {
    const row = rowOf('running');
    const orphan = newSandboxId();
    expect(planReconcile([row], [statusOf(orphan, 'running'), statusOf(row.id, 'running')])).toEqual([
      { id: row.id, kind: 'adopt' },
      { id: orphan, kind: 'destroyOrphan' },
    ]);
  });
});
