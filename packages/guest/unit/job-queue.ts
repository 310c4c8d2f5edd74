import { boottimeUs, realtimeUs } from '@bhatti/sys/clock.ts';
import type { Journal } from '../journal/journal.ts';
import { formatCondition, unmetCondition } from './condition.ts';
import { JobTimer } from './job-timer.ts';
import { mergeJobTypes, newJob, type Job, type JobResult, type JobType } from './job.ts';
import { waitedFor, type TransactionPlan, type UnitLookup } from './transaction.ts';
import { activeState, titleOf, type Unit } from './unit.ts';
import type { StoredJob } from './unit-store.ts';
import { isDown, isUp, recordStateTime } from './state-time.ts';
import type { ActiveState } from './service-table.ts';

const quietWithinMs = 5_000; // systemd.service(5), Type=idle

export interface JobListener {
  /** A unit's job, or the state of a unit without a record of its own, has changed. */
  onChanged(unit: Unit): void;
  /** A unit went down or up, or lost its job: others may have to follow it. */
  onSettled(unit: Unit): void;
}

/** The queued changes of all units: starts each when what it waits for is over, and ends each when its unit is where it should be. */
export class JobQueue {
  readonly #units: UnitLookup;
  readonly #journal: Journal;
  readonly #listener: JobListener;
  readonly #jobs = new Map<Unit, Job>();
  readonly #timer = new JobTimer((job) => this.#finish(job, 'timeout'));
  readonly #waitingForQuiet = new Set<() => void>();
  #isRunning = false;
  #isRunWanted = false;

  constructor(units: UnitLookup, journal: Journal, listener: JobListener) {
    this.#units = units;
    this.#journal = journal;
    this.#listener = listener;
  }

  /** Puts a plan's jobs in place of contradicting ones and beside agreeing ones. The anchor's job is returned; undefined when there was nothing to do. */
  commit(plan: TransactionPlan, anchor: Unit): Job | undefined {
    for (const warning of plan.warnings) this.#journal.message(anchor.name, warning, 4);
    if (plan.mode === 'flush' || plan.mode === 'isolate') {
      const kept = new Set(plan.jobs.map((planned) => planned.unit));
      for (const job of this.#jobs.values())
        if (!kept.has(job.unit) && !job.isIrreversible) this.#finish(job, 'canceled');
    }
    for (const { unit, type } of plan.jobs) {
      const job = this.#install(unit, type);
      if (plan.mode === 'replace-irreversibly') job.isIrreversible = true;
      if (plan.mode === 'ignore-dependencies' && unit === anchor) job.ignoresOrder = true;
    }
    // Only when all that is asked for in one go is queued, so that each waits for those it is ordered after.
    queueMicrotask(() => this.run());
    return anchor.job;
  }

  /** A job that an earlier lohar had. */
  adopt(unit: Unit, stored: StoredJob): void {
    const job = newJob(unit, stored.type, stored.queuedBootUs, stored.id);
    job.state = stored.isRunning ? 'running' : 'waiting';
    job.startedBootUs = stored.startedBootUs;
    this.#add(job);
  }

  /** Starts every job that waits for nothing any more. */
  run(): void {
    if (this.#isRunning) {
      this.#isRunWanted = true;
      return;
    }
    this.#isRunning = true;
    try {
      do {
        this.#isRunWanted = false;
        for (const job of this.#jobs.values()) if (job.state === 'waiting' && this.#isRunnable(job)) this.#perform(job);
      } while (this.#isRunWanted);
    } finally {
      this.#isRunning = false;
    }
    if (this.#jobs.size === 0) this.#beQuiet();
  }

  /** A unit went from one state to another, by a job or by itself. */
  unitChanged(unit: Unit, from: ActiveState, to: ActiveState): void {
    const { job } = unit;
    if (job?.state === 'running') this.#advance(job, to);
    this.#isRunWanted = true;
    if (!isDown(from) && isDown(to) && job?.type !== 'stop' && job?.type !== 'restart') this.#stopBound(unit);
    this.run();
    if (isDown(from) !== isDown(to)) this.#listener.onSettled(unit);
  }

  cancel(job: Job): void {
    this.#finish(job, 'canceled');
  }

  /** Calls back when no job is left, or after a while. */
  whenQuiet(callback: () => void): void {
    if (this.#jobs.size === 0) return callback();
    const call = () => {
      clearTimeout(timer);
      this.#waitingForQuiet.delete(call);
      callback();
    };
    const timer = setTimeout(call, quietWithinMs);
    this.#waitingForQuiet.add(call);
  }

  #beQuiet(): void {
    for (const call of this.#waitingForQuiet) call();
  }

  #install(unit: Unit, type: JobType): Job {
    const before = unit.job;
    const merged = before === undefined ? undefined : mergeJobTypes(before.type, type);
    if (before === undefined || merged === undefined) {
      const job = newJob(unit, type, boottimeUs());
      if (before !== undefined) this.#finish(before, 'canceled');
      this.#add(job);
      return job;
    }
    if (merged !== before.type) {
      before.type = merged;
      before.state = 'waiting';
      this.#listener.onChanged(unit);
    }
    return before;
  }

  #add(job: Job): void {
    job.unit.job = job;
    this.#jobs.set(job.unit, job);
    this.#timer.watch(job);
    this.#listener.onChanged(job.unit);
  }

  #isRunnable(job: Job): boolean {
    if (job.ignoresOrder) return true;
    for (const other of waitedFor(this.#units, job, this.#jobs)) if (other !== job) return false;
    return true;
  }

  #begin(job: Job): void {
    job.state = 'running';
    job.startedBootUs ??= boottimeUs();
    this.#timer.watch(job);
    this.#listener.onChanged(job.unit);
  }

  #perform(job: Job): void {
    const { unit } = job;
    const state = activeState(unit);
    switch (job.type) {
      case 'verify-active':
        if (isUp(state)) return this.#end(job, 'done');
        if (state !== 'activating') this.#finish(job, 'skipped');
        return;
      case 'start':
        return this.#performStart(job, state);
      case 'stop':
        if (isDown(state)) return this.#end(job, 'done');
        this.#begin(job);
        return this.#stop(unit);
      case 'restart':
        // Stopped already, so the second half is left.
        if (isDown(state)) {
          job.type = 'start';
          this.#listener.onChanged(unit);
          return this.#performStart(job, state);
        }
        this.#begin(job);
        return this.#stop(unit);
      case 'reload':
        if (!isUp(state)) return this.#finish(job, 'invalid');
        this.#begin(job);
        if (unit.body.kind !== 'service') return this.#finish(job, 'done');
        unit.body.service.happen('reload');
        if (activeState(unit) === 'reloading') this.#journal.message(unit.name, `Reloading ${titleOf(unit)}...`);
        if (activeState(unit) === 'active') this.#finish(job, 'done');
    }
  }

  #performStart(job: Job, state: ActiveState): void {
    const { unit } = job;
    if (isUp(state)) return this.#end(job, 'done');
    // It comes again when it has stopped.
    if (state === 'deactivating') return;
    // So it does by itself, when it is time (systemd.service(5), RestartSec=).
    if (unit.body.kind === 'service' && unit.body.service.record.state === 'auto-restart') return;
    this.#begin(job);
    if (state === 'activating') return;
    const failure = this.#obstacle(unit);
    if (failure !== undefined) return this.#finish(job, failure);
    const unmet = unmetCondition(unit.definition.conditions.filter((condition) => !condition.isAssert));
    unit.unmet = unmet === undefined ? undefined : { condition: unmet, atUs: realtimeUs() };
    if (unmet !== undefined) {
      this.#journal.message(
        unit.name,
        `${titleOf(unit)} was skipped because ${
          unmet.trigger
            ? 'no trigger condition checks were met'
            : `of an unmet condition check (${formatCondition(unmet)})`
        }.`,
      );
      return this.#end(job, 'done');
    }
    if (!this.#start(unit)) return this.#finish(job, 'failed');
    if (unit.job === job && activeState(unit) === 'activating')
      this.#journal.message(unit.name, `Starting ${titleOf(unit)}...`);
  }

  #obstacle(unit: Unit): JobResult | undefined {
    if (unit.definition.loadState !== 'loaded') return 'invalid';
    const unmet = unmetCondition(unit.definition.conditions.filter((condition) => condition.isAssert));
    if (unmet !== undefined) {
      this.#journal.message(unit.name, `${unit.name}: Starting requested but asserts failed.`, 5);
      return 'assert';
    }
    const { Requisite, BindsTo, After } = unit.definition.dependencies;
    for (const name of [...Requisite, ...[...BindsTo].filter((bound) => After.has(bound))]) {
      const other = this.#units.load(name);
      if (other === undefined || isUp(activeState(other))) continue;
      if (BindsTo.has(name))
        this.#journal.message(unit.name, `${unit.name}: Bound to unit ${other.name}, but unit isn't active.`, 5);
      return 'dependency';
    }
    return undefined;
  }

  /** False when the unit refuses. */
  #start(unit: Unit): boolean {
    if (unit.body.kind === 'trigger') return unit.body.trigger.start();
    if (unit.body.kind === 'service') unit.body.service.happen('start');
    if (unit.body.kind === 'target') this.#setTarget(unit, true);
    return true;
  }

  #stop(unit: Unit): void {
    if (unit.body.kind === 'target') return this.#setTarget(unit, false);
    if (unit.body.kind === 'trigger') return unit.body.trigger.stop();
    if (unit.body.kind !== 'service') return;
    unit.body.service.happen('stop');
    if (activeState(unit) === 'deactivating') this.#journal.message(unit.name, `Stopping ${titleOf(unit)}...`);
  }

  #setTarget(unit: Unit, isActive: boolean): void {
    if (unit.body.kind !== 'target') return;
    const from = activeState(unit);
    unit.body.isActive = isActive;
    recordStateTime(unit.body.times, from, activeState(unit));
    this.#listener.onChanged(unit);
    this.unitChanged(unit, from, activeState(unit));
  }

  /** The unit of a running job has changed. */
  #advance(job: Job, state: ActiveState): void {
    switch (job.type) {
      case 'start':
      case 'verify-active':
        if (isUp(state)) this.#finish(job, 'done');
        else if (state === 'failed') this.#finish(job, 'failed');
        else if (state === 'inactive') this.#finish(job, 'done');
        return;
      case 'stop':
        if (isDown(state)) this.#finish(job, 'done');
        return;
      case 'restart':
        if (!isDown(state)) return;
        this.#journal.message(job.unit.name, stoppedText(job.unit));
        job.type = 'start';
        job.state = 'waiting';
        job.startedBootUs = undefined;
        return this.#listener.onChanged(job.unit);
      case 'reload':
        if (isUp(state) && state !== 'reloading') this.#finish(job, hasReloadFailed(job.unit) ? 'failed' : 'done');
        else if (isDown(state)) this.#finish(job, 'failed');
    }
  }

  #finish(job: Job, result: JobResult): void {
    this.#announceEnd(job, result);
    this.#end(job, result);
  }

  /** Without a word in the journal: nothing has happened to the unit. */
  #end(job: Job, result: JobResult): void {
    const { unit } = job;
    if (unit.job === job) unit.job = undefined;
    if (this.#jobs.get(unit) === job) this.#jobs.delete(unit);
    this.#timer.forget(job);
    this.#listener.onChanged(unit);
    job.finish(result);
    if ((job.type === 'start' || job.type === 'verify-active') && result !== 'done' && result !== 'canceled')
      this.#failDependents(unit);
    this.#isRunWanted = true;
    if (isDown(activeState(unit))) this.#listener.onSettled(unit);
  }

  #announceEnd(job: Job, result: JobResult): void {
    const { unit, type } = job;
    const title = titleOf(unit);
    const say = (text: string, priority?: number) => this.#journal.message(unit.name, text, priority);
    if (type === 'start' && result === 'done') {
      if (unit.body.kind === 'target') say(`Reached target ${title}.`);
      else if (unit.definition.type === 'socket') say(`Listening on ${title}.`);
      else say(`${unit.definition.service?.type === 'oneshot' ? 'Finished' : 'Started'} ${title}.`);
    } else if (type === 'start' && result === 'dependency') {
      say(`Dependency failed for ${title}.`, 4);
      say(`${unit.name}: Job ${unit.name}/${type} failed with result 'dependency'.`, 5);
    } else if (type === 'start' && result === 'assert') {
      say(`Assertion failed for ${title}.`, 4);
    } else if (type === 'start' && result === 'failed') {
      say(`Failed to ${unit.definition.type === 'socket' ? 'listen on' : 'start'} ${title}.`, 3);
    } else if (type === 'stop' && result === 'done') {
      say(stoppedText(unit));
    } else if (result === 'timeout') {
      say(`${unit.name}: Job ${unit.name}/${type} timed out.`, 4);
      if (type === 'start') say(`Timed out starting ${title}.`, 3);
    } else if (type === 'reload' && result === 'done') {
      say(`Reloaded ${title}.`);
    } else if (type === 'reload' && result === 'failed') {
      say(`Reload failed for ${title}.`, 3);
    }
  }

  /** Those that were to start with it cannot. */
  #failDependents(unit: Unit): void {
    for (const { job } of this.#units.dependents(unit, ['Requires', 'Requisite', 'BindsTo'])) {
      if (job !== undefined && job.state === 'waiting' && (job.type === 'start' || job.type === 'verify-active'))
        this.#finish(job, 'dependency');
    }
  }

  /** `BindsTo=` holds for a unit that goes by itself, too (systemd.unit(5)). */
  #stopBound(unit: Unit): void {
    for (const other of this.#units.dependents(unit, ['BindsTo']))
      if (!isDown(activeState(other)) && other.job?.type !== 'stop') this.#install(other, 'stop');
  }
}

function hasReloadFailed({ body }: Unit): boolean {
  return body.kind === 'service' && body.service.record.hasReloadFailed;
}

function stoppedText(unit: Unit): string {
  if (unit.body.kind === 'target') return `Stopped target ${titleOf(unit)}.`;
  return `${unit.definition.type === 'socket' ? 'Closed' : 'Stopped'} ${titleOf(unit)}.`;
}
