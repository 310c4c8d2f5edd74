import { DesktopSizeReason, DesktopSizeStatus } from '@bhatti/rfb/numbers.ts';
import { isValidLayout, type Screen } from '@bhatti/rfb/screen-layout.ts';
import type { ServerMessage } from '@bhatti/rfb/server-message.ts';
import { maxScreenPixels, maxSidePx } from '../config/given.ts';

/** Size of the framebuffer and the screens in it. */
export interface DesktopLayout {
  readonly width: number;
  readonly height: number;
  readonly screens: readonly Screen[];
}

/** Who can ask for a size, and is told of sizes. */
export interface SizeListener {
  /** The desktop has this layout now; `reason` is the listener's own point of view. */
  onLayout(layout: DesktopLayout, reason: DesktopSizeReason): void;
  /** Its own request was refused. */
  onRefused(status: DesktopSizeStatus): void;
}

/**
 * The desktop's size. The X server's RFB knows the screens and answers requests; X itself says when the framebuffer has its new size. Listeners hear of a layout once both agree, so that no frame of a
 * size that they do not know can reach them.
 */
export class Resizer {
  readonly #ask: (layout: DesktopLayout) => void;
  readonly #listeners = new Set<SizeListener>();
  /** Who waits for the X server's answers, in their order. */
  readonly #asking: (SizeListener | undefined)[] = [];
  #layout: DesktopLayout;
  #framebuffer: { readonly width: number; readonly height: number };
  #isTold = true;
  #changedBy: SizeListener | undefined;

  /** `ask` sends a SetDesktopSize to the X server. */
  constructor(framebuffer: { readonly width: number; readonly height: number }, ask: (layout: DesktopLayout) => void) {
    this.#ask = ask;
    this.#framebuffer = framebuffer;
    this.#layout = { ...framebuffer, screens: [{ id: 0, x: 0, y: 0, ...framebuffer, flags: 0 }] };
  }

  get layout(): DesktopLayout {
    return this.#layout;
  }

  add(listener: SizeListener): void {
    this.#listeners.add(listener);
  }

  remove(listener: SizeListener): void {
    this.#listeners.delete(listener);
    for (let i = 0; i < this.#asking.length; i++) if (this.#asking[i] === listener) this.#asking[i] = undefined;
    if (this.#changedBy === listener) this.#changedBy = undefined;
  }

  /** A viewer, which may, asks for a size. Refusals come at once, everything else when the X server has answered. */
  request(listener: SizeListener, layout: DesktopLayout): void {
    const { width, height, screens } = layout;
    if (!isValidLayout(width, height, screens)) return listener.onRefused(DesktopSizeStatus.invalidLayout);
    if (width > maxSidePx || height > maxSidePx || width * height > maxScreenPixels) {
      return listener.onRefused(DesktopSizeStatus.outOfResources);
    }
    this.#asking.push(listener);
    this.#ask(layout);
  }

  /** What the X server's RFB says about the size. */
  takeAnswer(answer: Extract<ServerMessage, { type: 'extendedDesktopSize' }>): void {
    const asker = answer.reason === DesktopSizeReason.client ? this.#asking.shift() : undefined;
    if (answer.status !== DesktopSizeStatus.noError) {
      asker?.onRefused(refusal(answer.status));
      return;
    }
    this.#layout = { width: answer.width, height: answer.height, screens: answer.screens };
    this.#changedBy = asker ?? this.#changedBy;
    this.#isTold = false;
    this.#tell();
  }

  /** X says that the framebuffer has this size. */
  takeFramebuffer(size: { readonly width: number; readonly height: number }): void {
    this.#framebuffer = size;
    this.#isTold = false;
    this.#tell();
  }

  #tell(): void {
    const { width, height } = this.#layout;
    if (this.#isTold || width !== this.#framebuffer.width || height !== this.#framebuffer.height) return;
    const by = this.#changedBy;
    this.#isTold = true;
    this.#changedBy = undefined;
    for (const listener of this.#listeners) {
      const others = by === undefined ? DesktopSizeReason.server : DesktopSizeReason.otherClient;
      listener.onLayout(this.#layout, listener === by ? DesktopSizeReason.client : others);
    }
  }
}

function refusal(status: number): DesktopSizeStatus {
  const known = Object.values(DesktopSizeStatus).find((value) => value === status);
  return known ?? DesktopSizeStatus.invalidLayout;
}
