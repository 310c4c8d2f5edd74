import type { DescriptorStore } from '@bhatti/sys/descriptor-store.ts';
import { ownFd, type OwnedFd } from '@bhatti/sys/native/descriptor.ts';
import { closeSync, fstatSync, readlinkSync } from 'node:fs';
import type { ServiceRecord } from './service-record.ts';

const defaultName = 'stored'; // sd_pid_notify_with_fds(3), FDNAME=
let lastId = 0;

/** Descriptors that a service gave away to get them back when it is started again (systemd.service(5), FileDescriptorStoreMax=). They outlive lohar as well. */
export class StoredFds {
  readonly #record: ServiceRecord;
  readonly #store: DescriptorStore;
  readonly #open = new Map<string, OwnedFd>();

  constructor(record: ServiceRecord, store: DescriptorStore) {
    this.#record = record;
    this.#store = store;
    for (const { id } of record.storedFds) {
      const fd = store.take(id);
      if (fd !== undefined) this.#open.set(id, fd);
    }
    record.storedFds = record.storedFds.filter(({ id }) => this.#open.has(id));
  }

  /** Takes the descriptors over, as many as there is room for; the others are closed. */
  add(fds: readonly number[], name: string | undefined, max: number): void {
    for (const fd of fds) {
      if (this.#open.size >= max || this.#isKnown(fd)) {
        closeSync(fd);
        continue;
      }
      const id = `fd:${process.pid}:${(lastId += 1)}:${Date.now()}`;
      const owned = ownFd(fd);
      this.#open.set(id, owned);
      this.#store.keep(id, owned);
      this.#record.storedFds = [...this.#record.storedFds, { id, name: name ?? defaultName }];
    }
  }

  remove(name: string): void {
    for (const stored of this.#record.storedFds) if (stored.name === name) this.#forget(stored.id);
    this.#record.storedFds = this.#record.storedFds.filter((stored) => stored.name !== name);
  }

  /** In the order in which they came. */
  list(): { fd: number; name: string }[] {
    return this.#record.storedFds.flatMap(({ id, name }) => {
      const owned = this.#open.get(id);
      return owned === undefined ? [] : [{ fd: owned.fd, name }];
    });
  }

  clear(): void {
    for (const { id } of this.#record.storedFds) this.#forget(id);
    this.#record.storedFds = [];
  }

  #forget(id: string): void {
    this.#open.get(id)?.[Symbol.dispose]();
    this.#open.delete(id);
    this.#store.drop(id);
  }

  /** The same file, as far as it can be told: a notice that is heard twice stores nothing twice. */
  #isKnown(fd: number): boolean {
    // What has no file of its own (eventfd, timerfd, …) shares one inode.
    if (readlinkSync(`/proc/self/fd/${fd}`).startsWith('anon_inode:')) return false;
    const { dev, ino } = fstatSync(fd);
    return [...this.#open.values()].some((other) => {
      const stat = fstatSync(other.fd);
      return stat.dev === dev && stat.ino === ino;
    });
  }
}
