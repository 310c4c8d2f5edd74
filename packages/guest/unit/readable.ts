import type { OwnedFd } from '@bhatti/sys/native/descriptor.ts';
import type { EventThread } from '../event-thread/event-thread.ts';

/** A descriptor that is waited for again and again. Owns it. */
export class ReadableFd {
  readonly #thread: EventThread;
  readonly #descriptor: OwnedFd;
  readonly #onReadable: () => void;
  #state: 'idle' | 'armed' | 'closed' = 'idle';

  constructor(thread: EventThread, descriptor: OwnedFd, onReadable: () => void) {
    this.#thread = thread;
    this.#descriptor = descriptor;
    this.#onReadable = onReadable;
  }

  get fd(): number {
    return this.#descriptor.fd;
  }

  /** Calls back once, when there is something to read. */
  arm(): void {
    if (this.#state !== 'idle') return;
    this.#state = 'armed';
    this.#thread.whenReadable(this.#descriptor.fd, () => {
      if (this.#state !== 'armed') return;
      this.#state = 'idle';
      this.#onReadable();
    });
  }

  close(): void {
    const was = this.#state;
    this.#state = 'closed';
    // What the thread still looks at is closed when it has let go.
    if (was === 'armed') this.#thread.forgetSocket(this.#descriptor);
    else if (was === 'idle') this.#descriptor[Symbol.dispose]();
  }
}
