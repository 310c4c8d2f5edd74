import RFB from '@novnc/novnc';
import { backOffMs } from './back-off.ts';

/** Why there is no connection just now. */
export type LostCause =
  /** The network or the host does not answer. */
  | 'unreachable'
  /** The host answers, the desktop does not: it starts, or starts again. */
  | 'restarting'
  /** It serves as many viewers as it may. */
  | 'full';

export type SessionState =
  | { readonly phase: 'connecting' }
  | { readonly phase: 'connected' }
  | { readonly phase: 'waiting'; readonly cause: LostCause; readonly retryAtMs: number }
  | { readonly phase: 'signed-out' }
  /** The server ended it for good and said why; trying again is the person's choice. */
  | { readonly phase: 'ended'; readonly reason: string };

export interface SessionOptions {
  readonly target: HTMLElement;
  readonly url: string;
  readonly onState: (state: SessionState) => void;
  /** A connection stands; called with each new one. */
  readonly onConnected: (rfb: RFB) => void;
  readonly onClipboard: (text: string) => void;
  readonly onName: (name: string) => void;
}

const connectTimeoutMs = 15_000; // a sandbox that is woken from disk takes seconds before it answers
/** Close codes after which only the person may try again: one that came back by itself would undo what the server or another viewer just did. */
const closedForGood: Readonly<Record<number, 'signed-out' | 'ended'>> = {
  1000: 'ended',
  4401: 'signed-out',
  4403: 'ended',
  4409: 'ended',
};
const closedFull = 4429;

/** The connection to one desktop, made again whenever it is lost, until `close`. */
export class DesktopSession {
  readonly #options: SessionOptions;
  #rfb: RFB | undefined;
  #isConnected = false;
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  /** The connection that stands now. */
  get rfb(): RFB | undefined {
    return this.#isConnected ? this.#rfb : undefined;
  }

  open(): void {
    this.#connect('connecting');
  }

  /** Tries at once instead of when the wait is over; does nothing while a connection stands or is being made. */
  retryNow(): void {
    if (this.#rfb !== undefined || this.#isClosed) return;
    this.#failures = 0;
    this.#connect('connecting');
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#rfb?.disconnect();
  }

  #connect(announce: 'connecting' | 'silent'): void {
    clearTimeout(this.#timer);
    if (announce === 'connecting') this.#options.onState({ phase: 'connecting' });
    // A socket of our own, since noVNC keeps to itself the code that the server closes with.
    const socket = new WebSocket(this.#options.url);
    let closed: CloseEvent | undefined;
    socket.addEventListener('close', (event) => (closed = event));
    const rfb = new RFB(this.#options.target, socket, { shared: true });
    rfb.background = 'transparent';
    this.#rfb = rfb;
    this.#timer = setTimeout(() => rfb.disconnect(), connectTimeoutMs);
    rfb.addEventListener('connect', () => {
      clearTimeout(this.#timer);
      this.#failures = 0;
      this.#isConnected = true;
      this.#options.onConnected(rfb);
      this.#options.onState({ phase: 'connected' });
    });
    rfb.addEventListener('clipboard', ({ detail }) => this.#options.onClipboard(detail.text));
    rfb.addEventListener('desktopname', ({ detail }) => this.#options.onName(detail.name));
    rfb.addEventListener('disconnect', () => {
      clearTimeout(this.#timer);
      this.#rfb = undefined;
      this.#isConnected = false;
      // The socket's own event may come after noVNC's.
      queueMicrotask(() => void this.#lost(closed));
    });
  }

  async #lost(closed: CloseEvent | undefined): Promise<void> {
    if (this.#isClosed) return;
    const final = closed === undefined ? undefined : closedForGood[closed.code];
    if (final === 'signed-out') return this.#options.onState({ phase: 'signed-out' });
    if (final === 'ended') return this.#options.onState({ phase: 'ended', reason: closed?.reason ?? '' });
    const cause = closed?.code === closedFull ? 'full' : await askWhy();
    // WHY: `close` may have been called while the question was on its way.
    if (this.#isClosed || this.#rfb !== undefined) return;
    if (cause === 'signed-out') return this.#options.onState({ phase: 'signed-out' });
    const waitMs = backOffMs(this.#failures++, Math.random());
    this.#timer = setTimeout(() => this.#connect('silent'), waitMs);
    this.#options.onState({ phase: 'waiting', cause, retryAtMs: performance.now() + waitMs });
  }
}

/** A browser does not say why a WebSocket was refused, so the page itself is asked for: it stands behind the same password and the same proxy. */
async function askWhy(): Promise<LostCause | 'signed-out'> {
  try {
    const reply = await fetch(location.pathname, { method: 'HEAD', cache: 'no-store' });
    return reply.status === 401 || reply.status === 403 ? 'signed-out' : 'restarting';
  } catch {
    return 'unreachable'; // expected: no network, no host, or no proxy
  }
}
