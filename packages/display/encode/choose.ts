/**
 * Which parts of the screen are sent as video. A part that keeps changing at the rate of a film is one stream of pictures, each made from the one before, for a fraction of the bytes; text and what stands
 * still are better off exactly. So a part must have changed 15 times a second or more, for 70 to 150 ms, and be a picture or large; its rect then stays as it is as long as it mostly fits, since another
 * rect is another stream, which begins with a whole picture. When it rests it is no video any more, and is sent exactly.
 */
import { announce } from '@bhatti/base/log.ts';
import { intersectRects, isEmptyRect, type Rect, rectArea, rectContains } from '@bhatti/rfb/rect.ts';
import {
  boundsOf,
  emptyRegion,
  intersectRegions,
  type Region,
  regionArea,
  regionOf,
  subtractRegions,
  unionRegions,
} from '@bhatti/rfb/region.ts';
import type { FrameChange } from '../update/move.ts';
import type { EncodedRect } from './encode-job.ts';
import { HeatGrid, type HotGroup } from './heat-grid.ts';

/** A part of the screen that is sent as video; another rect is another area. Aligned to 16 pixels, except at the screen's own edges. */
export interface VideoArea {
  readonly id: number;
  readonly rect: Rect;
}

const hot = 3.5; // of HeatGrid: 15 changes a second, or four that follow each other at 60
const warm = 1.2;
const paceMs = 20; // that frames are held for their rate's sake
const maxWeight = 3; // below `hot`: one change is no film, however long it had to wait
const minPixels = 96 * 96;
const largePixels = 160 * 1024; // so much that changes all the time is video whatever it shows
const maxPixels = 1920 * 1088; // more than this no processor encodes at a film's rate
const minFill = 0.35;
const maxAreas = 2;
const looksEveryMs = 40;
const restsAfterMs = 120; // three frames at 25 a second
const shrinksAfterMs = 600;

interface ActiveArea extends VideoArea {
  /** Since when its rect is more than twice as large as what is hot. */
  tooLargeSinceMs: number | undefined;
}

export class VideoChooser {
  readonly #screen: Rect;
  readonly #heat: HeatGrid;
  #pictures: Region = emptyRegion;
  #areas: ActiveArea[] = [];
  #nextId: number;
  #lookedAtMs = -Infinity;
  #jpegUntilMs = -Infinity;
  #jpegForMs = firstJpegMs;

  /** Areas get numbers from `firstId` on: those of two choosers must not be taken for each other. */
  constructor(size: { readonly width: number; readonly height: number }, firstId = 1) {
    this.#nextId = firstId;
    this.#screen = { x: 0, y: 0, width: size.width, height: size.height };
    this.#heat = new HeatGrid(size.width, size.height);
  }

  /** No area has had this number yet, nor any above it. */
  get nextId(): number {
    return this.#nextId;
  }

  /** A frame came. What moves explain is copied, and no video. */
  noteFrame({ changed, moves, heldMs = 0 }: FrameChange, nowMs: number): void {
    const moved = moves.reduce((sum, { to }) => unionRegions(sum, to), emptyRegion);
    const drawn = subtractRegions(changed, moved);
    // On a slow network few frames are taken of a film, each of which stands for those that were not. Text that scrolls there is text.
    const pictures = intersectRegions(drawn, this.#pictures);
    this.#heat.add(pictures, nowMs, Math.min(maxWeight, 1 + Math.max(0, heldMs - paceMs) / (2 * paceMs)));
    this.#heat.add(subtractRegions(drawn, pictures), nowMs);
    if (nowMs - this.#lookedAtMs < looksEveryMs) return;
    this.#lookedAtMs = nowMs;
    this.#look(nowMs);
  }

  /** What was sent shows what is a picture: the planner took a picture codec for it, or did not. */
  noteEncoded(rects: readonly EncodedRect[]): void {
    const region = (isLossy: boolean) =>
      regionOf(...rects.filter((each) => each.isLossy === isLossy).map(({ rect }) => rect));
    this.#pictures = unionRegions(subtractRegions(this.#pictures, region(false)), region(true));
  }

  /** The areas as they are now. */
  areas(nowMs: number): readonly VideoArea[] {
    if (this.#areas.some((area) => this.#rests(area, nowMs))) {
      this.#areas = this.#areas.filter((area) => !this.#rests(area, nowMs));
    }
    return nowMs < this.#jpegUntilMs ? [] : this.#areas;
  }

  /** Encoding takes longer than frames last: for a while pictures are sent one by one, which costs bytes and spares the processor. Each time it does not help to come back, the while is longer. */
  spareProcessor(nowMs: number): void {
    if (nowMs < this.#jpegUntilMs) return;
    const hasLasted = nowMs - this.#jpegUntilMs > this.#jpegForMs;
    this.#jpegForMs = hasLasted ? firstJpegMs : Math.min(maxJpegMs, this.#jpegForMs * 2);
    this.#jpegUntilMs = nowMs + this.#jpegForMs;
    announce('encode:choice', { codec: 'jpeg', instead: 'h264', why: 'short of processor', forMs: this.#jpegForMs });
  }

  #rests({ rect }: VideoArea, nowMs: number): boolean {
    return nowMs - this.#heat.count(rect, warm, nowMs).lastMs > restsAfterMs;
  }

  #look(nowMs: number): void {
    const groups = this.#heat.groups(hot, nowMs);
    const kept: ActiveArea[] = [];
    const isFree = (rect: Rect) => kept.every((area) => isEmptyRect(intersectRects(area.rect, rect)));
    for (const area of this.#areas) {
      if (this.#isTooLarge(area, nowMs)) continue;
      const sticksOut = groups.filter(
        (group) => touches(group, area) && !rectContains(area.rect, this.#inside(group.rect)),
      );
      // Grown by what sticks out, so that a rect whose edges flicker does not begin anew with each of them.
      const grown = sticksOut.length === 0 ? area.rect : this.#fitted(joined(area.rect, sticksOut, this.#heat, nowMs));
      if (grown === area.rect) kept.push(area);
      else if (grown !== undefined && isFree(grown)) kept.push(this.#newArea(grown));
    }
    for (const group of groups) {
      if (kept.length >= maxAreas) break;
      const rect = this.#fitted(group);
      if (rect !== undefined && isFree(rect)) kept.push(this.#newArea(rect));
    }
    this.#areas = kept;
  }

  #newArea(rect: Rect): ActiveArea {
    announce('encode:choice', { codec: 'h264', x: rect.x, y: rect.y, width: rect.width, height: rect.height });
    return { id: this.#nextId++, rect, tooLargeSinceMs: undefined };
  }

  /** Whether most of an area has been still for long. */
  #isTooLarge(area: ActiveArea, nowMs: number): boolean {
    const { cells, hot: warmCells } = this.#heat.count(area.rect, warm, nowMs);
    area.tooLargeSinceMs = warmCells < cells * minFill ? (area.tooLargeSinceMs ?? nowMs) : undefined;
    return area.tooLargeSinceMs !== undefined && nowMs - area.tooLargeSinceMs > shrinksAfterMs;
  }

  #inside(rect: Rect): Rect {
    const { x, y, width, height } = intersectRects(rect, this.#screen);
    // Pictures of the codec have even sides.
    return { x, y, width: width & ~1, height: height & ~1 };
  }

  #fitted({ rect: hotRect, cells, hot: hotCells }: HotGroup): Rect | undefined {
    const rect = this.#inside(hotRect);
    const pixels = rectArea(rect);
    if (pixels < minPixels || pixels > maxPixels || Math.min(rect.width, rect.height) < minSidePx) return undefined;
    if (hotCells < cells * minFill) return undefined;
    const pictures = regionArea(intersectRegions(this.#pictures, regionOf(rect)));
    return pixels >= largePixels || pictures >= pixels / 3 ? rect : undefined;
  }
}

function touches(group: HotGroup, area: VideoArea): boolean {
  return !isEmptyRect(intersectRects(group.rect, area.rect));
}

function joined(rect: Rect, groups: readonly HotGroup[], heat: HeatGrid, nowMs: number): HotGroup {
  const bounds = boundsOf(regionOf(rect, ...groups.map((group) => group.rect)));
  const { cells, hot: warmCells } = heat.count(bounds, warm, nowMs);
  return { rect: bounds, cells, hot: warmCells };
}

const minSidePx = 64;
const firstJpegMs = 2000;
const maxJpegMs = 30_000;
