import { setBlocking } from '@bhatti/sys/network/socket.ts';
import { describeConnection, takeConnection, Connections, type NewConnection } from './socket-connections.ts';
import type { Port } from './socket-ports.ts';
import type { SocketRecord } from './socket.ts';
import { isAtRest, type TriggerCore, type TriggerHost } from './trigger.ts';
import type { SocketState } from './socket-table.ts';
import type { SocketSettings } from './trigger-settings.ts';
import { activeState, type Unit } from './unit.ts';
import { parseUnitName } from './unit-name.ts';

const acceptsAtOnce = 16; // then others have their turn
const keptFailures = 32;

/** How taking connections ended: all that waited have their instance, or no more may or can be started. */
export type Taking = 'done' | 'limited' | { readonly problem: string };

/** The service instances of a socket with `Accept=yes`, one for each connection. */
export class SocketInstances {
  readonly connections: Connections;
  readonly #core: TriggerCore<SocketState>;
  readonly #host: TriggerHost;
  readonly #record: SocketRecord;

  constructor(core: TriggerCore<SocketState>, record: SocketRecord) {
    this.#core = core;
    this.#host = core.host;
    this.#record = record;
    this.connections = new Connections(record.connections, core.host.context.descriptors);
  }

  /** Starts an instance for each connection that waits. `mayTrigger` counts them. */
  take(port: Port, settings: SocketSettings, mayTrigger: () => boolean): Taking {
    const unit = parseUnitName(this.#core.name());
    // Whoever was lent the descriptor may have left it blocking.
    setBlocking(port.fd, false);
    for (let at = 0; at < acceptsAtOnce && unit !== undefined; at += 1) {
      const taken = takeConnection(port.fd, unit, this.#record.accepted);
      if (taken === undefined) break;
      if (this.#isTooMany(taken.record.source, settings)) {
        this.#record.refused += 1;
        taken.connection[Symbol.dispose]();
        continue;
      }
      if (!mayTrigger()) {
        taken.connection[Symbol.dispose]();
        return 'limited';
      }
      const problem = this.#serve(taken);
      if (problem !== undefined) return { problem };
    }
    this.#host.onRecorded();
    return 'done';
  }

  /** After lohar was started again, with all connections. */
  adopt(): void {
    this.tieAll();
    for (const name of this.connections.names()) this.changed(this.#host.load(name));
  }

  /** An instance belongs to its socket: it says whom it serves, and `Triggers=` names it. */
  tieAll(): void {
    for (const name of this.connections.names()) this.#tie(name);
  }

  isOne(name: string): boolean {
    return this.connections.recordOf(name) !== undefined;
  }

  /** One that has served is forgotten; of those that failed the last ones can be looked at. */
  changed(instance: Unit | undefined): void {
    if (instance === undefined || !isAtRest(instance)) return;
    const { failedInstances } = this.#record;
    this.#untie(instance.name);
    if (activeState(instance) === 'failed') failedInstances.push(instance.name);
    else this.#host.forget(instance);
    while (failedInstances.length > keptFailures) {
      const oldest = this.#host.load(failedInstances.shift() ?? '');
      if (oldest !== undefined && isAtRest(oldest)) this.#host.forget(oldest);
    }
    this.#host.onRecorded();
  }

  /** Undefined when it is on its way. */
  #serve(taken: NewConnection): string | undefined {
    this.#record.accepted += 1;
    this.connections.add(taken);
    this.#tie(taken.unit);
    const instance = this.#host.load(taken.unit);
    const problem = this.#core.tryStart(instance);
    if (problem === undefined) return undefined;
    this.#untie(taken.unit);
    if (instance !== undefined) this.#host.forget(instance);
    return problem;
  }

  #isTooMany(source: string, { maxConnections, maxConnectionsPerSource }: SocketSettings): boolean {
    const count = this.connections.names().length;
    if (count >= maxConnections) {
      this.#core.say(`${this.#core.name()}: Too many incoming connections (${count}), dropping connection.`, 4);
      return true;
    }
    const ofSource = this.connections.countOf(source);
    if (maxConnectionsPerSource === 0 || ofSource < maxConnectionsPerSource) return false;
    this.#core.say(
      `${this.#core.name()}: Too many incoming connections (${ofSource}) from source ${source}, dropping connection.`,
      4,
    );
    return true;
  }

  #tie(name: string): void {
    const [instance, record] = [this.#host.load(name), this.connections.recordOf(name)];
    if (instance !== undefined && record !== undefined) describeConnection(instance, record);
    this.#relate((names) => names.add(name));
  }

  #untie(name: string): void {
    this.connections.remove(name);
    this.#relate((names) => names.delete(name));
  }

  #relate(change: (names: Set<string>) => void): void {
    const { unit } = this.#host;
    const names = new Set(unit.definition.dependencies.Triggers);
    change(names);
    unit.definition = { ...unit.definition, dependencies: { ...unit.definition.dependencies, Triggers: names } };
    this.#host.relate();
  }
}
