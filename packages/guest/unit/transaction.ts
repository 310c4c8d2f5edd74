import type { DependencyKind } from './definition.ts';
import { mergeJobTypes, waitsFor, type JobType } from './job.ts';
import { hasAny, isOrderedAfter } from './ordering.ts';
import { activeState, type Unit } from './unit.ts';

/** Units by any of their names; loads what is not in memory. */
export interface UnitLookup {
  load(name: string): Unit | undefined;
  /** All in memory: reverse dependencies are theirs. */
  loaded(): Iterable<Unit>;
}

export interface PlannedJob {
  readonly unit: Unit;
  readonly type: JobType;
}

export interface TransactionPlan {
  readonly jobs: readonly PlannedJob[];
  /** Jobs that were left out to break ordering cycles, as sentences. */
  readonly warnings: readonly string[];
}

/** Why there can be no transaction; the message is systemd's. */
export class TransactionError extends Error {
  readonly reason:
    | 'not-found'
    | 'masked'
    | 'bad-setting'
    | 'refused'
    | 'unsupported'
    | 'conflict'
    | 'cycle'
    | 'missing-instance';

  constructor(reason: TransactionError['reason'], message: string) {
    super(message);
    this.reason = reason;
  }
}

interface Draft {
  readonly unit: Unit;
  readonly asks: { readonly type: JobType; readonly isRequired: boolean }[];
}

const startPulls: readonly { readonly kind: DependencyKind; readonly type: JobType; readonly isRequired: boolean }[] = [
  { kind: 'Requires', type: 'start', isRequired: true },
  { kind: 'BindsTo', type: 'start', isRequired: true },
  { kind: 'Requisite', type: 'verify-active', isRequired: true },
  { kind: 'Wants', type: 'start', isRequired: false },
  { kind: 'Upholds', type: 'start', isRequired: false },
  { kind: 'Conflicts', type: 'stop', isRequired: true },
];
const stopPropagators: readonly DependencyKind[] = ['Requires', 'Requisite', 'BindsTo', 'PartOf'];

/** All that must happen to start, stop, restart or reload a unit: it, what it pulls in, what depends on it. Nothing is changed; `commit` of the job queue does that. */
export function planTransaction(units: UnitLookup, anchor: Unit, type: JobType): TransactionPlan {
  const drafts = new Map<Unit, Draft>();
  addJob({ units, drafts }, anchor, type, true);
  const merged = mergeDrafts(drafts, anchor);
  const warnings = breakCycles(merged, anchor);
  return { jobs: [...merged.values()].filter((job) => job.unit === anchor || hasEffect(job)), warnings };
}

interface Planning {
  readonly units: UnitLookup;
  readonly drafts: Map<Unit, Draft>;
}

function addJob(planning: Planning, unit: Unit, type: JobType, isRequired: boolean): void {
  if (type !== 'stop') refuseUnloadable(unit);
  const draft = planning.drafts.get(unit) ?? { unit, asks: [] };
  planning.drafts.set(unit, draft);
  // Asked before, and as strongly: nothing new comes of it.
  if (draft.asks.some((ask) => ask.type === type && (ask.isRequired || !isRequired))) return;
  draft.asks.push({ type, isRequired });
  if (type === 'start' || type === 'restart') addPulled(planning, unit, isRequired);
  if (type === 'stop' || type === 'restart') addDependents(planning, unit, type, isRequired);
  if (type === 'reload') {
    for (const name of unit.definition.dependencies.PropagatesReloadTo) {
      const other = planning.units.load(name);
      if (other !== undefined && activeState(other) === 'active') addJob(planning, other, 'reload', false);
    }
  }
}

function addPulled(planning: Planning, unit: Unit, isRequired: boolean): void {
  for (const pull of startPulls) {
    for (const name of unit.definition.dependencies[pull.kind]) {
      const other = planning.units.load(name);
      if (other === undefined) continue;
      if (pull.isRequired && pull.type !== 'stop') {
        addJob(planning, other, pull.type, isRequired);
      } else if (pull.type === 'stop') {
        // What does not run cannot be in the way.
        if (activeState(other) !== 'inactive' || other.job !== undefined) addJob(planning, other, 'stop', isRequired);
      } else {
        tryAddJob(planning, other, pull.type);
      }
    }
  }
  for (const other of dependents(planning.units, unit, ['Conflicts']))
    if (activeState(other) !== 'inactive') addJob(planning, other, 'stop', false);
}

/** What is only wanted may be missing or masked. */
function tryAddJob(planning: Planning, unit: Unit, type: JobType): void {
  try {
    refuseUnloadable(unit);
  } catch (error) {
    if (error instanceof TransactionError) return;
    throw error;
  }
  const before = new Map([...planning.drafts].map(([key, draft]) => [key, draft.asks.length]));
  try {
    addJob(planning, unit, type, false);
  } catch (error) {
    if (!(error instanceof TransactionError)) throw error;
    // One of its own requirements cannot be met: the whole branch is left out.
    for (const [key, draft] of planning.drafts) {
      const length = before.get(key);
      if (length === undefined) planning.drafts.delete(key);
      else draft.asks.length = length;
    }
  }
}

/** Stopping a unit stops those that require it; restarting it restarts those of them that run. */
function addDependents(planning: Planning, unit: Unit, type: 'stop' | 'restart', isRequired: boolean): void {
  for (const other of dependents(planning.units, unit, stopPropagators)) {
    const state = activeState(other);
    const isRunning = state !== 'inactive' && state !== 'failed';
    if (!isRunning && other.job === undefined) continue;
    if (type === 'stop') addJob(planning, other, 'stop', isRequired);
    else if (isRunning) addJob(planning, other, 'restart', isRequired);
  }
}

/** Units in memory whose dependencies of one of these kinds name `unit`. */
export function dependents(units: UnitLookup, unit: Unit, kinds: readonly DependencyKind[]): Unit[] {
  return [...units.loaded()].filter(
    (other) => other !== unit && kinds.some((kind) => hasAny(other.definition.dependencies[kind], unit.definition)),
  );
}

function refuseUnloadable(unit: Unit): void {
  const { loadState, loadError } = unit.definition;
  switch (loadState) {
    case 'loaded':
      if (unit.body.kind === 'none')
        throw new TransactionError('unsupported', `Unit type of ${unit.name} is not supported here.`);
      return;
    case 'masked':
      throw new TransactionError('masked', `Unit ${unit.name} is masked.`);
    case 'not-found':
      throw new TransactionError('not-found', `Unit ${unit.name} not found.`);
    case 'bad-setting':
    case 'error':
      throw new TransactionError('bad-setting', loadError ?? `Unit ${unit.name} has a bad unit file setting.`);
  }
}

function mergeDrafts(drafts: ReadonlyMap<Unit, Draft>, anchor: Unit): Map<Unit, PlannedJob & { isRequired: boolean }> {
  const merged = new Map<Unit, PlannedJob & { isRequired: boolean }>();
  for (const { unit, asks } of drafts.values()) {
    if (asks.length === 0) continue;
    const required = asks.filter((ask) => ask.isRequired);
    const type = mergeAll(asks) ?? mergeAll(required);
    // Both are required, so neither may give way.
    if (type === undefined)
      throw new TransactionError(
        'conflict',
        `Transaction for ${anchor.name} contains conflicting jobs for ${unit.name}.`,
      );
    merged.set(unit, { unit, type, isRequired: required.length > 0 });
  }
  return merged;
}

function mergeAll(asks: readonly { readonly type: JobType }[]): JobType | undefined {
  return asks
    .map((ask) => ask.type)
    .reduce<JobType | undefined>(
      (sum, type) => (sum === undefined ? undefined : mergeJobTypes(sum, type)),
      asks[0]?.type,
    );
}

/** A circle in which every job waits for the next would never move. A job that nobody requires is taken out of it. */
function breakCycles(jobs: Map<Unit, PlannedJob & { isRequired: boolean }>, anchor: Unit): string[] {
  const warnings: string[] = [];
  for (;;) {
    const cycle = findCycle([...jobs.values()]);
    if (cycle === undefined) return warnings;
    const names = cycle.map((job) => `${job.unit.name}/${job.type}`).join(' -> ');
    const victim = cycle.find((job) => job.unit !== anchor && jobs.get(job.unit)?.isRequired === false);
    if (victim === undefined)
      throw new TransactionError('cycle', `Transaction order is cyclic: ${names}. See system logs for details.`);
    jobs.delete(victim.unit);
    warnings.push(`Found ordering cycle: ${names}. Job ${victim.unit.name}/${victim.type} deleted to break it.`);
  }
}

function findCycle(jobs: readonly PlannedJob[]): PlannedJob[] | undefined {
  const done = new Set<PlannedJob>();
  const path: PlannedJob[] = [];
  const visit = (job: PlannedJob): PlannedJob[] | undefined => {
    if (done.has(job)) return undefined;
    const at = path.indexOf(job);
    if (at !== -1) return path.slice(at);
    path.push(job);
    for (const other of jobs) {
      if (other === job || !blocks(job, other)) continue;
      const cycle = visit(other);
      if (cycle !== undefined) return cycle;
    }
    path.pop();
    done.add(job);
    return undefined;
  };
  for (const job of jobs) {
    const cycle = visit(job);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}

/** Whether `job` must wait for `other`, two units without order being independent. */
export function blocks(job: PlannedJob, other: PlannedJob): boolean {
  if (isOrderedAfter(job.unit.definition, other.unit.definition)) return waitsFor(job, other, true);
  if (isOrderedAfter(other.unit.definition, job.unit.definition)) return waitsFor(job, other, false);
  return false;
}

function hasEffect({ unit, type }: PlannedJob): boolean {
  // A job of another transaction may be about to change it.
  if (unit.job !== undefined) return true;
  const state = activeState(unit);
  if (type === 'start' || type === 'verify-active') return state !== 'active' && state !== 'reloading';
  if (type === 'stop') return state !== 'inactive' && state !== 'failed';
  return true;
}
