import { decodeReply } from '@bhatti/wire/schema.ts';
import { LeaseViewSchema, type LeaseView, type PersonRequest } from '@bhatti/wire/display/lease.ts';
import { backOffMs } from './back-off.ts';

const closedForGood = [4401, 4403]; // signed out, or allowed to look only: nothing to ask for

/** The connection about who has the input, beside that of the desktop and for as long. Where it cannot be had, the desktop works without. */
export class LeaseLink {
  readonly #url: string;
  /** Undefined: it is not known who has it. */
  readonly #onView: (view: LeaseView | undefined) => void;
  #socket: WebSocket | undefined;
  #isWanted = false;
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(url: string, onView: (view: LeaseView | undefined) => void) {
    this.#url = url;
    this.#onView = onView;
  }

  open(): void {
    this.#isWanted = true;
    if (this.#socket === undefined) this.#connect();
  }

  close(): void {
    this.#isWanted = false;
    clearTimeout(this.#timer);
    this.#socket?.close();
    this.#socket = undefined;
    this.#onView(undefined);
  }

  /** Lost where there is no connection: the person sees that nothing changes, and asks again. */
  ask(request: PersonRequest): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(request));
  }

  #connect(): void {
    clearTimeout(this.#timer);
    const socket = new WebSocket(this.#url);
    socket.binaryType = 'arraybuffer';
    this.#socket = socket;
    socket.addEventListener('message', ({ data }) => {
      if (this.#socket !== socket) return;
      const message: unknown = JSON.parse(new TextDecoder().decode(data));
      // That something was refused shows in what has not changed.
      if (typeof message === 'object' && message !== null && 'error' in message) return;
      this.#failures = 0;
      this.#onView(decodeReply(LeaseViewSchema, message, 'the desktop'));
    });
    socket.addEventListener('close', ({ code }) => {
      if (this.#socket !== socket) return;
      this.#socket = undefined;
      this.#onView(undefined);
      if (!this.#isWanted || closedForGood.includes(code)) return;
      this.#timer = setTimeout(() => this.#connect(), backOffMs(this.#failures++, Math.random()));
    });
  }
}
