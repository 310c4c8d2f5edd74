import type { DependencyKind, JobMode } from './definition.ts';
import { mergeJobTypes, waitsFor, type JobType } from './job.ts';
import { unitsAfter, unitsBefore } from './ordering.ts';
import { activeState, type Unit } from './unit.ts';

/** Units by any of their names. */
export interface UnitLookup {
  /** Reads it from disk when it is not in memory. */
  load(name: string): Unit | undefined;
  /** Only what is in memory. */
  known(name: string): Unit | undefined;
  loaded(): Iterable<Unit>;
  /** Units in memory whose dependencies of one of these kinds name `unit`, by any of its names. */
  dependents(unit: Unit, kinds: readonly DependencyKind[]): Unit[];
}

export interface PlannedJob {
  readonly unit: Unit;
  readonly type: JobType;
}

export interface TransactionPlan {
  readonly jobs: readonly PlannedJob[];
  readonly mode: JobMode;
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
    | 'missing-instance'
    | 'irreversible';
  /** What the journal should say besides. */
  readonly warnings: readonly string[];

  constructor(reason: TransactionError['reason'], message: string, warnings: readonly string[] = []) {
    super(message);
    this.reason = reason;
    this.warnings = warnings;
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
const stopPropagators: readonly DependencyKind[] = ['Requires', 'Requisite', 'BindsTo', 'PartOf', 'StopPropagatedFrom'];

/** All that must happen to start, stop, restart or reload a unit: it, what it pulls in, what depends on it. Nothing is changed; `commit` of the job queue does that. */
export function planTransaction(units: UnitLookup, anchor: Unit, type: JobType, mode: JobMode): TransactionPlan {
  const planning: Planning = { units, mode, drafts: new Map() };
  addJob(planning, anchor, type, true);
  if (mode === 'isolate') stopTheRest(planning, anchor, type);
  const merged = mergeDrafts(planning.drafts);
  const warnings = mode === 'ignore-dependencies' ? [] : breakCycles(units, merged, anchor);
  const jobs = [...merged.values()].filter((job) => job.unit === anchor || hasEffect(job));
  refuseConflicts(jobs, { unit: anchor, type }, mode);
  return { jobs, mode, warnings };
}

interface Planning {
  readonly units: UnitLookup;
  readonly mode: JobMode;
  readonly drafts: Map<Unit, Draft>;
}

function addJob(planning: Planning, unit: Unit, type: JobType, isRequired: boolean): void {
  if (type !== 'stop') refuseUnloadable(unit);
  const draft = planning.drafts.get(unit) ?? { unit, asks: [] };
  planning.drafts.set(unit, draft);
  // Asked before, and as strongly: nothing new comes of it.
  if (draft.asks.some((ask) => ask.type === type && (ask.isRequired || !isRequired))) return;
  draft.asks.push({ type, isRequired });
  if (planning.mode === 'ignore-dependencies' || planning.mode === 'ignore-requirements') return;
  if (type === 'start' || type === 'restart') addPulled(planning, unit, isRequired);
  if (type === 'stop' || type === 'restart') addDependents(planning, unit, type, isRequired);
  if (type === 'reload')
    for (const other of reloadedWith(planning.units, unit)) addJob(planning, other, 'reload', false);
}

/** Those that reload when a unit does, and run. */
export function reloadedWith(units: UnitLookup, unit: Unit): Unit[] {
  const named = [...unit.definition.dependencies.PropagatesReloadTo].flatMap((name) => units.load(name) ?? []);
  return [...named, ...units.dependents(unit, ['ReloadPropagatedFrom'])].filter(
    (other) => activeState(other) === 'active' && (other.definition.service?.execReload.length ?? 0) > 0,
  );
}

/** `--job-mode=isolate`: everything stops that the unit does not need. */
function stopTheRest(planning: Planning, anchor: Unit, type: JobType): void {
  if (type !== 'start') throw new TransactionError('refused', 'Isolate is only valid for start.');
  if (!anchor.definition.jobs.allowIsolate)
    throw new TransactionError('refused', 'Operation refused, unit may not be isolated.');
  for (const unit of planning.units.loaded()) {
    if (planning.drafts.has(unit) || unit.definition.jobs.ignoreOnIsolate) continue;
    if (activeState(unit) === 'inactive' && unit.job === undefined) continue;
    addJob(planning, unit, 'stop', false);
  }
}

/** What a mode does not allow to be done to jobs that are queued. */
function refuseConflicts(jobs: readonly PlannedJob[], anchor: PlannedJob, mode: JobMode): void {
  for (const { unit, type } of jobs) {
    const queued = unit.job;
    if (queued === undefined || mergeJobTypes(queued.type, type) !== undefined) continue;
    if (queued.isIrreversible || mode === 'fail')
      throw new TransactionError(
        'irreversible',
        `Transaction for ${anchor.unit.name}/${anchor.type} is destructive (${unit.name} has '${queued.type}' job queued, but '${type}' is included in transaction).`,
      );
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
        // Also of what does not run: it must not be started by the way.
        addJob(planning, other, 'stop', isRequired);
      } else {
        tryAddJob(planning, other, pull.type);
      }
    }
  }
  for (const other of planning.units.dependents(unit, ['Conflicts']))
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
  const named = [...unit.definition.dependencies.PropagatesStopTo].flatMap((name) => planning.units.load(name) ?? []);
  for (const other of [...planning.units.dependents(unit, stopPropagators), ...named]) {
    const state = activeState(other);
    const isRunning = state !== 'inactive' && state !== 'failed';
    if (!isRunning && other.job === undefined) continue;
    if (type === 'stop') addJob(planning, other, 'stop', isRequired);
    else if (isRunning) addJob(planning, other, 'restart', isRequired);
  }
}

/** Units in memory whose dependencies of one of these kinds name `unit`. */
export function dependents(units: UnitLookup, unit: Unit, kinds: readonly DependencyKind[]): Unit[] {
  return units.dependents(unit, kinds);
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

function mergeDrafts(drafts: ReadonlyMap<Unit, Draft>): MergedJobs {
  const merged: MergedJobs = new Map();
  for (const { unit, asks } of drafts.values()) {
    if (asks.length === 0) continue;
    const required = asks.filter((ask) => ask.isRequired);
    const type = mergeAll(asks) ?? mergeAll(required);
    // Both are required, so neither may give way.
    if (type === undefined)
      throw new TransactionError(
        'conflict',
        `Transaction contains conflicting jobs ${jobPair(asks)} for ${unit.name}. Probably contradicting requirement dependencies configured.`,
      );
    merged.set(unit, { unit, type, isRequired: required.length > 0 });
  }
  return merged;
}

function jobPair(asks: readonly { readonly type: JobType }[]): string {
  const types = [...new Set(asks.map((ask) => ask.type))].toSorted((a, b) => (a > b ? -1 : 1));
  return types.map((type) => `'${type}'`).join(' and ');
}

function mergeAll(asks: readonly { readonly type: JobType }[]): JobType | undefined {
  return asks
    .map((ask) => ask.type)
    .reduce<JobType | undefined>(
      (sum, type) => (sum === undefined ? undefined : mergeJobTypes(sum, type)),
      asks[0]?.type,
    );
}

type MergedJobs = Map<Unit, PlannedJob & { readonly isRequired: boolean }>;

/** A circle in which every job waits for the next would never move. A job that nobody requires is taken out of it. */
function breakCycles(units: UnitLookup, jobs: MergedJobs, anchor: Unit): string[] {
  const warnings: string[] = [];
  for (;;) {
    const cycle = findCycle(units, jobs);
    const first = cycle?.[0];
    if (cycle === undefined || first === undefined) return warnings;
    // From the first to what it waits for, and back to the first.
    for (const [at, job] of [...cycle.slice(1), first].entries())
      warnings.push(
        `${anchor.name}: Found ${at === 0 ? 'ordering cycle' : 'dependency'} on ${job.unit.name}/${job.type}`,
      );
    const victim = cycle.find((job) => job.unit !== anchor && jobs.get(job.unit)?.isRequired === false);
    if (victim === undefined) {
      warnings.push(`${anchor.name}: Unable to break cycle starting with ${first.unit.name}/${first.type}`);
      throw new TransactionError('cycle', 'Transaction order is cyclic. See system logs for details.', warnings);
    }
    jobs.delete(victim.unit);
    warnings.push(
      `${anchor.name}: Job ${victim.unit.name}/${victim.type} deleted to break ordering cycle starting with ${first.unit.name}/${first.type}`,
    );
  }
}

/** A loop instead of recursion: a chain may be as long as there are units. */
function findCycle(units: UnitLookup, jobs: ReadonlyMap<Unit, PlannedJob>): PlannedJob[] | undefined {
  const done = new Set<PlannedJob>();
  for (const start of jobs.values()) {
    const path = [{ job: start, others: waitedFor(units, start, jobs) }];
    const onPath = new Set([start]);
    for (let top = path.at(-1); top !== undefined && !done.has(start); top = path.at(-1)) {
      const next = top.others.next();
      if (next.done === true) {
        path.pop();
        onPath.delete(top.job);
        done.add(top.job);
      } else if (onPath.has(next.value)) {
        const names = path.map(({ job }) => job);
        return names.slice(names.indexOf(next.value));
      } else if (!done.has(next.value)) {
        path.push({ job: next.value, others: waitedFor(units, next.value, jobs) });
        onPath.add(next.value);
      }
    }
  }
  return undefined;
}

/** The jobs among these that `job` must wait for; two units without order are independent. */
export function* waitedFor<J extends PlannedJob>(
  units: UnitLookup,
  job: PlannedJob,
  jobs: { get(unit: Unit): J | undefined },
): Generator<J> {
  for (const unit of unitsBefore(units, job.unit)) {
    const other = jobs.get(unit);
    if (other !== undefined && waitsFor(job, other, true)) yield other;
  }
  for (const unit of unitsAfter(units, job.unit)) {
    const other = jobs.get(unit);
    if (other !== undefined && waitsFor(job, other, false)) yield other;
  }
}

function hasEffect({ unit, type }: PlannedJob): boolean {
  // A job of another transaction may be about to change it.
  if (unit.job !== undefined) return true;
  const state = activeState(unit);
  if (type === 'start' || type === 'verify-active') return state !== 'active' && state !== 'reloading';
  if (type === 'stop') return state !== 'inactive' && state !== 'failed';
  return true;
}
