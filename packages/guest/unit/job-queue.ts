import { realtimeUs } from '@bhatti/sys/clock.ts';
import type { Journal } from '../journal/journal.ts';
import { formatCondition, unmetCondition } from './condition.ts';
import { mergeJobTypes, newJob, type Job, type JobResult } from './job.ts';
import { hasAny } from './ordering.ts';
import { blocks, dependents, type PlannedJob, type TransactionPlan, type UnitLookup } from './transaction.ts';
import { activeState, titleOf, type Unit } from './unit.ts';
import { isDown, isUp, recordStateTime } from './state-time.ts';
import type { ActiveState } from './service-table.ts';

/** The queued changes of all units: starts each when what it waits for is over, and ends each when its unit is where it should be. */
export class JobQueue {
  readonly #units: UnitLookup;
  readonly #journal: Journal;
  readonly #onJobChanged: (unit: Unit) => void;
  #isRunning = false;
  #isRunWanted = false;

  constructor(units: UnitLookup, journal: Journal, onJobChanged: (unit: Unit) => void) {
    this.#units = units;
    this.#journal = journal;
    this.#onJobChanged = onJobChanged;
  }

  /** Puts a plan's jobs in place of contradicting ones and beside agreeing ones. The anchor's job is returned; undefined when there was nothing to do. */
  commit(plan: TransactionPlan, anchor: Unit): Job | undefined {
    for (const warning of plan.warnings) this.#journal.message(anchor.name, warning, 4);
    for (const planned of plan.jobs) this.#install(planned);
    // Only when all that is asked for in one go is queued, so that each waits for those it is ordered after.
    queueMicrotask(() => this.run());
    return anchor.job;
  }

  /** A job that an earlier lohar had. */
  adopt(unit: Unit, type: Job['type']): Job {
    return (unit.job ??= newJob(unit, type));
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
        for (const unit of this.#units.loaded()) {
          const { job } = unit;
          if (job?.state === 'waiting' && this.#isRunnable(job)) this.#perform(job);
        }
      } while (this.#isRunWanted);
    } finally {
      this.#isRunning = false;
    }
  }

  /** A unit went from one state to another, by a job or by itself. */
  unitChanged(unit: Unit, from: ActiveState, to: ActiveState): void {
    const { job } = unit;
    if (job?.state === 'running') this.#advance(job, to);
    this.#isRunWanted = true;
    if (!isDown(from) && isDown(to) && job?.type !== 'stop' && job?.type !== 'restart') this.#stopBound(unit);
    this.run();
  }

  cancel(job: Job): void {
    this.#finish(job, 'canceled');
  }

  #install({ unit, type }: PlannedJob): void {
    const before = unit.job;
    if (before === undefined) {
      unit.job = newJob(unit, type);
    } else {
      const merged = mergeJobTypes(before.type, type);
      if (merged === undefined) {
        this.#finish(before, 'canceled');
        unit.job = newJob(unit, type);
      } else if (merged !== before.type) {
        before.type = merged;
        before.state = 'waiting';
      }
    }
    this.#onJobChanged(unit);
  }

  #isRunnable(job: Job): boolean {
    for (const other of this.#units.loaded())
      if (other.job !== undefined && other.job !== job && blocks(job, other.job)) return false;
    return true;
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
        job.state = 'running';
        return this.#stop(unit);
      case 'restart':
        // Stopped already, so the second half is left.
        if (isDown(state)) {
          job.type = 'start';
          this.#onJobChanged(unit);
          return this.#performStart(job, state);
        }
        job.state = 'running';
        return this.#stop(unit);
      case 'reload':
        if (!isUp(state)) return this.#finish(job, 'invalid');
        job.state = 'running';
        if (unit.body.kind !== 'service') return this.#finish(job, 'done');
        unit.body.service.happen('reload');
        if (activeState(unit) === 'active') this.#finish(job, 'done');
    }
  }

  #performStart(job: Job, state: ActiveState): void {
    const { unit } = job;
    if (isUp(state)) return this.#end(job, 'done');
    // It comes again when it has stopped.
    if (state === 'deactivating') return;
    const isWaitingForRestart = unit.body.kind === 'service' && unit.body.service.record.state === 'auto-restart';
    job.state = 'running';
    if (state === 'activating' && !isWaitingForRestart) return;
    const failure = this.#obstacle(unit);
    if (failure !== undefined) return this.#finish(job, failure);
    const unmet = unmetCondition(unit.definition.conditions.filter((condition) => !condition.isAssert));
    unit.unmet = unmet === undefined ? undefined : { condition: unmet, atUs: realtimeUs() };
    if (unmet !== undefined) {
      this.#journal.message(
        unit.name,
        `${titleOf(unit)} was skipped because of an unmet condition check (${formatCondition(unmet)}).`,
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
      this.#journal.message(
        unit.name,
        `Starting ${titleOf(unit)} failed: assertion ${formatCondition(unmet)} does not hold.`,
        3,
      );
      return 'assert';
    }
    for (const name of unit.definition.dependencies.Requisite) {
      const other = this.#units.load(name);
      if (other !== undefined && !isUp(activeState(other))) return 'dependency';
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
    this.#onJobChanged(unit);
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
        this.#journal.message(job.unit.name, `Stopped ${titleOf(job.unit)}.`);
        job.type = 'start';
        job.state = 'waiting';
        return this.#onJobChanged(job.unit);
      case 'reload':
        if (isUp(state) && state !== 'reloading') this.#finish(job, 'done');
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
    this.#onJobChanged(unit);
    job.finish(result);
    if (job.type === 'start' && result !== 'done' && result !== 'canceled') this.#failDependents(unit);
    this.#isRunWanted = true;
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
    } else if (type === 'start' && result === 'failed') {
      say(`Failed to ${unit.definition.type === 'socket' ? 'listen on' : 'start'} ${title}.`, 3);
    } else if (type === 'stop' && result === 'done') {
      if (unit.body.kind === 'target') say(`Stopped target ${title}.`);
      else say(`${unit.definition.type === 'socket' ? 'Closed' : 'Stopped'} ${title}.`);
    } else if (type === 'reload' && result === 'done') {
      say(`Reloaded ${title}.`);
    }
  }

  /** Those that were to start with it cannot. */
  #failDependents(unit: Unit): void {
    for (const other of dependents(this.#units, unit, ['Requires', 'Requisite', 'BindsTo'])) {
      const { job } = other;
      if (job !== undefined && job.state === 'waiting' && (job.type === 'start' || job.type === 'verify-active'))
        this.#finish(job, 'dependency');
    }
  }

  /** `BindsTo=` holds for a unit that goes by itself, too (systemd.unit(5)). */
  #stopBound(unit: Unit): void {
    for (const other of this.#units.loaded()) {
      if (isDown(activeState(other)) || other.job?.type === 'stop') continue;
      if (hasAny(other.definition.dependencies.BindsTo, unit.definition)) this.#install({ unit: other, type: 'stop' });
    }
  }
}
