import { bytesPerPixel, type PixelFormat } from '@bhatti/rfb/pixel-format.ts';
import { createSharedSegment, type SharedSegment } from '@bhatti/sys/shm.ts';
import type { Frame } from './frame.ts';

/** One of the ring's segments. */
export interface RingSlot {
  readonly segment: SharedSegment;
  /** The segment's memory. */
  readonly words: Int32Array;
  references: number;
}

export interface FrameShape {
  readonly width: number;
  readonly height: number;
  readonly format: PixelFormat;
}

const slotCount = 3; // one is shown, one is being encoded, one is being captured

/**
 * Three shared segments that frames are captured into in turn. A slot that somebody holds is never written, so no encoder sees half of an old and half of a new picture; a slot that comes round again is
 * brought up to date by capturing only what changed since it was last used (`slot-pixmaps.ts`).
 */
export class FrameRing implements Disposable {
  readonly shape: FrameShape;
  readonly strideBytes: number;
  readonly slots: readonly RingSlot[];
  readonly #onFree: () => void;
  readonly #onRetired: (segment: SharedSegment) => void;
  #current: RingSlot | undefined;
  #isDisposed = false;

  /** `onFree` is called when a slot is released that capturing may be waiting for; `onRetired` when the ring was given up and nobody holds a frame in this segment any more. */
  constructor(shape: FrameShape, onFree: () => void, onRetired: (segment: SharedSegment) => void = () => {}) {
    this.shape = shape;
    // X pads rows to 32 bits.
    this.strideBytes = (shape.width * bytesPerPixel(shape.format) + 3) & ~3;
    this.#onFree = onFree;
    this.#onRetired = onRetired;
    this.slots = Array.from({ length: slotCount }, () => {
      const segment = createSharedSegment(this.strideBytes * shape.height);
      // It lives as long as somebody has it mapped and can still be mapped by its number: nothing is left behind by a crash.
      segment.remove();
      return { segment, words: new Int32Array(segment.memory()), references: 0 };
    });
  }

  /** A slot that may be written now; undefined while all others are held. */
  tryTakeFree(): RingSlot | undefined {
    return this.slots.find((slot) => slot !== this.#current && slot.references === 0);
  }

  get current(): RingSlot | undefined {
    return this.#current;
  }

  /** Makes a slot, all of whose pixels are fresh, the current frame. */
  publish(slot: RingSlot, serial: number): Frame {
    this.#current = slot;
    return {
      serial,
      ...this.shape,
      strideBytes: this.strideBytes,
      segment: slot.segment,
      retain: () => {
        slot.references++;
      },
      release: () => this.#release(slot),
    };
  }

  /** Gives up the ring. Slots that are still held are unmapped when their holders let go. */
  [Symbol.dispose](): void {
    this.#isDisposed = true;
    this.#current = undefined;
    for (const slot of this.slots) if (slot.references === 0) this.#retire(slot);
  }

  #release(slot: RingSlot): void {
    slot.references--;
    if (slot.references > 0) return;
    if (this.#isDisposed) this.#retire(slot);
    else this.#onFree();
  }

  #retire({ segment }: RingSlot): void {
    this.#onRetired(segment);
    segment.detach();
  }
}
