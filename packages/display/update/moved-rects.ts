import { intersectRects, isEmptyRect, type Rect, rectArea, translateRect } from '@bhatti/rfb/rect.ts';
import { intersectRegions, type Region, regionArea, regionOf } from '@bhatti/rfb/region.ts';
import type { CompareNative } from '@bhatti/sys/native/compare.ts';
import type { ComparedFramebuffers } from './compare.ts';
import { clearCells, compareCells, largestEqualRect } from './equal-cells.ts';

const maxRects = 4; // a window that others cover in part
const cellPx = 32;
const maxColumns = 64; // on larger screens cells are wider, and cost the same

export interface MovedSearch {
  /** Where moved pixels may have come to lie. */
  readonly bounds: Rect;
  /** What has to be explained: a rect counts by how much of this it has. */
  readonly changed: Region;
  readonly minPixels: number;
}

/** The rects whose pixels are exactly those of the frame before from (dx, dy) away, largest first, without overlap. */
export function movedRects(
  framebuffers: ComparedFramebuffers,
  { dx, dy }: { readonly dx: number; readonly dy: number },
  search: MovedSearch,
  compare: CompareNative,
): Rect[] {
  const screen = { x: 0, y: 0, width: framebuffers.widthPx, height: framebuffers.heightPx };
  const area = intersectRects(intersectRects(search.bounds, screen), translateRect(screen, dx, dy));
  if (isEmptyRect(area)) return [];
  const { previousAddress, currentAddress, strideBytes, bytesPerPixel } = framebuffers;
  const at = area.y * strideBytes + area.x * bytesPerPixel;
  const places = {
    fromAddress: previousAddress + at - dy * strideBytes - dx * bytesPerPixel,
    toAddress: currentAddress + at,
    strideBytes,
    bytesPerPixel,
  };
  const cellWidth = Math.max(cellPx, Math.ceil(area.width / maxColumns));
  const cells = compareCells(places, area, { cellWidth, compare });
  const found: Rect[] = [];
  while (found.length < maxRects && cells.count * cellWidth >= search.minPixels) {
    const rect = largestEqualRect(cells);
    if (rect === undefined || rectArea(rect) < search.minPixels) break;
    clearCells(cells, rect);
    const whole = widen(rect, { area, places, found, compare });
    if (regionArea(intersectRegions(regionOf(whole), search.changed)) < search.minPixels) break;
    found.push(whole);
  }
  return found;
}

interface WidenWithin {
  readonly area: Rect;
  readonly places: { fromAddress: number; toAddress: number; strideBytes: number; bytesPerPixel: number };
  readonly found: readonly Rect[];
  readonly compare: CompareNative;
}

/** Moves the left and the right edge outwards, pixel by pixel, as far as the pixels stay equal: what was moved does not end where cells do. */
function widen(rect: Rect, { area, places, found, compare }: WidenWithin): Rect {
  const { fromAddress, toAddress, strideBytes, bytesPerPixel } = places;
  const isFree = (column: Rect) => found.every((other) => isEmptyRect(intersectRects(other, column)));
  const isEqual = (column: Rect) => {
    if (!isFree(column)) return false;
    let offset = (column.y - area.y) * strideBytes + (column.x - area.x) * bytesPerPixel;
    for (let y = 0; y < column.height; y++, offset += strideBytes) {
      if (compare(fromAddress + offset, toAddress + offset, column.width * bytesPerPixel) !== 0) return false;
    }
    return true;
  };
  let left = rect.x;
  let right = rect.x + rect.width;
  for (let step = cellPx / 2; step >= 1; step /= 2) {
    while (left - step >= area.x && isEqual({ ...rect, x: left - step, width: step })) left -= step;
    while (right + step <= area.x + area.width && isEqual({ ...rect, x: right, width: step })) right += step;
  }
  return { ...rect, x: left, width: right - left };
}
