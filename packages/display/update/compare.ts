import { intersectRects, type Rect } from '@bhatti/rfb/rect.ts';
import { rectsOf, type Region, regionOf } from '@bhatti/rfb/region.ts';
import { type CompareNative, nativeCompare } from '@bhatti/sys/native/compare.ts';

/** Two framebuffers of one size and format, as memory of this process. */
export interface ComparedFramebuffers {
  /** Where the first byte of each is, for native code. */
  readonly previousAddress: number;
  readonly currentAddress: number;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly strideBytes: number;
  readonly bytesPerPixel: 2 | 4;
}

// X reports what was drawn, not what it changed: a terminal that scrolls through equal lines, a page that repaints itself.
const tilePx = 64;
// Edges go outwards to this grid, so that neighbours which changed alike share their edges and become one rect.
const snapPx = 16;

/**
 * The part of `damage` whose pixels differ, in rects that are as long as tiles with changes lie side by side, and as high as the changes in them.
 * Damage outside of the framebuffer is dropped.
 */
export function changedRegion(framebuffers: ComparedFramebuffers, damage: Region): Region {
  const compare = nativeCompare();
  const screen = { x: 0, y: 0, width: framebuffers.widthPx, height: framebuffers.heightPx };
  const changed: Rect[] = [];
  for (const damaged of rectsOf(damage)) {
    const rect = intersectRects(damaged, screen);
    const bottom = rect.y + rect.height;
    for (let y = rect.y; y < bottom; y = nextTileEdge(y)) {
      const band = { ...rect, y, height: Math.min(nextTileEdge(y), bottom) - y };
      findChanges(framebuffers, band, compare, changed);
    }
  }
  return regionOf(...changed);
}

// Adds one rect for each run of neighbouring tiles with changes in a band that is at most one tile high.
function findChanges(framebuffers: ComparedFramebuffers, band: Rect, compare: CompareNative, changed: Rect[]): void {
  const right = band.x + band.width;
  let run: Rect | undefined;
  for (let x = band.x; x < right; x = nextTileEdge(x)) {
    const tile = { ...band, x, width: Math.min(nextTileEdge(x), right) - x };
    const part = changedPart(framebuffers, tile, compare);
    if (part === undefined) {
      if (run !== undefined) changed.push(run);
      run = undefined;
    } else {
      run = run === undefined ? part : around(run, part);
    }
  }
  if (run !== undefined) changed.push(run);
}

// The changed part of one tile, its edges moved outwards to the grid but not out of the tile.
function changedPart(framebuffers: ComparedFramebuffers, tile: Rect, compare: CompareNative): Rect | undefined {
  const { previousAddress, currentAddress, strideBytes, bytesPerPixel } = framebuffers;
  const differs = (x: number, y: number, width: number) => {
    const at = y * strideBytes + x * bytesPerPixel;
    return compare(previousAddress + at, currentAddress + at, width * bytesPerPixel) !== 0;
  };
  let bottom = tile.y + tile.height;
  let top = tile.y;
  while (top < bottom && !differs(tile.x, top, tile.width)) top++;
  if (top === bottom) return undefined;
  while (!differs(tile.x, bottom - 1, tile.width)) bottom--;

  const columnDiffers = (from: number, to: number) => {
    for (let y = top; y < bottom; y++) if (differs(from, y, to - from)) return true;
    return false;
  };
  let left = tile.x;
  let right = tile.x + tile.width;
  for (let next = nextSnapEdge(left); next < right && !columnDiffers(left, next); next = nextSnapEdge(left))
    left = next;
  for (let before = lastSnapEdge(right); before > left && !columnDiffers(before, right); before = lastSnapEdge(right)) {
    right = before;
  }

  top = Math.max(tile.y, top - (top % snapPx));
  bottom = Math.min(tile.y + tile.height, nextSnapEdge(bottom - 1));
  return { x: left, y: top, width: right - left, height: bottom - top };
}

function around(a: Rect, b: Rect): Rect {
  const x = Math.min(a.x, b.x);
  const y = Math.min(a.y, b.y);
  const width = Math.max(a.x + a.width, b.x + b.width) - x;
  return { x, y, width, height: Math.max(a.y + a.height, b.y + b.height) - y };
}

function nextTileEdge(position: number): number {
  return position - (position % tilePx) + tilePx;
}

function nextSnapEdge(position: number): number {
  return position - (position % snapPx) + snapPx;
}

/** The last edge before a position that may be one itself. */
function lastSnapEdge(position: number): number {
  return position - 1 - ((position - 1) % snapPx);
}
