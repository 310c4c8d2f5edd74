import { maxPaletteColours, type Palette } from '@bhatti/rfb/encode/palette.ts';
import { partOf, type PixelArea } from '@bhatti/rfb/encode/pixel-area.ts';
import { maxTightWidth } from '@bhatti/rfb/encode/tight.ts';
import type { Rect } from '@bhatti/rfb/rect.ts';

import { type Contrast, contrastOf } from './contrast.ts';

export const tilePx = 64;
const maxRectTiles = 192; // 786 432 pixels: even 4 bytes of noise for each fit Tight's 22 bits of length
const maxColumns = maxTightWidth / tilePx;
// Fewer colours than this are cheap by palette however they lie: a plain gradient, an icon.
const maxSurelyFewColours = 32;

/** What a tile is: one colour; up to 256; more of them, but sharp; or what a picture codec is for. */
export const TileKind = { plain: 1, few: 2, detail: 3, picture: 4 } as const;
export type TileKind = (typeof TileKind)[keyof typeof TileKind];

/** The tiles of one area, row after row. */
export interface TileGrid {
  readonly area: PixelArea;
  readonly columns: number;
  readonly rows: number;
  readonly kinds: Uint8Array;
  /** A tile's colours, where it has up to 256, are `colours[starts[i]]` up to `colours[starts[i + 1]]`. */
  readonly starts: Int32Array;
  readonly colours: Int32Array;
  /** For pictures: by how many bytes JPEG is estimated to be smaller than the exact pixels. */
  readonly jpegGains: Int32Array;
  readonly isTaken: Uint8Array;
}

/** Whole tiles of a grid. */
export interface TileRect {
  readonly column: number;
  readonly row: number;
  readonly columns: number;
  readonly rows: number;
}

export interface ClassifyOptions {
  /** The same pixels as 0x00RRGGBB, where pictures may be sent as such; without them every tile is one of the exact kinds. */
  readonly rgb: PixelArea | undefined;
  /** To count with. */
  readonly palette: Palette;
}

/** Looks at each tile once. `area` has the pixels as the values that are sent. */
export function classifyTiles(area: PixelArea, options: ClassifyOptions): TileGrid {
  const { palette, rgb } = options;
  const columns = Math.ceil(area.width / tilePx);
  const rows = Math.ceil(area.height / tilePx);
  const count = columns * rows;
  const grid = {
    area,
    columns,
    rows,
    kinds: new Uint8Array(count),
    starts: new Int32Array(count + 1),
    colours: new Int32Array(Math.max(maxPaletteColours, count * 16)),
    jpegGains: new Int32Array(count),
    isTaken: new Uint8Array(count),
  };
  let end = 0;
  for (let tile = 0; tile < count; tile++) {
    const rect = pixelRect(grid, tileAt(grid, tile));
    const { kind, jpegGain } = classify(partOf(area, rect), rgb && partOf(rgb, rect), palette);
    grid.kinds[tile] = kind;
    grid.jpegGains[tile] = jpegGain;
    if (kind === TileKind.plain || kind === TileKind.few) {
      if (end + palette.size > grid.colours.length) grid.colours = grown(grid.colours, end + palette.size);
      grid.colours.set(palette.colours.subarray(0, palette.size), end);
      end += palette.size;
    }
    grid.starts[tile + 1] = end;
  }
  return grid;
}

/** Calls `visit` for each tile that is not taken when its turn comes. */
export function forEachFreeTile(grid: TileGrid, visit: (tile: number) => void): void {
  for (let tile = 0; tile < grid.isTaken.length; tile++) {
    if (grid.isTaken[tile] === 0) visit(tile);
  }
}

/** The rect of free tiles that may join, from one tile first to the right, then down. It has no more pixels than one Tight rect may. */
export function growTiles(grid: TileGrid, from: number, mayJoin: (tile: number) => boolean): TileRect {
  const { column, row } = tileAt(grid, from);
  const isFree = (tile: number) => grid.isTaken[tile] === 0 && mayJoin(tile);
  let columns = 1;
  while (columns < maxColumns && column + columns < grid.columns && isFree(from + columns)) columns++;
  let rows = 1;
  for (; row + rows < grid.rows && (rows + 1) * columns <= maxRectTiles; rows++) {
    const start = from + rows * grid.columns;
    let areFree = true;
    for (let tile = start; areFree && tile < start + columns; tile++) areFree = isFree(tile);
    if (!areFree) break;
  }
  return { column, row, columns, rows };
}

export function forEachTileOf(grid: TileGrid, tiles: TileRect, visit: (tile: number) => void): void {
  for (let row = tiles.row; row < tiles.row + tiles.rows; row++) {
    const start = row * grid.columns + tiles.column;
    for (let tile = start; tile < start + tiles.columns; tile++) visit(tile);
  }
}

/** Adds a tile's colours to a palette. False when it has no room for all of them; some may have been added then. */
export function addTileColours(grid: TileGrid, tile: number, palette: Palette): boolean {
  const end = grid.starts[tile + 1] ?? 0;
  for (let i = grid.starts[tile] ?? end; i < end; i++) {
    if (!palette.addColour(grid.colours[i] ?? 0, maxPaletteColours)) return false;
  }
  return true;
}

/** Where tiles are in the area, in pixels: those at the right and lower edge may be cut. */
export function pixelRect(grid: Pick<TileGrid, 'area'>, tiles: TileRect): Rect {
  const x = tiles.column * tilePx;
  const y = tiles.row * tilePx;
  const width = Math.min(tiles.columns * tilePx, grid.area.width - x);
  const height = Math.min(tiles.rows * tilePx, grid.area.height - y);
  return { x, y, width, height };
}

function tileAt(grid: Pick<TileGrid, 'columns'>, tile: number): TileRect {
  return { column: tile % grid.columns, row: Math.floor(tile / grid.columns), columns: 1, rows: 1 };
}

interface TileClass {
  readonly kind: TileKind;
  readonly jpegGain: number;
}

// Leaves the colours of a plain or few-coloured tile in `palette`.
function classify(pixels: PixelArea, rgb: PixelArea | undefined, palette: Palette): TileClass {
  palette.clear();
  if (rgb === undefined) return exactClass(palette, palette.addArea(pixels, maxPaletteColours));
  if (palette.addArea(pixels, maxSurelyFewColours)) return exactClass(palette, true);
  const contrast = contrastOf(rgb);
  // Counting on would only add to the exact form's size, so most pictures are known for what they are after a few rows.
  const surely = jpegGainOf(contrast, { colours: maxSurelyFewColours, pixels: rgb.width * rgb.height });
  if (surely > 0) return { kind: TileKind.picture, jpegGain: surely };
  const areFew = palette.addArea(pixels, maxPaletteColours);
  const colours = areFew ? palette.size : Infinity;
  const jpegGain = jpegGainOf(contrast, { colours, pixels: rgb.width * rgb.height });
  return jpegGain > 0 ? { kind: TileKind.picture, jpegGain } : exactClass(palette, areFew);
}

function exactClass(palette: Palette, areFew: boolean): TileClass {
  const kind = areFew ? (palette.size === 1 ? TileKind.plain : TileKind.few) : TileKind.detail;
  return { kind, jpegGain: 0 };
}

// Bytes by JPEG grow with how far neighbouring pixels differ, bytes by zlib with how often. So text, few and far steps, stays exact, and a photograph, many and small
// ones, becomes JPEG. The factors are those of 880 tiles of desktops and photographs (JPEG quality 80, libdeflate level 1): text is 0.3 to 1.5
// times as large exact as by JPEG, photographs 5 to 30 times. Exact is preferred up to 1.5 times the size: it needs no lossless refresh.
function jpegGainOf(contrast: Contrast, of: { readonly colours: number; readonly pixels: number }): number {
  const { changes, difference } = contrast;
  const exactBytes = of.colours <= maxPaletteColours ? 1.2 * changes + 3 * of.colours : 2.2 * changes;
  const jpegBytes = 60 + difference / 60;
  // Text and drawings have runs; where most pixels differ from their neighbour there is grain.
  const isGrain = changes * 2 > of.pixels;
  return isGrain || exactBytes > 1.5 * jpegBytes ? Math.max(0, exactBytes - jpegBytes) : 0;
}

function grown(colours: Int32Array<ArrayBuffer>, needed: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(Math.max(needed, colours.length * 2));
  larger.set(colours);
  return larger;
}
