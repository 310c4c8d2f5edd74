import { CodedError } from '@bhatti/base/errors.ts';
import { announce } from '@bhatti/base/log.ts';
import x11, {
  type Damage,
  type Fixes,
  type Shm,
  type XClient,
  type XError,
  type XEvent,
  type XScreen,
  type XTest,
} from 'x11';

/** A connection to the X server with the extensions that are used here. Requests go out in order; those with a reply are promises. */
export interface XConnection extends Disposable {
  readonly client: XClient;
  readonly screen: XScreen;
  readonly bitsPerPixel: number;
  /** What programs have in DISPLAY. */
  readonly displayName: string;
  /** The keys that there can be. */
  readonly keycodes: { readonly min: number; readonly max: number };
  readonly damage: Damage;
  readonly fixes: Fixes;
  readonly shm: Shm;
  readonly xtest: XTest;
  /** Waits for the reply of one request: `reply((done) => x.client.GetGeometry(window, done))`. Rejects with what the X server said. */
  reply<T>(request: (done: (error: XError | null | undefined, value: T) => boolean) => void): Promise<T>;
  /** Hears every event until the returned function is called. */
  onEvent(listener: (event: XEvent) => void): () => void;
  /** Resolves when the X server is gone. */
  readonly closed: Promise<void>;
}

export interface XConnectionOptions {
  readonly display: number;
  readonly cookie: Uint8Array;
}

/** Connects, once the X server accepts. Throws DISPLAY_UNAVAILABLE when it does not, or lacks an extension. */
export async function openXConnection(options: XConnectionOptions): Promise<XConnection> {
  const listeners = new Set<(event: XEvent) => void>();
  const waiting = new Set<(error: Error) => void>();
  const { client, screen, bitsPerPixel, keycodes } = await connect(options);
  const closed = new Promise<void>((resolve) => client.stream.on('close', resolve));
  let isClosed = false;
  void closed.then(() => {
    isClosed = true;
    // Requests in flight will never be answered.
    for (const reject of waiting) reject(unavailable(options.display, 'the connection was closed'));
  });
  client.on('event', (event) => {
    for (const listener of listeners) listener(event);
  });
  // Windows vanish between two requests about them: an X error here is news about the window, not a failure of ours.
  client.on('error', (error) => announce('display:error', { x: error.message, request: error.majorOpcode }));

  function reply<T>(request: (done: (error: XError | null | undefined, value: T) => boolean) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      if (isClosed) return reject(unavailable(options.display, 'the connection was closed'));
      waiting.add(reject);
      request((error, value) => {
        waiting.delete(reject);
        if (error === null || error === undefined) resolve(value);
        else reject(error);
        return true;
      });
    });
  }

  const [damage, fixes, shm, xtest] = await Promise.all([
    reply<Damage>((done) => client.require('damage', done)),
    reply<Fixes>((done) => client.require('fixes', done)),
    reply<Shm>((done) => client.require('shm', done)),
    reply<XTest>((done) => client.require('xtest', done)),
  ]);
  return {
    client,
    screen,
    bitsPerPixel,
    displayName: `:${options.display}`,
    keycodes,
    damage,
    fixes,
    shm,
    xtest,
    reply,
    onEvent(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    closed,
    [Symbol.dispose]: () => client.stream.destroy(),
  };
}

interface Connected {
  readonly client: XClient;
  readonly screen: XScreen;
  readonly bitsPerPixel: number;
  readonly keycodes: { readonly min: number; readonly max: number };
}

function connect({ display, cookie }: XConnectionOptions): Promise<Connected> {
  const auth = { name: 'MIT-MAGIC-COOKIE-1', data: Buffer.from(cookie).toString('latin1') };
  return new Promise((resolve, reject) => {
    const name = `unix/:${display}`;
    const client = x11.createClient({ display: name, shm: 'off', auth }, (error, connected) => {
      const screen = error === undefined ? connected.screen[0] : undefined;
      if (screen === undefined) return reject(unavailable(display, error?.message ?? 'it has no screen'));
      const bitsPerPixel = connected.format[screen.root_depth]?.bits_per_pixel ?? 32;
      const keycodes = { min: connected.min_keycode, max: connected.max_keycode };
      resolve({ client: connected.client, screen, bitsPerPixel, keycodes });
    });
    // A refusal of the cookie comes as an error event.
    client.on('error', (error) => reject(unavailable(display, error.message)));
  });
}

function unavailable(display: number, why: string): CodedError<'DISPLAY_UNAVAILABLE'> {
  return new CodedError('DISPLAY_UNAVAILABLE', `cannot use display ":${display}": ${why}`, { display: `:${display}` });
}
