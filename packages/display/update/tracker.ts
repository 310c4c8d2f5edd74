import {
  emptyRegion,
  intersectRegions,
  isEmptyRegion,
  type Region,
  rectsOf,
  regionOf,
  subtractRegions,
  unionRegions,
} from '@bhatti/rfb/region.ts';
import { rectArea } from '@bhatti/rfb/rect.ts';

/**
 * What one viewer's picture lacks. `pending` are pixels it has not been sent at all since they changed; `lossy` are pixels it has, but not exactly. Lossy areas that rest are sent again, exactly: a
 * pixel has rested when it survived one whole period in which it did not change.
 */
export class UpdateTracker {
  #pending: Region = emptyRegion;
  #lossy: Region = emptyRegion;
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
    this.#changedNow = emptyRegion;
    this.#changedBefore = emptyRegion;
  }

  /** The viewer wants these pixels again, whether they changed or not. */
  want(region: Region): void {
    this.#pending = unionRegions(this.#pending, region);
  }

  change(changed: Region): void {
    this.#pending = unionRegions(this.#pending, changed);
    this.#changedNow = unionRegions(this.#changedNow, changed);
  }

  /** Pixels are on their way. What changes from here on is pending again. */
  send(sent: Region): void {
    this.#pending = subtractRegions(this.#pending, sent);
    this.#lossy = subtractRegions(this.#lossy, sent);
  }

  /** Of what is on its way, this is not exact. */
  addLossy(region: Region): void {
    this.#lossy = unionRegions(this.#lossy, region);
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
}

function firstPixels(region: Region, maxPixels: number): Region {
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
