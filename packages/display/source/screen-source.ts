import { describe } from '@bhatti/base/errors.ts';
import { announce } from '@bhatti/base/log.ts';
import { bgrx8888, bytesPerPixel, rgb565 } from '@bhatti/rfb/pixel-format.ts';
import { isEmptyRegion, regionOf, type Region } from '@bhatti/rfb/region.ts';
import x11 from 'x11';
import { isTooLarge } from '../config/given.ts';
import type { SegmentRef } from '../encode/encode-job.ts';
import { changedRegion, type ComparedFramebuffers } from '../update/compare.ts';
import { coverOf } from '../update/cover.ts';
import type { FrameChange } from '../update/move.ts';
import { openMoveFinder } from '../update/moves.ts';
import type { Frame } from './frame.ts';
import { FrameRing, type FrameShape, type RingSlot } from './frame-ring.ts';
import { SlotPixmaps } from './slot-pixmaps.ts';
import { WindowMoves } from './window-moves.ts';
import type { XConnection } from './x-connection.ts';

/** What the owner of a source hears. */
export interface ScreenSourceEvents {
  /** Something was drawn since the last capture. Comes once, and again only after a capture. */
  onDamaged(): void;
  /** There is a new frame; comes in the same turn in which it becomes `current`. */
  onFrame(frame: Frame, change: FrameChange): void;
  /** The screen has another size; `frame` will be of that size from the next capture on. */
  onResized(shape: FrameShape): void;
  /** Segments that frames will lie in, before the first of them; and those that no frame lies in any more, not even one that somebody still holds. */
  onSegments(added: readonly SegmentRef[], retired: readonly SegmentRef[]): void;
}

/**
 * The pixels of the screen. DAMAGE tells that something was drawn, once; nothing more comes until somebody captures. So a screen that nobody looks at costs nothing, however much is drawn on it.
 */
export class ScreenSource implements AsyncDisposable {
  readonly #x: XConnection;
  readonly #events: ScreenSourceEvents;
  readonly #damage: number;
  #ring: FrameRing;
  /** The ring in the X server; undefined while it has none. */
  #pixmaps: SlotPixmaps | undefined;
  #wantedSize: { readonly width: number; readonly height: number };
  #resizing: Promise<void> | undefined;
  #current: Frame | undefined;
  #serial = 0;
  #isDamaged = true;
  #damagedAtMs = performance.now();
  #isClosed = false;
  readonly #waitingForRoom: (() => void)[] = [];
  /** The capture in progress: one at a time. */
  #capturing: Promise<void> | undefined;
  readonly #windows = new WindowMoves();
  readonly #moves = openMoveFinder();

  static async open(x: XConnection, events: ScreenSourceEvents): Promise<ScreenSource> {
    const { width, height } = await x.reply<{ width: number; height: number }>((done) =>
      x.client.GetGeometry(x.screen.root, done),
    );
    const source = new ScreenSource(x, events, { width, height, format: x.bitsPerPixel === 16 ? rgb565 : bgrx8888 });
    await source.#attachSegments();
    return source;
  }

  private constructor(x: XConnection, events: ScreenSourceEvents, shape: FrameShape) {
    this.#x = x;
    this.#events = events;
    this.#wantedSize = shape;
    this.#ring = this.#newRing(shape);
    this.#damage = x.client.AllocID();
    x.damage.Create(this.#damage, x.screen.root, x.damage.ReportLevel.NonEmpty);
    x.client.ChangeWindowAttributes(x.screen.root, { eventMask: rootEvents });
    x.onEvent((event) => {
      if (event.name === 'DamageNotify' && event.damage === this.#damage) this.#noteDamage();
      // One that a window manager puts into a frame is no top-level window any more.
      const isGone = event.name === 'DestroyNotify' || event.name === 'ReparentNotify';
      if (isGone && event.wid !== undefined) this.#windows.forget(event.wid);
      if (event.name !== 'ConfigureNotify' || event.wid1 === undefined) return;
      if (event.wid1 === x.screen.root) this.#noteSize({ width: event.width ?? 0, height: event.height ?? 0 });
      else this.#windows.note(event.wid1, { x: event.x ?? 0, y: event.y ?? 0 });
    });
  }

  get shape(): FrameShape {
    return this.#ring.shape;
  }

  /** Whether something was drawn since the newest frame. */
  get isDamaged(): boolean {
    return this.#isDamaged;
  }

  /** The newest frame, or undefined before the first capture. */
  get current(): Frame | undefined {
    return this.#current;
  }

  /**
   * Captures what was drawn; waits while no segment is free. There is no new frame when all drawn pixels are as before. Calls during a capture get the one after it. The X server is asked even when it
   * has announced no damage: an announcement may be on its way, and whoever just drew something expects to find it in a screenshot.
   */
  async capture(): Promise<void> {
    // Looked at again after each wait: another capture may have begun, and a resize waits for captures.
    while (this.#capturing !== undefined || this.#resizing !== undefined) await (this.#capturing ?? this.#resizing);
    if (this.#isClosed) return;
    this.#capturing = this.#captureDamage();
    try {
      await this.#capturing;
    } finally {
      this.#capturing = undefined;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#wakeForRoom();
    await this.#capturing?.catch(() => {}); // expected: its X connection may be gone
    await this.#resizing;
    this.#current = undefined;
    this.#ring[Symbol.dispose]();
  }

  #wakeForRoom(): void {
    for (const resolve of this.#waitingForRoom.splice(0)) resolve();
  }

  #noteDamage(): void {
    if (this.#isDamaged) return;
    this.#isDamaged = true;
    this.#damagedAtMs = performance.now();
    this.#events.onDamaged();
  }

  async #captureDamage(): Promise<void> {
    const ring = this.#ring;
    const slot = ring.tryTakeFree();
    if (slot === undefined) {
      await new Promise<void>((resolve) => this.#waitingForRoom.push(resolve));
      return this.#isClosed ? undefined : await this.#captureDamage();
    }
    const before = ring.current;
    const pixmaps = this.#pixmaps;
    const heldMs = this.#isDamaged ? performance.now() - this.#damagedAtMs : 0;
    this.#isDamaged = false;
    try {
      const copied = await pixmaps?.capture(slot, () => this.#windows.mark());
      if (copied === undefined || this.#isClosed) return;
      // Under a resize some of it may not have been there to be copied; and the size may come back to what it was.
      if (this.#resizing !== undefined) return this.#loseCapture(pixmaps, slot);
      const { shape } = ring;
      const change =
        before === undefined
          ? { changed: wholeOf(shape), moves: [] }
          : this.#compare(ring, { before, after: slot }, coverOf(copied, shape));
      if (isEmptyRegion(change.changed)) return;
      this.#serial++;
      this.#current = ring.publish(slot, this.#serial);
      this.#events.onFrame(this.#current, { ...change, heldMs });
    } catch (error) {
      announce('display:error', { capture: describe(error) });
      this.#loseCapture(pixmaps, slot);
    }
  }

  /** What a capture took from the X server did not become a frame: the next one takes it again. */
  #loseCapture(pixmaps: SlotPixmaps | undefined, slot: RingSlot): void {
    pixmaps?.invalidate(slot);
    this.#noteDamage();
  }

  #compare(ring: FrameRing, slots: { before: RingSlot; after: RingSlot }, copied: Region): FrameChange {
    const { before, after } = slots;
    const framebuffers: ComparedFramebuffers = {
      previousAddress: before.segment.address,
      currentAddress: after.segment.address,
      widthPx: ring.shape.width,
      heightPx: ring.shape.height,
      strideBytes: ring.strideBytes,
      bytesPerPixel: bytesPerPixel(ring.shape.format) === 2 ? 2 : 4,
    };
    const changed = changedRegion(framebuffers, copied);
    const searched = { ...framebuffers, previous: before.words, current: after.words };
    const moves = this.#moves.find(searched, changed, this.#windows.take());
    return { changed, moves };
  }

  #noteSize(size: { width: number; height: number }): void {
    // Whoever owns the size undoes this one; until then the part of the screen that fits is captured.
    if (isTooLarge(size)) {
      console.error(`error: the screen of ${size.width} × ${size.height} pixels is too large to be shown`);
      return;
    }
    this.#wantedSize = size;
    this.#resizing ??= this.#followSize()
      .catch((error: unknown) => {
        // Without segments of the right size there are no frames: the process ends with its X connection, and another begins anew.
        console.error(`error: cannot follow the size of the screen: ${describe(error)}`);
        this.#x[Symbol.dispose]();
      })
      .finally(() => {
        this.#resizing = undefined;
      });
  }

  /** Makes the ring as large as the screen. Sizes that come meanwhile are followed afterwards, the last one only: segments must not go while the X server is still taking them. */
  async #followSize(): Promise<void> {
    await this.#capturing;
    for (;;) {
      const { width, height, format } = this.#ring.shape;
      const wanted = this.#wantedSize;
      if (this.#isClosed || (wanted.width === width && wanted.height === height)) return;
      const old = this.#ring;
      this.#pixmaps?.close();
      this.#pixmaps = undefined;
      this.#current = undefined;
      this.#ring = this.#newRing({ ...wanted, format });
      old[Symbol.dispose]();
      await this.#attachSegments();
      this.#events.onResized(this.#ring.shape);
      this.#isDamaged = true;
      this.#events.onDamaged();
    }
  }

  #newRing(shape: FrameShape): FrameRing {
    return new FrameRing(
      shape,
      () => this.#wakeForRoom(),
      ({ id, bytes }) => this.#events.onSegments([], [{ id, bytes }]),
    );
  }

  async #attachSegments(): Promise<void> {
    // First the encoders, who need no answer: a frame may come as soon as the X server has the segments.
    this.#events.onSegments(this.#segmentRefs(), []);
    this.#pixmaps = await SlotPixmaps.open(this.#x, this.#ring, this.#damage);
  }

  #segmentRefs(): SegmentRef[] {
    return this.#ring.slots.map(({ segment }) => ({ id: segment.id, bytes: segment.bytes }));
  }
}

const rootEvents = x11.eventMask.StructureNotify | x11.eventMask.SubstructureNotify | x11.eventMask.PropertyChange;

function wholeOf({ width, height }: FrameShape): Region {
  return regionOf({ x: 0, y: 0, width, height });
}
