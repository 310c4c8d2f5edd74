// Hot loops: which cells of a picture equal another's, and the largest rect of such cells. `moves.bench.ts` measures them.
// WHY the `!`: indices are bounded by the sizes of the arrays made here.
import type { Rect } from '@bhatti/rfb/rect.ts';
import type { CompareNative } from '@bhatti/sys/native/compare.ts';

/** Cells one row high: 1 where both pictures are equal. */
export interface EqualCells {
  readonly area: Rect;
  readonly cellWidth: number;
  readonly columns: number;
  readonly equal: Uint8Array;
  /** Rows all of whose cells are equal: 1. */
  readonly full: Uint8Array;
  /** How many cells are equal. */
  count: number;
}

/** Where each picture has the first pixel of the area. */
export interface ComparedPlaces {
  readonly fromAddress: number;
  readonly toAddress: number;
  readonly strideBytes: number;
  readonly bytesPerPixel: number;
}

export function compareCells(
  places: ComparedPlaces,
  area: Rect,
  options: { readonly cellWidth: number; readonly compare: CompareNative },
): EqualCells {
  const { cellWidth, compare } = options;
  const { fromAddress, toAddress, strideBytes, bytesPerPixel } = places;
  const columns = Math.ceil(area.width / cellWidth);
  const equal = new Uint8Array(columns * area.height);
  const full = new Uint8Array(area.height);
  let count = 0;
  const cellBytes = cellWidth * bytesPerPixel;
  const rowBytes = area.width * bytesPerPixel;
  for (let y = 0; y < area.height; y++) {
    const from = fromAddress + y * strideBytes;
    const to = toAddress + y * strideBytes;
    const cells = y * columns;
    if (compare(from, to, rowBytes) === 0) {
      equal.fill(1, cells, cells + columns);
      full[y] = 1;
      count += columns;
      continue;
    }
    for (let column = 0, at = 0; column < columns; column++, at += cellBytes) {
      if (compare(from + at, to + at, Math.min(cellBytes, rowBytes - at)) !== 0) continue;
      equal[cells + column] = 1;
      count++;
    }
  }
  return { area, cellWidth, columns, equal, full, count };
}

/** The largest rect of equal cells, in pixels; undefined when no cell is equal. */
export function largestEqualRect({ area, cellWidth, columns, equal, full }: EqualCells): Rect | undefined {
  // Row by row: how many equal cells stand on top of each other in each column, and under each of these bars the widest rect.
  const heights = new Int32Array(columns + 1);
  const stack = new Int32Array(columns + 1);
  let best: Rect | undefined;
  let bestArea = 0;
  for (let y = 0; y < area.height; y++) {
    if (full[y] === 1 && full[y + 1] === 1) {
      // Every rect that ends here is a part of one that ends below.
      for (let column = 0; column < columns; column++) heights[column]!++;
      continue;
    }
    let depth = 0;
    for (let column = 0; column <= columns; column++) {
      const height = column === columns ? 0 : equal[y * columns + column] === 1 ? heights[column]! + 1 : 0;
      heights[column] = height;
      while (depth > 0 && heights[stack[depth - 1]!]! >= height) {
        const barHeight = heights[stack[--depth]!]!;
        const left = (depth === 0 ? 0 : stack[depth - 1]! + 1) * cellWidth;
        const width = Math.min(column * cellWidth, area.width) - left;
        if (width * barHeight > bestArea) {
          bestArea = width * barHeight;
          best = { x: area.x + left, y: area.y + y + 1 - barHeight, width, height: barHeight };
        }
      }
      stack[depth++] = column;
    }
  }
  return best;
}

/** Takes the cells of a rect that `largestEqualRect` gave out of the game. */
export function clearCells(cells: EqualCells, rect: Rect): void {
  const first = (rect.x - cells.area.x) / cells.cellWidth;
  const last = Math.ceil((rect.x + rect.width - cells.area.x) / cells.cellWidth);
  cells.count -= (last - first) * rect.height;
  for (let y = rect.y - cells.area.y; y < rect.y + rect.height - cells.area.y; y++) {
    cells.equal.fill(0, y * cells.columns + first, y * cells.columns + last);
    cells.full[y] = 0;
  }
}
