import { tryAccept, type AcceptedConnection } from '@bhatti/sys/network/socket.ts';
import { ownFd, type OwnedFd } from '@bhatti/sys/native/descriptor.ts';
import type { DescriptorStore } from '@bhatti/sys/descriptor-store.ts';
import { shortName } from './notify-socket.ts';
import type { Unit } from './unit.ts';
import type { UnitName } from './unit-name.ts';

/** What is known of a connection that a service instance serves. */
export interface ConnectionRecord {
  /** `127.0.0.1:60470`, `PID 210/UID 0`: for the instance's description. */
  readonly peer: string;
  /** CGI's words for it. */
  readonly env: Readonly<Record<string, string>>;
  /** Who it is counted for in `MaxConnectionsPerSource=`. */
  readonly source: string;
}

export interface NewConnection {
  readonly unit: string;
  readonly record: ConnectionRecord;
  readonly connection: AcceptedConnection;
}

/** Takes the next connection, and names the instance that is to serve it (systemd.socket(5), Accept=). Undefined when none waits. */
export function takeConnection(fd: number, unit: UnitName, number: number): NewConnection | undefined {
  const connection = tryAccept(fd);
  if (connection === undefined) return undefined;
  const { peer, local } = connection;
  if (peer.family === 'unix') {
    const instance = `${number}-${peer.pid}-${peer.uid}`;
    const record = { peer: `PID ${peer.pid}/UID ${peer.uid}`, env: {}, source: `uid ${peer.uid}` };
    return { unit: `${unit.prefix}@${instance}.service`, record, connection };
  }
  const here = local.family === 'unix' ? '' : `${local.host}:${local.port}`;
  const shown = peer.family === 'inet' ? peer.host : `[${peer.host}]`;
  return {
    unit: `${unit.prefix}@${number}-${here}-${peer.host}:${peer.port}.service`,
    record: {
      peer: `${shown}:${peer.port}`,
      env: { REMOTE_ADDR: peer.host, REMOTE_PORT: String(peer.port) },
      source: peer.host,
    },
    connection,
  };
}

/** The connections of one socket's instances: records, which outlive lohar, and our copies of their descriptors. */
export class Connections {
  readonly #records: Record<string, ConnectionRecord>;
  readonly #store: DescriptorStore;
  readonly #open = new Map<string, OwnedFd>();

  constructor(records: Record<string, ConnectionRecord>, store: DescriptorStore) {
    this.#records = records;
    this.#store = store;
  }

  add({ unit, record, connection }: NewConnection): void {
    this.#records[unit] = record;
    const owned = ownFd(connection.fd);
    this.#open.set(unit, owned);
    this.#store.keep(storeName(unit), owned);
  }

  /** After lohar was started again. */
  adopt(): void {
    for (const unit of this.names()) {
      const kept = this.#store.take(storeName(unit));
      if (kept !== undefined) this.#open.set(unit, kept);
    }
  }

  remove(unit: string): void {
    delete this.#records[unit];
    this.#open.get(unit)?.[Symbol.dispose]();
    this.#open.delete(unit);
    this.#store.drop(storeName(unit));
  }

  names(): string[] {
    return Object.keys(this.#records);
  }

  recordOf(unit: string): ConnectionRecord | undefined {
    return this.#records[unit];
  }

  fdOf(unit: string): number | undefined {
    return this.#open.get(unit)?.fd;
  }

  countOf(source: string): number {
    return Object.values(this.#records).filter((record) => record.source === source).length;
  }
}

function storeName(unit: string): string {
  return `connection:${shortName(unit)}`;
}

/** The description of an instance says whom it serves. */
export function describeConnection(unit: Unit, { peer }: ConnectionRecord): void {
  const { description, name } = unit.definition;
  const shown = peer.startsWith('PID ') ? `(${peer})` : peer;
  const isOwn = description !== name && !description.endsWith(shown);
  if (description.endsWith(shown)) return;
  unit.definition = { ...unit.definition, description: isOwn ? `${description} (${peer})` : peer };
}
