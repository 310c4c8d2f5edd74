import type { DescriptorStore } from '@bhatti/sys/descriptor-store.ts';
import { statSync } from 'node:fs';
import { STREAMS } from '../journal/layout.ts';
import { JobQueue } from './job-queue.ts';
import type { Job, JobResult, JobType } from './job.ts';
import { loadUnit } from './load.ts';
import { Service } from './service.ts';
import type { Role, ServiceContext } from './service-processes.ts';
import { newServiceRecord, type RunningProcess, type ServiceRecord } from './service-record.ts';
import type { UnitDefinition } from './definition.ts';
import { ACTIVE_STATES, type ActiveState } from './service-table.ts';
import { isDown } from './state-time.ts';
import { planTransaction, TransactionError, type UnitLookup } from './transaction.ts';
import { activeState, type Unit, type UnitBody } from './unit.ts';
import { Triggers } from './triggers.ts';
import { UNIT_DIRECTORIES } from './unit-path.ts';
import type { StoredUnit, UnitStore } from './unit-store.ts';

const worthKeepingMs = 50; // most commands beside the main process end sooner, and keeping costs a process

export interface UnitManagerOptions {
  readonly context: Omit<ServiceContext, 'handover'>;
  readonly store: UnitStore;
  readonly descriptors: DescriptorStore;
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
  readonly #loadedAt = new Map<Unit, string>();

  constructor(options: UnitManagerOptions) {
    this.#options = options;
    this.#directories = options.directories ?? UNIT_DIRECTORIES;
    this.#jobs = new JobQueue(this, options.context.journal, (unit) => this.#save(unit));
    this.#context = { ...options.context, handover: (unit, settings) => this.#triggers.handover(unit, settings) };
    this.#triggers = new Triggers(
      {
        load: (name) => this.load(name),
        start: (unit) => void this.submit(unit, 'start'),
        forget: (unit) => this.#forgetForGood(unit),
        save: (unit) => this.#save(unit),
        stateChanged: (unit, from, to) => this.#triggerChanged(unit, from, to),
      },
      this.#context,
      options.descriptors,
    );
  }

  loaded(): Iterable<Unit> {
    return this.#units;
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
      return same;
    }
    return this.#add(definition, undefined);
  }

  /** The same, but a unit that rests is read again when its files have changed: nobody needs daemon-reload for a unit that systemd would have forgotten. */
  loadFresh(name: string): Unit | undefined {
    const unit = this.load(name);
    if (unit === undefined || !isIdle(unit) || !this.isChangedOnDisk(unit)) return unit;
    this.#reread(unit);
    // What could not be loaded before may be of another kind now.
    return this.load(name);
  }

  isChangedOnDisk(unit: Unit): boolean {
    return this.#loadedAt.get(unit) !== stampOf(unit);
  }

  /** Queues what is asked with all that comes with it. Resolves with the end of the unit's own job; throws a TransactionError when it cannot be. */
  submit(unit: Unit, type: JobType): { job: Job | undefined; finished: Promise<JobResult> } {
    const job = this.#jobs.commit(planTransaction(this, unit, type), unit);
    return { job, finished: job?.finished ?? Promise.resolve('done') };
  }

  /** Reads every unit file again. What runs goes on; its new settings hold from the next command on. */
  reloadAll(): void {
    for (const unit of this.#units) this.#reread(unit);
  }

  /** systemctl(1), reset-failed: state, counters and the rate limit of starts. */
  resetFailed(unit: Unit): void {
    if (unit.body.kind === 'service') unit.body.service.forgetFailure();
    if (unit.body.kind === 'trigger') unit.body.trigger.forgetFailure();
  }

  forget(unit: Unit): void {
    for (const [name, known] of this.#byName) if (known === unit) this.#byName.delete(name);
    this.#units.delete(unit);
    this.#triggers.forget(unit);
    this.#loadedAt.delete(unit);
    this.#options.store.remove(unit.name);
  }

  /** Takes up what an earlier lohar of this boot had: processes, states, jobs. */
  adopt(): void {
    const stored = this.#options.store.loadAll();
    for (const record of stored) {
      const definition = loadUnit(record.name, this.#directories);
      if (definition === undefined || this.#byName.has(record.name)) continue;
      this.#add({ ...definition, name: record.name }, record);
    }
    for (const record of stored) {
      const unit = this.#byName.get(record.name);
      if (unit === undefined) continue;
      if (record.job !== undefined) this.#jobs.adopt(unit, record.job).state = jobStateOf(unit, record.job);
      if (unit.body.kind !== 'service') continue;
      if (!isDown(activeState(unit)))
        for (const stream of STREAMS) this.#options.context.journal.fifo(unit.name, stream);
      unit.body.service.adopt((process) => this.#options.descriptors.take(descriptorName(unit, process)));
    }
    this.#triggers.adopt();
    this.#options.descriptors.closeRest();
    this.#jobs.run();
  }

  /** Stops all services and what would start them again, each after those that are ordered after it. */
  async stopAll(): Promise<void> {
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
    this.#loadedAt.set(unit, stampOf(unit));
    for (const warning of definition.warnings) this.#options.context.journal.message(unit.name, warning, 4);
    return unit;
  }

  #bodyOf(unit: Unit, stored: StoredUnit | undefined): UnitBody {
    const { definition } = unit;
    if (definition.service !== undefined || stored?.service !== undefined)
      return { kind: 'service', service: this.#newService(unit, stored?.service ?? newServiceRecord()) };
    const trigger = this.#triggers.create(unit, stored?.trigger);
    if (trigger !== undefined) return { kind: 'trigger', trigger };
    if (definition.type !== 'target') return { kind: 'none' };
    const times = { stateChangeUs: 0, inactiveExitUs: 0, activeEnterUs: 0, activeExitUs: 0, inactiveEnterUs: 0 };
    return { kind: 'target', isActive: stored?.isTargetActive ?? false, times };
  }

  #newService(unit: Unit, record: ServiceRecord): Service {
    return new Service(unit.definition, record, this.#context, {
      onRecorded: () => this.#save(unit),
      onWatched: (role) => this.#keepDescriptors(unit, role),
      onRestartDue: () => {
        try {
          this.submit(unit, 'restart');
        } catch (error) {
          if (!(error instanceof TransactionError)) throw error;
          this.#options.context.journal.message(
            unit.name,
            `${unit.name}: Failed to schedule restart job: ${error.message}`,
            4,
          );
          if (unit.body.kind === 'service') unit.body.service.happen('stop');
        }
      },
      onStateChanged: (from, to) => {
        this.#dropDescriptors(unit);
        if (to === 'failed') this.#startAfter(unit, 'OnFailure');
        this.#jobs.unitChanged(unit, ACTIVE_STATES[from], ACTIVE_STATES[to]);
      },
    });
  }

  /** One of a name that will not be used again: nothing of it stays open. */
  #forgetForGood(unit: Unit): void {
    const { context, descriptors } = this.#options;
    this.forget(unit);
    descriptors.dropAll((name) => STREAMS.some((stream) => name === `log:${stream}:${unit.name}`));
    void context.journal.release(unit.name);
  }

  #triggerChanged(unit: Unit, from: ActiveState, to: ActiveState): void {
    if (to === 'failed' && from !== 'failed') this.#startAfter(unit, 'OnFailure');
    this.#jobs.unitChanged(unit, from, to);
  }

  #startAfter(unit: Unit, kind: 'OnFailure' | 'OnSuccess'): void {
    for (const name of unit.definition.dependencies[kind]) {
      const other = this.loadFresh(name);
      if (other === undefined) continue;
      try {
        this.#options.context.journal.message(unit.name, `${unit.name}: Triggering ${kind}= dependencies.`);
        this.submit(other, 'start');
      } catch (error) {
        if (!(error instanceof TransactionError)) throw error;
        this.#options.context.journal.message(
          unit.name,
          `${unit.name}: Failed to enqueue ${kind}= job: ${error.message}`,
          4,
        );
      }
    }
  }

  /** What an heir needs of a process: the pipe it writes into, with what is in it, and the pidfd that will know how it ended. */
  #keepDescriptors(unit: Unit, role: Role): void {
    if (unit.body.kind !== 'service') return;
    const { processes, record } = unit.body.service;
    const process = record[role];
    this.#options.descriptors.keep(`log:${role}:${unit.name}`, this.#options.context.journal.fifo(unit.name, role));
    const keep = () => {
      const pidfd = processes.pidfdOf(role);
      if (process !== undefined && record[role] === process && pidfd !== undefined)
        this.#options.descriptors.keep(descriptorName(unit, process), pidfd);
    };
    if (role === 'main') keep();
    else setTimeout(keep, worthKeepingMs).unref();
  }

  #dropDescriptors(unit: Unit): void {
    if (isDown(activeState(unit))) this.#options.descriptors.dropAll((name) => name.startsWith(`pid:${unit.name}:`));
  }

  #reread(unit: Unit): void {
    const definition = loadUnit(unit.name, this.#directories);
    if (definition === undefined) return;
    const isOther = definition.name !== unit.name || bodyKindOf(definition) !== unit.body.kind;
    if (isIdle(unit) && (isOther || definition.loadState !== 'loaded')) return this.forget(unit);
    // A unit whose file has gone while it runs goes on by the settings that it was started with.
    const service = definition.service ?? unit.definition.service;
    const trigger = definition.trigger ?? unit.definition.trigger;
    unit.definition = {
      ...definition,
      service,
      trigger,
      names: new Set([...definition.names, ...unit.definition.names]),
    };
    if (unit.body.kind === 'service') unit.body.service.definition = unit.definition;
    if (unit.body.kind === 'trigger') unit.body.trigger.reloaded();
    this.#loadedAt.set(unit, stampOf(unit));
    for (const warning of definition.warnings) this.#options.context.journal.message(unit.name, warning, 4);
  }

  #save(unit: Unit): void {
    this.#options.store.save({
      name: unit.name,
      job: unit.job?.type,
      service: unit.body.kind === 'service' ? unit.body.service.record : undefined,
      isTargetActive: unit.body.kind === 'target' ? unit.body.isActive : undefined,
      trigger: unit.body.kind === 'trigger' ? unit.body.trigger.record : undefined,
    });
    this.#triggers.noteChange(unit);
  }
}

function bodyKindOf({ service, trigger, type }: UnitDefinition): UnitBody['kind'] {
  if (service !== undefined) return 'service';
  if (trigger !== undefined) return 'trigger';
  return type === 'target' ? 'target' : 'none';
}

function isIdle(unit: Unit): boolean {
  return isDown(activeState(unit)) && unit.job === undefined;
}

function descriptorName(unit: Unit, process: RunningProcess): string {
  return `pid:${unit.name}:${process.pid}:${process.startTicks}`;
}

/** A job whose unit is on its way was running; the others wait their turn. */
function jobStateOf(unit: Unit, type: JobType): Job['state'] {
  const state = activeState(unit);
  if (type === 'stop' || type === 'restart') return state === 'deactivating' ? 'running' : 'waiting';
  return state === 'activating' || state === 'reloading' ? 'running' : 'waiting';
}

/** Changes whenever one of the unit's files does. */
function stampOf({ definition }: Unit): string {
  return [definition.fragmentPath, ...definition.dropInPaths]
    .map((path) => (path === undefined ? '' : String(statSync(path, { throwIfNoEntry: false })?.mtimeMs)))
    .join(' ');
}
