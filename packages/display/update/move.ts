import type { Rect } from '@bhatti/rfb/rect.ts';
import { rectsOf, type Region, subtractRegions, translateRegion } from '@bhatti/rfb/region.ts';

/** Direction and distance, in pixels. */
export interface Distance {
  readonly dx: number;
  readonly dy: number;
}

/** Pixels that are those of the frame before from another place: new[x, y] = old[x − dx, y − dy] for all of `to`. */
export interface Move extends Distance {
  readonly to: Region;
}

/** What changed from one frame to the next. The moves lie in no order that matters to each other: none reads what another writes. */
export interface FrameChange {
  /** All pixels that differ, moved ones included. */
  readonly changed: Region;
  readonly moves: readonly Move[];
  /** How long the first of it was on the screen before somebody could take it, in ms. */
  readonly heldMs?: number;
}

/** Where the pixels of a move come from. */
export function sourceOf({ to, dx, dy }: Move): Region {
  return translateRegion(to, -dx, -dy);
}

/** The rects of a move in an order in which none of them reads what one before it has overwritten. */
export function orderedRects({ to, dx, dy }: Move): Rect[] {
  // Against the direction of the move: what lies ahead is written before what would overwrite its source.
  return rectsOf(to).toSorted((a, b) => (dy > 0 ? b.y - a.y : a.y - b.y) || (dx > 0 ? b.x - a.x : a.x - b.x));
}

/** A move without what would read pixels that are overwritten before its turn. */
export function readingOnly(move: Move, overwritten: Region): Move {
  const { dx, dy } = move;
  return { dx, dy, to: subtractRegions(move.to, translateRegion(overwritten, dx, dy)) };
}
