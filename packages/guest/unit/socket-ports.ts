import type { OwnedFd } from '@bhatti/sys/native/descriptor.ts';
import { shortName } from './notify-socket.ts';
import { ReadableFd } from './readable.ts';
import { makeSymlinks, openPort, removeNodes, type ListenContext } from './socket-listen.ts';
import type { TriggerHost } from './trigger.ts';
import type { ListenSpec, SocketSettings } from './trigger-settings.ts';

/** One open socket or FIFO of a unit. */
export interface Port {
  readonly spec: ListenSpec;
  readonly fd: number;
  /** Connections come in on it, and not data. */
  readonly isListening: boolean;
  arm(): void;
  close(): void;
}

/** All that a socket unit has open. The descriptors are in the store as well: whoever connects while no lohar is there waits for the next. */
export class SocketPorts {
  readonly #host: TriggerHost;
  readonly #onIncoming: (port: Port) => void;
  #ports: Port[] = [];
  #isArmed = false;

  constructor(host: TriggerHost, onIncoming: (port: Port) => void) {
    this.#host = host;
    this.#onIncoming = onIncoming;
  }

  /** Throws what the system said; then nothing is open. */
  open(settings: SocketSettings): void {
    try {
      for (const spec of settings.listen) this.#add(spec, openPort(this.#context(settings), spec));
    } catch (error) {
      this.#closeAll();
      throw error;
    }
    makeSymlinks(this.#context(settings));
  }

  /** Takes up what an earlier lohar had open. What the store does not have is opened again. */
  adopt(specs: readonly ListenSpec[], settings: SocketSettings): void {
    for (const [at, spec] of specs.entries()) {
      const kept = this.#host.context.descriptors.take(this.#storeName(at));
      this.#add(spec, kept ?? openPort(this.#context(settings), spec));
    }
  }

  close(settings: SocketSettings): void {
    if (this.#ports.length === 0) return;
    this.#closeAll();
    if (settings.removeOnStop) removeNodes(this.#context(settings));
  }

  arm(): void {
    this.#isArmed = true;
    for (const port of this.#ports) port.arm();
  }

  disarm(): void {
    this.#isArmed = false;
  }

  each(action: (port: Port) => void): void {
    this.#ports.forEach(action);
  }

  specs(): ListenSpec[] {
    return this.#ports.map(({ spec }) => spec);
  }

  #add(spec: ListenSpec, descriptor: OwnedFd): void {
    const readable = new ReadableFd(this.#host.context.thread, descriptor, () => {
      if (this.#isArmed) this.#onIncoming(port);
    });
    const port: Port = {
      spec,
      fd: descriptor.fd,
      isListening: spec.kind === 'Stream' || spec.kind === 'SequentialPacket',
      arm: () => readable.arm(),
      close: () => readable.close(),
    };
    this.#host.context.descriptors.keep(this.#storeName(this.#ports.length), descriptor);
    this.#ports.push(port);
  }

  #closeAll(): void {
    this.#isArmed = false;
    for (const [at, port] of this.#ports.entries()) {
      port.close();
      this.#host.context.descriptors.drop(this.#storeName(at));
    }
    this.#ports = [];
  }

  #storeName(at: number): string {
    return `listen:${shortName(this.#host.unit.name)}:${at}`;
  }

  #context(settings: SocketSettings): ListenContext {
    const { accounts, journal } = this.#host.context;
    const { name } = this.#host.unit;
    return { settings, accounts, warn: (text) => journal.message(name, `${name}: ${text}, ignoring`, 4) };
  }
}
