import type { Rect } from '@bhatti/rfb/rect.ts';
import type { FrameRing, RingSlot } from './frame-ring.ts';
import type { XConnection } from './x-connection.ts';

interface SlotPixmap {
  readonly slot: RingSlot;
  readonly segment: number;
  readonly pixmap: number;
  /** A region in the X server: what of the screen the slot does not have as it is now. */
  readonly stale: number;
}

const includeInferiors = 1;
const noRepair = 0;

/**
 * A ring as the X server sees it: each slot is a pixmap in shared memory, beside a region that says which of its pixels are older than the screen. So the X server itself copies what a slot lacks, exactly
 * that, to where it belongs: a capture is one round trip, and costs as much as was drawn, however large the screen is.
 */
export class SlotPixmaps {
  readonly #x: XConnection;
  readonly #ring: FrameRing;
  readonly #damage: number;
  readonly #drawn: number;
  readonly #gc: number;
  readonly #pixmaps: readonly SlotPixmap[];
  #isClosed = false;

  private constructor(x: XConnection, ring: FrameRing, damage: number) {
    this.#x = x;
    this.#ring = ring;
    this.#damage = damage;
    const newId = () => x.client.AllocID();
    this.#drawn = newId();
    this.#gc = newId();
    this.#pixmaps = ring.slots.map((slot) => ({ slot, segment: newId(), pixmap: newId(), stale: newId() }));
  }

  /** Hands a ring over to the X server. Rejects with what it said when it cannot have it. */
  static async open(x: XConnection, ring: FrameRing, damage: number): Promise<SlotPixmaps> {
    const pixmaps = new SlotPixmaps(x, ring, damage);
    await pixmaps.#attach();
    return pixmaps;
  }

  async #attach(): Promise<void> {
    const { client, fixes, screen, shm } = this.#x;
    const { width, height } = this.#ring.shape;
    fixes.CreateRegion(this.#drawn, []);
    client.CreateGC(this.#gc, screen.root, { subwindowMode: includeInferiors, graphicsExposures: 0 });
    await Promise.all(
      this.#pixmaps.map(async ({ slot, segment, pixmap, stale }) => {
        const attached = this.#x.reply<void>((done) => shm.Attach(segment, slot.segment.id, false, done));
        shm.CreatePixmap(pixmap, screen.root, width, height, screen.root_depth, segment, 0);
        fixes.CreateRegion(stale, [{ x: 0, y: 0, width, height }]);
        // Without it an X server that refuses pixmaps in shared memory would only be seen by its black pictures.
        const exists = this.#x.reply((done) => client.GetGeometry(pixmap, done));
        await Promise.all([attached, exists]);
      }),
    );
  }

  /**
   * Takes all damage from the X server, which starts to collect anew, and brings a slot up to date; gives what was copied. Other programs may draw between the one and the other: their pixels are then
   * copied, and their damage comes later. So all that was copied has to be compared, not what was damaged. `onCopied` is called before anything is heard that happened afterwards.
   */
  async capture(wanted: RingSlot, onCopied: () => void): Promise<readonly Rect[]> {
    const { client, damage, fixes, screen } = this.#x;
    const target = this.#pixmaps.find(({ slot }) => slot === wanted);
    if (target === undefined) throw new Error('the X server does not know this slot');
    damage.Subtract(this.#damage, noRepair, this.#drawn);
    for (const { stale } of this.#pixmaps) fixes.UnionRegion(stale, this.#drawn, stale);
    fixes.SetGCClipRegion(this.#gc, target.stale, 0, 0);
    const { width, height } = this.#ring.shape;
    client.CopyArea(screen.root, target.pixmap, this.#gc, 0, 0, 0, 0, width, height);
    const fetched = this.#x.reply<{ rectangles: readonly Rect[] }>((done) =>
      fixes.FetchRegion(target.stale, (error, reply) => {
        onCopied();
        return done(error, reply);
      }),
    );
    fixes.SetRegion(target.stale, []);
    return (await fetched).rectangles;
  }

  /** Nothing in this slot is what the screen has: the next capture into it copies everything. */
  invalidate(lost: RingSlot): void {
    const { width, height } = this.#ring.shape;
    const target = this.#pixmaps.find(({ slot }) => slot === lost);
    if (target !== undefined && !this.#isClosed) this.#x.fixes.SetRegion(target.stale, [{ x: 0, y: 0, width, height }]);
  }

  /** The X server lets go of the ring. */
  close(): void {
    this.#isClosed = true;
    const { client, fixes, shm } = this.#x;
    for (const { segment, pixmap, stale } of this.#pixmaps) {
      client.FreePixmap(pixmap);
      shm.Detach(segment);
      fixes.DestroyRegion(stale);
    }
    fixes.DestroyRegion(this.#drawn);
    client.FreeGC(this.#gc);
    // Ids are finite, and every resize takes eleven.
    const ids = this.#pixmaps.flatMap(({ segment, pixmap, stale }) => [segment, pixmap, stale]);
    for (const id of [...ids, this.#drawn, this.#gc]) client.ReleaseID(id);
  }
}
