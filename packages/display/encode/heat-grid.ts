// Hot loops: where a screen keeps changing. They run over the changed cells with each frame. `heat-grid.bench.ts` measures them.
// WHY the `!`: indices are bounded by the grid's own size.
import type { Rect } from '@bhatti/rfb/rect.ts';
import { rectsOf, type Region } from '@bhatti/rfb/region.ts';

export const cellPx = 16;
const decayMs = 200; // heat then fades to a third: changes at 15 a second add up to 3.5, at 60 to 12

/** How often each cell of the screen changed lately. */
export class HeatGrid {
  readonly columns: number;
  readonly rows: number;
  readonly #heat: Float32Array;
  readonly #lastMs: Float64Array;

  constructor(widthPx: number, heightPx: number) {
    this.columns = Math.ceil(widthPx / cellPx);
    this.rows = Math.ceil(heightPx / cellPx);
    this.#heat = new Float32Array(this.columns * this.rows);
    this.#lastMs = new Float64Array(this.columns * this.rows).fill(-Infinity);
  }

  /** The region changed once, or as often as `weight` says. */
  add(region: Region, nowMs: number, weight = 1): void {
    const heat = this.#heat;
    const lastMs = this.#lastMs;
    // Most cells changed last in the same frame as the cell before them.
    let knownAgeMs = 0;
    let faded = 1;
    this.#forEachRow(region, (from, to) => {
      for (let cell = from; cell < to; cell++) {
        const ageMs = nowMs - lastMs[cell]!;
        // Several rects of one frame may share a cell.
        if (ageMs <= 0) continue;
        if (ageMs !== knownAgeMs) {
          knownAgeMs = ageMs;
          faded = Math.exp(-ageMs / decayMs);
        }
        heat[cell] = heat[cell]! * faded + weight;
        lastMs[cell] = nowMs;
      }
    });
  }

  /** Of a region's cells, how many are at least this hot, and when the last of them changed. */
  count(
    rect: Rect,
    minHeat: number,
    nowMs: number,
  ): { readonly cells: number; readonly hot: number; readonly lastMs: number } {
    let cells = 0;
    let hot = 0;
    let lastMs = -Infinity;
    this.#forEachRowOf(rect, (from, to) => {
      for (let cell = from; cell < to; cell++) {
        cells++;
        const last = this.#lastMs[cell]!;
        if (last > lastMs) lastMs = last;
        if (this.#heat[cell]! * Math.exp((last - nowMs) / decayMs) >= minHeat) hot++;
      }
    });
    return { cells, hot, lastMs };
  }

  /** The bounds of each group of cells that are at least this hot, in pixels; cells belong together up to one cell apart. */
  groups(minHeat: number, nowMs: number): HotGroup[] {
    const { columns, rows } = this;
    const isHot = new Uint8Array(columns * rows);
    for (let cell = 0; cell < isHot.length; cell++) {
      // The cheap question first: most cells of most screens never changed.
      if (this.#heat[cell]! < minHeat) continue;
      if (this.#heat[cell]! * Math.exp((this.#lastMs[cell]! - nowMs) / decayMs) >= minHeat) isHot[cell] = 1;
    }
    const groups: HotGroup[] = [];
    const stack: number[] = [];
    for (let start = 0; start < isHot.length; start++) {
      if (isHot[start] !== 1) continue;
      let [left, top, right, bottom, hot] = [columns, rows, 0, 0, 0];
      isHot[start] = 2;
      stack.push(start);
      for (let cell = stack.pop(); cell !== undefined; cell = stack.pop()) {
        const x = cell % columns;
        const y = (cell - x) / columns;
        hot++;
        left = Math.min(left, x);
        right = Math.max(right, x + 1);
        top = Math.min(top, y);
        bottom = Math.max(bottom, y + 1);
        for (let ny = Math.max(0, y - 2); ny <= Math.min(rows - 1, y + 2); ny++) {
          for (let nx = Math.max(0, x - 2); nx <= Math.min(columns - 1, x + 2); nx++) {
            const near = ny * columns + nx;
            if (isHot[near] !== 1) continue;
            isHot[near] = 2;
            stack.push(near);
          }
        }
      }
      const rect = {
        x: left * cellPx,
        y: top * cellPx,
        width: (right - left) * cellPx,
        height: (bottom - top) * cellPx,
      };
      groups.push({ rect, cells: (right - left) * (bottom - top), hot });
    }
    return groups;
  }

  #forEachRow(region: Region, visit: (from: number, to: number) => void): void {
    for (const rect of rectsOf(region)) this.#forEachRowOf(rect, visit);
  }

  #forEachRowOf(rect: Rect, visit: (from: number, to: number) => void): void {
    const left = Math.max(0, Math.floor(rect.x / cellPx));
    const right = Math.min(this.columns, Math.ceil((rect.x + rect.width) / cellPx));
    const bottom = Math.min(this.rows, Math.ceil((rect.y + rect.height) / cellPx));
    for (let row = Math.max(0, Math.floor(rect.y / cellPx)); row < bottom; row++) {
      visit(row * this.columns + left, row * this.columns + right);
    }
  }
}

export interface HotGroup {
  readonly rect: Rect;
  readonly cells: number;
  readonly hot: number;
}
