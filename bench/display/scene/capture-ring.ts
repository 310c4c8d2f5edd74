import { cellsOfRow, numberOf, stripHeight, stripWidth } from '../figure/strip.ts';
import type { CapturedFrame } from './painter-protocol.ts';
import type { Screen, XSegment } from './screen.ts';
import { zPixmap } from './x11-drawing.ts';

const allPlanes = 0xffff_ffff;
const periodMs = 1000 / 60;

/** Captures of the screen in a segment that holds as many as fit, and which frame of the scene each of them shows. */
export class CaptureRing {
  readonly #screen: Screen;
  readonly #into: XSegment;
  readonly #size: { readonly width: number; readonly height: number };
  readonly #slots: number;
  #numbers = new Map<number, number>();
  #strip: { readonly x: number; readonly y: number } | undefined;
  #watching: Promise<void> | undefined;
  #next = 0;

  constructor(screen: Screen, into: XSegment, size: { width: number; height: number }) {
    this.#screen = screen;
    this.#into = into;
    this.#size = size;
    this.#slots = Math.floor(into.segment.bytes / (size.width * size.height * 4));
  }

  async capture(slot: number): Promise<void> {
    const { width, height } = this.#size;
    const { x, root } = this.#screen;
    const offset = slot * width * height * 4;
    await x.reply((done) =>
      x.shm.GetImage(root, 0, 0, width, height, allPlanes, zPixmap, this.#into.xSegment, offset, done),
    );
  }

  watch(strip: { readonly x: number; readonly y: number }): void {
    this.#strip = strip;
    this.#watching = this.#captureAll();
  }

  async unwatch(): Promise<CapturedFrame[]> {
    this.#strip = undefined;
    await this.#watching;
    const taken = [...this.#numbers].map(([slot, number]) => ({ slot, number }));
    this.#numbers = new Map();
    return taken;
  }

  async #captureAll(): Promise<void> {
    for (let strip = this.#strip; strip !== undefined; strip = this.#strip) {
      const startedAt = performance.now();
      const slot = this.#next;
      await this.capture(slot);
      const number = this.#numberIn(slot, strip);
      if (number !== undefined && number !== this.#numbers.get((slot + this.#slots - 1) % this.#slots)) {
        this.#numbers.set(slot, number);
        this.#next = (slot + 1) % this.#slots;
      }
      const waitMs = startedAt + periodMs - performance.now();
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, waitMs)));
    }
  }

  #numberIn(slot: number, strip: { readonly x: number; readonly y: number }): number | undefined {
    const { width, height } = this.#size;
    const from = ((slot * height + strip.y + stripHeight / 2) * width + strip.x) * 4;
    return numberOf(cellsOfRow(new Uint8Array(this.#into.segment.memory(), from, stripWidth * 4)));
  }
}
