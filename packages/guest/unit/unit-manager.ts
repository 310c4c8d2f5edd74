import { statSync } from 'node:fs';
import { STREAMS } from '../journal/layout.ts';
import type { DependencyKind, JobMode } from './definition.ts';
import { DependencyIndex } from './dependency-index.ts';
import { JobQueue } from './job-queue.ts';
import type { Job, JobResult, JobType } from './job.ts';
import { loadUnit } from './load.ts';
import { Service } from './service.ts';
import type { ServiceContext } from './service-processes.ts';
import { monitorVariables } from './service-result.ts';
import { newServiceRecord, type ServiceRecord } from './service-record.ts';
import { ACTIVE_STATES, type ActiveState, type ServiceState } from './service-table.ts';
import { isDown } from './state-time.ts';
import { planTransaction, reloadedWith, TransactionError, type UnitLookup } from './transaction.ts';
import { unusedUnits } from './unit-collection.ts';
import { Following } from './unit-following.ts';
import { hasTransientTimer, isTransient, removeTransient } from './transient.ts';
import { Triggers } from './triggers.ts';
import { activeState, type Unit, type UnitBody } from './unit.ts';
import { UNIT_DIRECTORIES } from './unit-path.ts';
import type { StoredUnit, UnitStore } from './unit-store.ts';

export interface UnitManagerOptions {
  readonly context: Omit<ServiceContext, 'handover'>;
  readonly store: UnitStore;
  readonly directories?: readonly string[];
}

/** All units of this sandbox: what is in memory, and the one way to change it. */
export class UnitManager implements UnitLookup {
  readonly #options: UnitManagerOptions;
  readonly #directories: readonly string[];
  readonly #byName = new Map<string, Unit>();
  readonly #units = new Set<Unit>();
  readonly #jobs: JobQueue;
  readonly #context: ServiceContext;
  readonly #triggers: Triggers;
  readonly #following: Following;
  readonly #loadedAt = new Map<Unit, string>();
  /** By the path of the unit file. */
  readonly #warnedOf = new Map<string, string>();
  readonly #index = new DependencyIndex();
  #isCommitQueued = false;
  readonly #waiting = new Set<() => void>();
  /** The sandbox ends: nothing is started any more. */
  isStopping = false;

  constructor(options: UnitManagerOptions) {
    this.#options = options;
    this.#directories = options.directories ?? UNIT_DIRECTORIES;
    this.#jobs = new JobQueue(this, options.context.journal, {
      onChanged: (unit) => this.#save(unit),
      onSettled: (unit) => this.#following.followSoon(unit),
    });
    this.#following = new Following(this, {
      trySubmit: (unit, type) => this.#trySubmit(unit, type, 'fail'),
      onFollowed: (unit) => this.#forgetFailed(unit),
      say: (unit, text, priority) => this.#say(unit, text, priority),
    });
    this.#context = { ...options.context, handover: (unit, settings) => this.#triggers.handover(unit, settings) };
    this.#triggers = new Triggers(this.#context, {
      load: (name) => this.load(name),
      loadFresh: (name) => this.loadFresh(name),
      triggersOf: (unit) => this.dependents(unit, ['Triggers']),
      start: (unit) => void this.submit(unit, 'start'),
      forget: (unit) => this.#forgetForGood(unit),
      save: (unit) => this.#save(unit),
      commit: () => this.commit(),
      relate: (unit) => this.#index.add(unit),
      stateChanged: (unit, from, to) => this.#triggerChanged(unit, from, to),
    });
  }

  loaded(): Iterable<Unit> {
    return this.#units;
  }

  known(name: string): Unit | undefined {
    return this.#byName.get(name);
  }

  dependents(unit: Unit, kinds: readonly DependencyKind[]): Unit[] {
    return this.#index.dependents(unit, kinds);
  }

  /** A unit by any of its names, read from disk the first time. Undefined when no unit can have this name. */
  load(name: string): Unit | undefined {
    const known = this.#byName.get(name);
    if (known !== undefined) return known;
    const definition = loadUnit(name, this.#directories);
    if (definition === undefined) return undefined;
    const same = this.#byName.get(definition.name);
    if (same !== undefined) {
      // Another name of a unit that is in memory.
      same.definition = { ...same.definition, names: new Set([...same.definition.names, ...definition.names]) };
      this.#byName.set(name, same);
      this.#index.add(same);
      return same;
    }
    return this.#add(definition, undefined);
  }

  /** The same, but a unit that rests is read again when its files have changed: nobody needs daemon-reload for a unit that systemd would have forgotten. */
  loadFresh(name: string): Unit | undefined {
    const unit = this.load(name);
    if (unit === undefined || !isIdle(unit)) return unit;
    // What had no file may have one now.
    if (unit.definition.loadState !== 'not-found' && !this.isChangedOnDisk(unit)) return unit;
    this.#reread(unit);
    // What could not be loaded before may be of another kind now.
    return this.load(name);
  }

  isChangedOnDisk(unit: Unit): boolean {
    return this.#loadedAt.get(unit) !== stampOf(unit);
  }

  /** Queues what is asked with all that comes with it. Resolves with the end of the unit's own job; throws a TransactionError when it cannot be. */
  submit(unit: Unit, type: JobType, mode: JobMode = 'replace'): { job: Job | undefined; finished: Promise<JobResult> } {
    try {
      const job = this.#jobs.commit(planTransaction(this, unit, type, mode), unit);
      return { job, finished: job?.finished ?? Promise.resolve('done') };
    } catch (error) {
      if (error instanceof TransactionError)
        for (const warning of error.warnings) this.#options.context.journal.message(unit.name, warning, 4);
      throw error;
    }
  }

  cancel(job: Job): void {
    this.#jobs.cancel(job);
    this.#jobs.run();
  }

  /** Resolves when this holds, looked at whenever a unit or a job has changed. */
  until(holds: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (!holds()) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
      look();
    });
  }

  /** Reads one unit's files again. */
  reload(unit: Unit): void {
    this.#reread(unit);
  }

  /** Reads every unit file again. What runs goes on; its new settings hold from the next command on. */
  reloadAll(): void {
    for (const unit of this.#units) this.#reread(unit);
    // A name may lead to another unit now.
    for (const [name, unit] of this.#byName)
      if (name !== unit.name && loadUnit(name, this.#directories)?.name !== unit.name) this.#byName.delete(name);
  }

  /** systemctl(1), reset-failed: state, counters and the rate limit of starts. */
  resetFailed(unit: Unit): void {
    if (unit.body.kind === 'service') unit.body.service.forgetFailure();
    if (unit.body.kind === 'trigger') unit.body.trigger.forgetFailure();
    this.#collectSoon(unit);
  }

  /** Forgets what nobody uses, so that names that somebody asked for do not fill the memory; a unit that is asked for again is read anew. */
  collect(): void {
    // A transient unit goes with its file, when its maker says.
    for (const unit of unusedUnits(this)) if (!isTransient(unit.definition)) this.forget(unit);
  }

  forget(unit: Unit): void {
    for (const [name, known] of this.#byName) if (known === unit) this.#byName.delete(name);
    this.#units.delete(unit);
    this.#index.remove(unit);
    this.#triggers.forget(unit);
    this.#following.forget(unit);
    this.#loadedAt.delete(unit);
    this.#options.store.remove(unit.name);
    this.#commitSoon();
  }

  /** Takes up what an earlier lohar of this boot had: processes, states, jobs. */
  adopt(): void {
    const { store, context } = this.#options;
    const stored = store.loadAll();
    for (const record of stored) {
      const definition = loadUnit(record.name, this.#directories);
      if (definition === undefined || this.#byName.has(record.name)) continue;
      this.#add({ ...definition, name: record.name }, record);
    }
    const adopted = stored.flatMap((record) => {
      const unit = this.#byName.get(record.name);
      return unit === undefined ? [] : [{ unit, record }];
    });
    for (const { unit, record } of adopted) if (record.job !== undefined) this.#jobs.adopt(unit, record.job);
    // A service may be about to be given them.
    this.#triggers.adoptDescriptors();
    for (const { unit } of adopted) {
      if (unit.body.kind !== 'service') continue;
      if (!isDown(activeState(unit))) for (const stream of STREAMS) context.journal.fifo(unit.name, stream);
      unit.body.service.adopt();
    }
    this.#triggers.adopt();
    for (const { unit } of adopted) this.#following.followSoon(unit);
    context.descriptors.dropRest();
    this.#jobs.run();
    for (const unit of this.#units) this.#collectSoon(unit);
  }

  /** Whether this boot's units have been asked for already, by an earlier lohar. */
  wasStored(name: string): boolean {
    return this.#options.store.loadAll().some((stored) => stored.name === name);
  }

  /** What has been changed is on disk when this returns. */
  commit(): void {
    this.#options.store.commit();
  }

  /** Stops all services and what would start them again, each after those that are ordered after it. */
  async stopAll(): Promise<void> {
    this.isStopping = true;
    const running = [...this.#units].filter(
      (unit) => (unit.body.kind === 'service' || unit.body.kind === 'trigger') && !isDown(activeState(unit)),
    );
    await Promise.all(
      running.map(async (unit) => {
        try {
          return await this.submit(unit, 'stop').finished;
        } catch (error) {
          if (error instanceof TransactionError) return undefined; // it stops with PID 1
          throw error;
        }
      }),
    );
  }

  #add(definition: Unit['definition'], stored: StoredUnit | undefined): Unit {
    const unit: Unit = { name: definition.name, definition, body: { kind: 'none' }, job: undefined, unmet: undefined };
    Object.assign(unit, { body: this.#bodyOf(unit, stored) });
    this.#units.add(unit);
    for (const name of definition.names) this.#byName.set(name, unit);
    this.#byName.set(unit.name, unit);
    this.#index.add(unit);
    this.#loadedAt.set(unit, stampOf(unit));
    this.#warn(unit);
    return unit;
  }

  #bodyOf(unit: Unit, stored: StoredUnit | undefined): UnitBody {
    const { definition } = unit;
    if (definition.service !== undefined || stored?.service !== undefined)
      return { kind: 'service', service: this.#newService(unit, { ...newServiceRecord(), ...stored?.service }) };
    const trigger = this.#triggers.create(unit, stored?.trigger);
    if (trigger !== undefined) return { kind: 'trigger', trigger };
    // A built-in unit of another type stands for what is there anyway: something to be ordered by.
    const isBuiltin = definition.fragmentPath === undefined && definition.loadState === 'loaded';
    if (definition.type !== 'target' && !isBuiltin) return { kind: 'none' };
    const times = { stateChangeUs: 0, inactiveExitUs: 0, activeEnterUs: 0, activeExitUs: 0, inactiveEnterUs: 0 };
    return { kind: 'target', isActive: stored?.isTargetActive ?? false, times };
  }

  #newService(unit: Unit, record: ServiceRecord): Service {
    return new Service(unit.definition, record, this.#context, {
      onRecorded: () => this.#save(unit),
      commit: () => this.commit(),
      onRestartDue: () => this.#restart(unit),
      onOwnReload: () => {
        for (const other of reloadedWith(this, unit)) this.#trySubmit(other, 'reload', 'fail');
      },
      isStartQueued: () => unit.job !== undefined && unit.job.type !== 'stop',
      isRestarting: () => unit.job?.type === 'restart',
      whenQuiet: (callback) => this.#jobs.whenQuiet(callback),
      onStateChanged: (from, to) => this.#serviceChanged(unit, from, to),
    });
  }

  #serviceChanged(unit: Unit, from: ServiceState, to: ServiceState): void {
    const willRestart = unit.body.kind === 'service' && unit.body.service.record.willRestart;
    if (to === 'failed' && !willRestart) this.#startAfter(unit, 'OnFailure');
    if (to === 'dead' && !willRestart && !isDown(ACTIVE_STATES[from]) && from !== 'auto-restart')
      this.#startAfter(unit, 'OnSuccess');
    this.#jobs.unitChanged(unit, ACTIVE_STATES[from], ACTIVE_STATES[to]);
    this.#collectSoon(unit);
  }

  #triggerChanged(unit: Unit, from: ActiveState, to: ActiveState): void {
    if (to === 'failed' && from !== 'failed') this.#startAfter(unit, 'OnFailure');
    this.#jobs.unitChanged(unit, from, to);
    this.#collectSoon(unit);
  }

  /** A unit that a program made goes when it has done its work; one that failed stays to be looked at, unless its maker says otherwise. */
  #collectSoon(unit: Unit): void {
    if (!isTransient(unit.definition)) return;
    // What comes next of a restart or of a job is known only then.
    setImmediate(() => {
      if (!this.#units.has(unit) || !isIdle(unit)) return;
      if (activeState(unit) === 'failed' && unit.definition.jobs.collectMode === 'inactive') return;
      if (unit.definition.type === 'service' && hasTransientTimer(unit.name)) return;
      removeTransient(unit.name);
      this.#forgetForGood(unit);
      // What a timer was made with stays as long as the timer does.
      for (const name of unit.definition.dependencies.Triggers) {
        const triggered = this.known(name);
        if (triggered !== undefined) this.#collectSoon(triggered);
      }
    });
  }

  /** One of a name that will not be used again: nothing of it stays open. */
  #forgetForGood(unit: Unit): void {
    this.forget(unit);
    this.#options.context.journal.forget(unit.name);
  }

  #forgetFailed(unit: Unit): void {
    const isForgettable = unit.definition.jobs.collectMode === 'inactive-or-failed' && isIdle(unit);
    if (isForgettable && this.#units.has(unit) && activeState(unit) === 'failed') this.forget(unit);
  }

  #restart(unit: Unit): void {
    const why = this.#trySubmit(unit, 'restart', 'replace');
    if (why === undefined) return;
    this.#say(unit, `Failed to schedule restart job: ${why}`, 4);
    if (unit.body.kind === 'service') unit.body.service.happen('stop');
  }

  /** Answers why it could not be done. */
  #trySubmit(unit: Unit, type: JobType, mode: JobMode): string | undefined {
    try {
      this.submit(unit, type, mode);
      return undefined;
    } catch (error) {
      if (error instanceof TransactionError) return error.message;
      throw error;
    }
  }

  #startAfter(unit: Unit, kind: 'OnFailure' | 'OnSuccess'): void {
    const { dependencies, jobs } = unit.definition;
    const mode = kind === 'OnFailure' ? jobs.onFailureJobMode : jobs.onSuccessJobMode;
    if (dependencies[kind].size > 0) this.#say(unit, `Triggering ${kind}= dependencies.`);
    for (const name of dependencies[kind]) {
      const other = this.loadFresh(name);
      if (other?.body.kind === 'service' && unit.body.kind === 'service')
        other.body.service.record.monitored = monitorVariables(unit.name, unit.body.service.record);
      const why = other === undefined ? undefined : this.#trySubmit(other, 'start', mode);
      if (why !== undefined) this.#say(unit, `Failed to enqueue ${kind}= job, ignoring: ${why}`, 4);
    }
  }

  /** Once for each state of the files: a unit that rests is read whenever somebody asks for it. */
  #warn(unit: Unit): void {
    const { warnings, fragmentPath } = unit.definition;
    if (warnings.length === 0) return;
    const stamp = stampOf(unit);
    if (fragmentPath !== undefined && this.#warnedOf.get(fragmentPath) === stamp) return;
    if (fragmentPath !== undefined) this.#warnedOf.set(fragmentPath, stamp);
    for (const warning of warnings) this.#options.context.journal.message(unit.name, warning, 4);
  }

  #say(unit: Unit, text: string, priority = 6): void {
    this.#options.context.journal.message(unit.name, `${unit.name}: ${text}`, priority);
  }

  #reread(unit: Unit): void {
    const definition = loadUnit(unit.name, this.#directories);
    if (definition === undefined) return;
    const isOther = definition.name !== unit.name || bodyKindOf(definition) !== unit.body.kind;
    if (isIdle(unit) && (isOther || definition.loadState !== 'loaded')) return this.forget(unit);
    // A unit whose file has gone while it runs goes on by the settings that it was started with.
    const service = definition.service ?? unit.definition.service;
    const trigger = definition.trigger ?? unit.definition.trigger;
    const names = new Set([...definition.names, ...unit.definition.names]);
    unit.definition = { ...definition, service, trigger, names };
    this.#index.add(unit);
    if (unit.body.kind === 'service') unit.body.service.definition = unit.definition;
    if (unit.body.kind === 'trigger') unit.body.trigger.reloaded();
    this.#loadedAt.set(unit, stampOf(unit));
    this.#warn(unit);
  }

  #save(unit: Unit): void {
    if (this.#waiting.size > 0) queueMicrotask(() => this.#waiting.forEach((look) => look()));
    if (!this.#units.has(unit)) return;
    this.#options.store.changed(unit.name, () => storedUnit(unit));
    this.#commitSoon();
    this.#triggers.noteChange(unit);
  }

  /** At the latest when all that one event brings about is done. */
  #commitSoon(): void {
    if (this.#isCommitQueued) return;
    this.#isCommitQueued = true;
    queueMicrotask(() => {
      this.#isCommitQueued = false;
      this.commit();
    });
  }
}

function storedUnit(unit: Unit): StoredUnit {
  const { job } = unit;
  return {
    name: unit.name,
    job:
      job === undefined
        ? undefined
        : {
            id: job.id,
            type: job.type,
            isRunning: job.state === 'running',
            queuedBootUs: job.queuedBootUs,
            startedBootUs: job.startedBootUs,
          },
    service: unit.body.kind === 'service' ? unit.body.service.record : undefined,
    isTargetActive: unit.body.kind === 'target' ? unit.body.isActive : undefined,
    trigger: unit.body.kind === 'trigger' ? unit.body.trigger.record : undefined,
  };
}

function bodyKindOf({ service, trigger, type }: Unit['definition']): UnitBody['kind'] {
  if (service !== undefined) return 'service';
  if (trigger !== undefined) return 'trigger';
  return type === 'target' ? 'target' : 'none';
}

function isIdle(unit: Unit): boolean {
  return isDown(activeState(unit)) && unit.job === undefined;
}

/** Changes whenever one of the unit's files does. */
function stampOf({ definition }: Unit): string {
  return [definition.fragmentPath, ...definition.dropInPaths]
    .map((path) => (path === undefined ? '' : String(statSync(path, { throwIfNoEntry: false })?.mtimeMs)))
    .join(' ');
}
