import type { Unit } from './unit.ts';

/** What can be asked of a unit. `try-restart` and `reload-or-start` are not among them: they are one of these once the unit's state is known. */
export type JobType = 'start' | 'verify-active' | 'stop' | 'restart' | 'reload';

/** How a job ended, in systemd's words. */
export type JobResult =
  | 'done'
  | 'canceled'
  | 'timeout'
  | 'failed'
  | 'dependency'
  | 'skipped'
  | 'invalid'
  | 'assert'
  | 'unsupported';

/** One queued change of one unit. There is at most one for each unit. */
export interface Job {
  readonly id: number;
  readonly unit: Unit;
  type: JobType;
  state: 'waiting' | 'running';
  /** It waits for no other unit (`--job-mode=ignore-dependencies`). */
  ignoresOrder: boolean;
  /** It gives way to no other (`--job-mode=replace-irreversibly`). */
  isIrreversible: boolean;
  readonly queuedBootUs: number;
  startedBootUs: number | undefined;
  readonly finished: Promise<JobResult>;
  readonly finish: (result: JobResult) => void;
}

let lastId = 0;

export function newJob(unit: Unit, type: JobType, queuedBootUs: number, id = (lastId += 1)): Job {
  // Those of an earlier lohar keep their numbers.
  lastId = Math.max(lastId, id);
  const { promise, resolve } = Promise.withResolvers<JobResult>();
  return {
    id,
    unit,
    type,
    state: 'waiting',
    ignoresOrder: false,
    isIrreversible: false,
    queuedBootUs,
    startedBootUs: undefined,
    finished: promise,
    finish: resolve,
  };
}

/** One job that does what both ask; undefined when they contradict each other. */
export function mergeJobTypes(a: JobType, b: JobType): JobType | undefined {
  if (a === b) return a;
  const pair = new Set([a, b]);
  if (pair.has('stop')) return undefined;
  if (pair.has('restart')) return 'restart';
  if (pair.has('start')) return pair.has('reload') ? 'reload' : 'start';
  return 'reload'; // reload and verify-active
}

/**
 * Whether `job` must wait for `other`, given whether its unit is ordered after the other's. Who stops goes first, in reverse order: of two units of which one is to be stopped (or stopped and started
 * again), the later one is stopped before the earlier one does anything.
 */
export function waitsFor(job: Pick<Job, 'type'>, other: Pick<Job, 'type'>, isAfter: boolean): boolean {
  const stops = (type: JobType) => type === 'stop' || type === 'restart';
  // Ordered after: wait, unless our stopping comes first.
  if (isAfter) return !stops(job.type);
  // Ordered before: wait only for the stopping of those after us.
  return stops(other.type);
}
