import { abortReason, sleep } from '@bhatti/base/operation.ts';
import type { XConnection } from '../source/x-connection.ts';

interface BarrierAtoms {
  readonly protocols: number;
  readonly ping: number;
}

const pongWaitMs = 2_000; // Chromium reads a thousand letters in 0.25 s; a program that needs longer hangs
const withoutPongMs = 40; // programs on bare Xlib read their events within a few ms
const noMask = 0;
const deepestWindow = 32;

/**
 * Waits until the program that has the keyboard has read all that was sent to it. Programs answer _NET_WM_PING in their turn (EWMH), so an answer says that everything before it was read; for those that know nothing of it
 * a fixed time must do.
 */
export class AppBarrier {
  readonly #x: XConnection;
  readonly #waiting = new Map<number, () => void>();
  #atoms: Promise<BarrierAtoms> | undefined;
  #token = 0;

  constructor(x: XConnection) {
    this.#x = x;
    x.onEvent((event) => {
      if (event.name === 'ClientMessage') this.#waiting.get(event.data?.[1] ?? 0)?.();
    });
  }

  async pass(signal: AbortSignal): Promise<void> {
    const atoms = await (this.#atoms ??= this.#intern());
    const window = await this.#findTarget(atoms);
    if (window === undefined) return sleep({ signal }, withoutPongMs);
    // Far from the time stamps that window managers use for the same purpose.
    const token = 0x7000_0000 + (this.#token = (this.#token + 1) & 0xff_ffff);
    if (signal.aborted) throw abortReason(signal);
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, pongWaitMs);
    const abort = () => resolve();
    signal.addEventListener('abort', abort, { once: true });
    this.#waiting.set(token, resolve);
    this.#x.client.SendClientMessage(window, window, atoms.protocols, 32, [atoms.ping, token, window, 0, 0], noMask);
    await promise;
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
    this.#waiting.delete(token);
  }

  async #intern(): Promise<BarrierAtoms> {
    const intern = (name: string) => this.#x.reply<number>((done) => this.#x.client.InternAtom(false, name, done));
    const [protocols, ping] = await Promise.all([intern('WM_PROTOCOLS'), intern('_NET_WM_PING')]);
    return { protocols, ping };
  }

  /** The window with the keyboard, or the one that holds it, that answers pings. */
  async #findTarget({ protocols, ping }: BarrierAtoms): Promise<number | undefined> {
    const { client, screen } = this.#x;
    try {
      let { focus: window } = await this.#x.reply<{ focus: number }>((done) => client.GetInputFocus(done));
      for (let depth = 0; depth < deepestWindow && window > 1 && window !== screen.root; depth++) {
        const asked = window;
        const [{ data }, { parent }] = await Promise.all([
          this.#x.reply<{ data: Buffer }>((done) => client.GetProperty(0, asked, protocols, 0, 0, 64, done)),
          this.#x.reply<{ parent: number }>((done) => client.QueryTree(asked, done)),
        ]);
        for (let at = 0; at + 4 <= data.length; at += 4) if (data.readUInt32LE(at) === ping) return asked;
        window = parent;
      }
    } catch {
      // Expected: the window is gone.
    }
    return undefined;
  }
}
