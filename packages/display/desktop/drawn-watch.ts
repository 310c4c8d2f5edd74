import { describe } from '@bhatti/base/errors.ts';
import { announce } from '@bhatti/base/log.ts';
import { intersectRects, isEmptyRect, type Rect } from '@bhatti/rfb/rect.ts';
import type { Frame } from '../source/frame.ts';
import type { XConnection } from '../source/x-connection.ts';
import { type Atoms, visibleDocks } from './window-list.ts';

/** Captures what is on the screen now, and holds the frame while it is used. */
type WithFreshFrame = (use: (frame: Frame) => boolean) => Promise<boolean>;

/**
 * Whether the desktop is drawn: a panel is shown, something was painted into its window, and what is seen there is not one flat colour. Follows events only: the window manager's list of windows, and
 * DAMAGE of the panel's own window, until it is drawn.
 */
export class DrawnWatch implements Disposable {
  readonly #x: XConnection;
  readonly #atoms: Atoms;
  readonly #withFreshFrame: WithFreshFrame;
  readonly #stopListening: () => void;
  /** DAMAGE objects by the panel windows they watch. */
  readonly #damages = new Map<number, number>();
  readonly #waiting = new Set<() => void>();
  #isDrawn = false;
  #isLooking = false;
  #mustLookAgain = false;

  constructor(x: XConnection, atoms: Atoms, withFreshFrame: WithFreshFrame) {
    this.#x = x;
    this.#atoms = atoms;
    this.#withFreshFrame = withFreshFrame;
    this.#stopListening = x.onEvent((event) => {
      const isList = event.name === 'PropertyNotify' && event.atom === atoms.clientList;
      const isPanelPaint = event.name === 'DamageNotify' && this.#isOurs(event.damage ?? 0);
      const isPanelChange =
        (event.name === 'MapNotify' || event.name === 'UnmapNotify') && this.#damages.has(event.wid ?? 0);
      if (isList || isPanelPaint || isPanelChange) this.#look();
    });
    this.#look();
  }

  get isDrawn(): boolean {
    return this.#isDrawn;
  }

  /** Resolves when the desktop is drawn, or after `timeoutMs`. */
  async wait(timeoutMs: number): Promise<void> {
    if (this.#isDrawn) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, timeoutMs);
    this.#waiting.add(resolve);
    await promise;
    this.#waiting.delete(resolve);
    clearTimeout(timer);
  }

  [Symbol.dispose](): void {
    this.#stopListening();
    for (const wake of this.#waiting) wake();
  }

  #isOurs(damage: number): boolean {
    for (const own of this.#damages.values()) if (own === damage) return true;
    return false;
  }

  /** Looks at the panels; events that come meanwhile make it look once more. */
  #look(): void {
    this.#mustLookAgain = true;
    if (!this.#isLooking) void this.#lookUntilQuiet();
  }

  async #lookUntilQuiet(): Promise<void> {
    this.#isLooking = true;
    while (this.#mustLookAgain) {
      this.#mustLookAgain = false;
      try {
        await this.#lookOnce();
      } catch (error) {
        announce('display:error', { drawn: describe(error) });
      }
    }
    this.#isLooking = false;
  }

  async #lookOnce(): Promise<void> {
    const docks = await visibleDocks(this.#x, this.#atoms);
    if (docks.length === 0) {
      this.#isDrawn = false;
      this.#watchOnly([]);
      return;
    }
    if (this.#isDrawn) return;
    // Watched before it is looked at: what is painted in between is seen by one of the two.
    this.#watchOnly(docks.map(({ id }) => id));
    for (const damage of this.#damages.values()) this.#x.damage.Subtract(damage, 0, 0);
    const isPainted = await this.#withFreshFrame((frame) => docks.some(({ rect }) => hasSeveralColours(frame, rect)));
    if (!isPainted) return;
    this.#isDrawn = true;
    this.#watchOnly([]);
    for (const wake of this.#waiting) wake();
  }

  #watchOnly(windows: readonly number[]): void {
    for (const [window, damage] of this.#damages) {
      if (windows.includes(window)) continue;
      // The X server drops a DAMAGE together with its window, and then this is an error that says no more.
      this.#x.damage.Destroy(damage);
      this.#damages.delete(window);
    }
    for (const window of windows) {
      if (this.#damages.has(window)) continue;
      const damage = this.#x.client.AllocID();
      this.#x.damage.Create(damage, window, this.#x.damage.ReportLevel.NonEmpty);
      this.#damages.set(window, damage);
    }
  }
}

/** Whether a part of the frame shows more than one colour. */
export function hasSeveralColours(frame: Frame, area: Rect): boolean {
  const rect = intersectRects(area, { x: 0, y: 0, width: frame.width, height: frame.height });
  if (isEmptyRect(rect)) return false;
  const bytes = new Uint8Array(frame.segment.memory());
  const pixelBytes = frame.format.bitsPerPixel / 8;
  const colourBytes = Math.min(3, pixelBytes); // the fourth byte of a pixel means nothing
  const first = rect.y * frame.strideBytes + rect.x * pixelBytes;
  for (let y = rect.y; y < rect.y + rect.height; y++) {
    for (let x = rect.x; x < rect.x + rect.width; x++) {
      const at = y * frame.strideBytes + x * pixelBytes;
      for (let i = 0; i < colourBytes; i++) if (bytes[at + i] !== bytes[first + i]) return true;
    }
  }
  return false;
}
