import { setBlocking } from '@bhatti/sys/network/socket.ts';
import type { ServiceSettings } from './definition.ts';
import { newPathRecord, PathUnit, type PathRecord } from './path.ts';
import type { Handover, ServiceContext } from './service-processes.ts';
import type { ActiveState } from './service-table.ts';
import { newSocketRecord, SocketUnit, type SocketRecord } from './socket.ts';
import { newTimerRecord, TimerUnit, type TimerRecord } from './timer.ts';
import { isAtRest, type AnyTrigger, type TriggerHost } from './trigger.ts';
import type { Unit } from './unit.ts';
import { openWallClock, type WallClock } from './wall-clock.ts';

/** What is written down of a timer, socket or path. */
export type StoredTrigger = TimerRecord | SocketRecord | PathRecord;

/** What triggers need of those who manage all units. */
export interface TriggerManager {
  load(name: string): Unit | undefined;
  loadFresh(name: string): Unit | undefined;
  /** Units whose `Triggers=` names this one. */
  triggersOf(unit: Unit): readonly Unit[];
  /** Throws a TransactionError. */
  start(unit: Unit): void;
  forget(unit: Unit): void;
  save(unit: Unit): void;
  commit(): void;
  /** The unit's dependencies have changed. */
  relate(unit: Unit): void;
  stateChanged(unit: Unit, from: ActiveState, to: ActiveState): void;
}

const nothing: Handover = { passed: [], env: {} };

/** All units that start others, and what passes between them and those. */
export class Triggers {
  readonly #manager: TriggerManager;
  readonly #context: ServiceContext;
  readonly #wallClock: WallClock;
  readonly #units = new Map<Unit, AnyTrigger>();
  /** What a unit is told of who started it. */
  readonly #activations = new Map<string, Readonly<Record<string, string>>>();
  readonly #changed = new Set<Unit>();

  constructor(context: ServiceContext, manager: TriggerManager) {
    this.#context = context;
    this.#manager = manager;
    this.#wallClock = openWallClock(context.thread);
  }

  /** Undefined for a unit that starts no other. */
  create(unit: Unit, stored: StoredTrigger | undefined): AnyTrigger | undefined {
    const kind = stored?.kind ?? unit.definition.trigger?.kind;
    if (kind === undefined || unit.definition.trigger?.kind !== kind) return undefined;
    const trigger = newTrigger(this.#hostOf(unit), kind, stored);
    this.#units.set(unit, trigger);
    return trigger;
  }

  forget(unit: Unit): void {
    this.#units.delete(unit);
    this.#activations.delete(unit.name);
  }

  /** What an earlier lohar had open, before anybody needs it. */
  adoptDescriptors(): void {
    for (const trigger of this.#units.values()) if (trigger.kind === 'socket') trigger.adoptDescriptors();
  }

  /** After all units and jobs of an earlier lohar are there again. */
  adopt(): void {
    for (const trigger of this.#units.values()) trigger.adopt();
  }

  /** Something about a unit has changed: who starts it is told, once for all that changes in one go. */
  noteChange(unit: Unit): void {
    if (this.#units.size === 0) return;
    if (this.#changed.size === 0) queueMicrotask(() => this.#tellChanges());
    this.#changed.add(unit);
  }

  /** What a service's program is given when it is started: the sockets that listen for it, or the connection that it serves. */
  handover(name: string, settings: ServiceSettings): Handover {
    if (this.#units.size === 0) return nothing;
    const unit = this.#manager.load(name);
    if (unit === undefined) return nothing;
    const sockets = [...this.#units].flatMap(([owner, trigger]) =>
      trigger.kind === 'socket' ? [{ owner, trigger }] : [],
    );
    const env = this.#activations.get(name) ?? {};
    for (const { trigger } of sockets) {
      const [connection, fd] = [trigger.instances.connections.recordOf(name), trigger.instances.connections.fdOf(name)];
      if (connection === undefined || fd === undefined) continue;
      setBlocking(fd, !settings.nonBlocking);
      return { passed: [{ fd, name: 'connection' }], env: { ...env, ...connection.env } };
    }
    const own = this.#manager.triggersOf(unit);
    const passed = sockets
      .filter(({ owner, trigger }) => !trigger.settings().accept && (own.includes(owner) || isNamed(settings, owner)))
      .flatMap(({ owner, trigger }) => portsOf(owner, trigger));
    for (const { fd } of passed) setBlocking(fd, !settings.nonBlocking);
    return { passed, env };
  }

  #hostOf(unit: Unit): TriggerHost {
    return {
      context: this.#context,
      wallClock: this.#wallClock,
      unit,
      load: (name) => this.#manager.load(name),
      loadFresh: (name) => this.#manager.loadFresh(name),
      start: (target, env) => {
        this.#activations.set(target.name, env);
        this.#manager.start(target);
      },
      forget: (target) => this.#manager.forget(target),
      relate: () => this.#manager.relate(unit),
      onRecorded: () => this.#manager.save(unit),
      commit: () => this.#manager.commit(),
      onStateChanged: (from, to) => this.#manager.stateChanged(unit, from, to),
    };
  }

  #tellChanges(): void {
    const changed = [...this.#changed];
    this.#changed.clear();
    for (const unit of changed) {
      for (const owner of this.#manager.triggersOf(unit)) this.#units.get(owner)?.targetChanged(unit);
      if (isAtRest(unit)) this.#activations.delete(unit.name);
    }
  }
}

function newTrigger(host: TriggerHost, kind: StoredTrigger['kind'], stored: StoredTrigger | undefined): AnyTrigger {
  switch (kind) {
    case 'timer':
      return new TimerUnit(host, stored?.kind === 'timer' ? stored : newTimerRecord());
    case 'socket':
      return new SocketUnit(host, stored?.kind === 'socket' ? stored : newSocketRecord());
    case 'path':
      return new PathUnit(host, stored?.kind === 'path' ? stored : newPathRecord());
  }
}

function isNamed({ sockets }: ServiceSettings, { definition }: Unit): boolean {
  return sockets.some((name) => definition.names.has(name));
}

function portsOf(owner: Unit, trigger: SocketUnit): { fd: number; name: string }[] {
  const ports: { fd: number; name: string }[] = [];
  trigger.ports.each(({ fd }) => ports.push({ fd, name: trigger.settings().fileDescriptorName ?? owner.name }));
  return ports;
}
