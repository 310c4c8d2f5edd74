import {
  emptyRegion,
  intersectRegions,
  isEmptyRegion,
  type Region,
  rectsOf,
  regionArea,
  regionOf,
  simplifyRegion,
  subtractRegions,
  translateRegion,
  unionRegions,
} from '@bhatti/rfb/region.ts';
import { rectArea } from '@bhatti/rfb/rect.ts';
import { type FrameChange, type Move, sourceOf } from './move.ts';

const maxMoves = 16; // pending at a time: a viewer that is this far behind is better served with pixels
const minMovedPixels = 1024;
const maxWantedRects = 4096; // a viewer may ask for any pixels; above this it gets those between them as well

/**
 * What one viewer's picture lacks. `pending` are pixels it has not been sent at all since they changed; `lossy` are pixels it has, but not exactly. Lossy areas that rest are sent again, exactly: a
 * pixel has rested when it survived one whole period in which it did not change.
 *
 * Moves are pending too, as a list: carried out in order, on the picture that the viewer has when all that was sent has arrived, they give the newest frame outside of `pending`. So a moved pixel is as
 * pending, and as lossy, as the one that it comes from, and both regions are always meant as they are after the moves.
 */
export class UpdateTracker {
  #pending: Region = emptyRegion;
  #lossy: Region = emptyRegion;
  #moves: Move[] = [];
  /** What changed in this period and in the one before. */
  #changedNow: Region = emptyRegion;
  #changedBefore: Region = emptyRegion;

  get pending(): Region {
    return this.#pending;
  }

  get lossy(): Region {
    return this.#lossy;
  }

  /** The viewer has nothing of this screen. */
  reset(whole: Region): void {
    this.#pending = whole;
    this.#lossy = emptyRegion;
    this.#moves = [];
    this.#changedNow = emptyRegion;
    this.#changedBefore = emptyRegion;
  }

  /** The viewer wants these pixels again, whether they changed or not. */
  want(region: Region): void {
    this.#pending = simplifyRegion(unionRegions(this.#pending, region), maxWantedRects);
  }

  change({ changed, moves }: FrameChange): void {
    const before = { pending: this.#pending, lossy: this.#lossy };
    this.#pending = unionRegions(this.#pending, changed);
    this.#changedNow = unionRegions(this.#changedNow, changed);
    for (const move of moves) this.#move(move, before);
    if (this.#moves.length > maxMoves) this.dropMoves();
  }

  /** The pending moves, if the viewer wants to be told about all the places they lead to; they count as sent. Otherwise these places are pending. */
  takeMoves(area: Region): readonly Move[] {
    if (this.#moves.some(({ to }) => !isEmptyRegion(subtractRegions(to, area)))) this.dropMoves();
    const moves = this.#moves;
    this.#moves = [];
    return moves;
  }

  /** Pixels are sent instead of moves: all of each, since every move after the first may read what one before it wrote. */
  dropMoves(): void {
    for (const { to } of this.#moves) this.#pending = unionRegions(this.#pending, to);
    this.#moves = [];
  }

  /** Pixels are on their way. What changes from here on is pending again. */
  send(sent: Region): void {
    this.#pending = subtractRegions(this.#pending, sent);
    this.#lossy = subtractRegions(this.#lossy, sent);
  }

  /** Of what is on its way, this is not exact; and so is what was moved from there since. */
  addLossy(region: Region): void {
    let lossy = region;
    for (const move of this.#moves) lossy = unionRegions(lossy, movedFrom(lossy, move));
    this.#lossy = unionRegions(this.#lossy, lossy);
  }

  /** A period is over. */
  endPeriod(): void {
    this.#changedBefore = this.#changedNow;
    this.#changedNow = emptyRegion;
  }

  /** Lossy pixels that rest, at most about `maxPixels` of them, top first; pending ones are left to the ordinary update. */
  rested(maxPixels: number): Region {
    if (isEmptyRegion(this.#lossy)) return emptyRegion;
    const busy = unionRegions(unionRegions(this.#changedNow, this.#changedBefore), this.#pending);
    return firstPixels(subtractRegions(this.#lossy, busy), maxPixels);
  }

  /** What of `area` is pending. */
  pendingIn(area: Region): Region {
    return intersectRegions(this.#pending, area);
  }

  /** Whether an update of `area` would bring something new. */
  hasPendingIn(area: Region): boolean {
    return this.#moves.length > 0 || !isEmptyRegion(this.pendingIn(area));
  }

  #move(move: Move, before: { readonly pending: Region; readonly lossy: Region }): void {
    const stale = movedFrom(before.pending, move);
    if (regionArea(move.to) - regionArea(stale) < minMovedPixels) return;
    this.#pending = unionRegions(subtractRegions(this.#pending, move.to), stale);
    this.#lossy = unionRegions(subtractRegions(this.#lossy, move.to), movedFrom(before.lossy, move));
    this.#moves.push(move);
  }
}

/** Where the part of a region that a move reads comes to lie. */
function movedFrom(region: Region, move: Move): Region {
  return translateRegion(intersectRegions(region, sourceOf(move)), move.dx, move.dy);
}

/** The first pixels of a region from top to bottom, at least a row and else at most about `maxPixels`. */
export function firstPixels(region: Region, maxPixels: number): Region {
  if (regionArea(region) <= maxPixels) return region;
  let left = maxPixels;
  const chosen = [];
  for (const rect of rectsOf(region)) {
    if (left <= 0) break;
    const height = Math.max(1, Math.min(rect.height, Math.floor(left / rect.width)));
    const part = { ...rect, height };
    chosen.push(part);
    left -= rectArea(part);
  }
  return regionOf(...chosen);
}
