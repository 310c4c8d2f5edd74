import { listenDatagram } from '@bhatti/sys/datagram.ts';
import type { DescriptorStore } from '@bhatti/sys/descriptor-store.ts';
import type { OwnedFd } from '@bhatti/sys/native/descriptor.ts';
import { guestRunDir } from '@bhatti/wire/guest-paths.ts';
import { createHash } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { EventThread } from '../event-thread/event-thread.ts';
import type { Notice } from '../event-thread/message.ts';

const notifyDir = join(guestRunDir, 'notify');
const maxPathBytes = 100; // sun_path holds 108

/** Where one service says how it is. It outlives lohar, with what is in it: what a program says while nobody listens is heard by the next. */
export class NotifySocket {
  readonly path: string;
  readonly #name: string;
  readonly #thread: EventThread;
  readonly #store: DescriptorStore;
  readonly #socket: OwnedFd;

  constructor(
    unit: string,
    context: { readonly thread: EventThread; readonly descriptors: DescriptorStore },
    onNotice: (notice: Notice) => void,
  ) {
    this.#thread = context.thread;
    this.#store = context.descriptors;
    this.#name = `notify:${shortName(unit)}`;
    this.path = join(notifyDir, shortName(unit));
    const inherited = context.descriptors.take(this.#name);
    mkdirSync(notifyDir, { recursive: true, mode: 0o755 });
    this.#socket = inherited ?? listenDatagram(this.path);
    this.#store.keep(this.#name, this.#socket);
    this.#thread.listen(unit, this.#socket.fd, onNotice);
  }

  close(): void {
    this.#store.drop(this.#name);
    this.#thread.forgetSocket(this.#socket);
    rmSync(this.path, { force: true });
  }
}

/** A unit's name may be longer than that of a socket, or of what is kept. */
export function shortName(unit: string): string {
  if (Buffer.byteLength(join(notifyDir, unit)) <= maxPathBytes) return unit;
  return createHash('sha256').update(unit).digest('hex').slice(0, 32);
}
