/**
 * What to do with each part of a rect. A desktop is a patchwork of plain areas, text and pictures, and each wants another treatment: a plain area is
 * a dozen bytes, text is exact and small by palette, and only a picture is worth a picture codec. So the rect is looked at in tiles, each is
 * classified, and neighbours of one kind become one rect again, since every rect costs its own header and zlib or JPEG start.
 */
import { Palette } from '@bhatti/rfb/encode/palette.ts';
import type { PixelArea } from '@bhatti/rfb/encode/pixel-area.ts';
import type { Rect } from '@bhatti/rfb/rect.ts';

import {
  addTileColours,
  classifyTiles,
  forEachFreeTile,
  forEachTileOf,
  growTiles,
  pixelRect,
  type TileGrid,
  TileKind,
  type TileRect,
} from './tile-grid.ts';

/** One rect of the plan, relative to the planned area. All but `picture` are exact. */
export type PlannedRect =
  | { readonly kind: 'fill'; readonly rect: Rect; readonly colour: number }
  /** All its colours, 2 to 256. */
  | { readonly kind: 'palette'; readonly rect: Rect; readonly colours: Int32Array }
  | { readonly kind: 'fullColour'; readonly rect: Rect }
  | { readonly kind: 'picture'; readonly rect: Rect };

export interface PlanOptions {
  /** The same pixels as 0x00RRGGBB, where pictures may be sent as such, which is lossy. */
  readonly rgb: PixelArea | undefined;
}

// A plain area in the midst of text is as cheap within the text's palette; below this many tiles a rect of its own does not pay.
const minFillTiles = 4;
// The tables with which each JPEG begins.
const jpegHeadBytes = 620;

/** Plans areas, one after the other; keeps its working memory. */
export interface Planner {
  /** `area` has the pixels as the values that are sent. */
  plan(area: PixelArea, options: PlanOptions): PlannedRect[];
}

/** `hasWholeWords`: all 32 bits of a word are its colour. */
export function openPlanner(options: { readonly hasWholeWords?: boolean } = {}): Planner {
  const palette = new Palette(options);
  return {
    plan(area, { rgb }) {
      const grid = classifyTiles(area, { rgb, palette });
      const planned: PlannedRect[] = [];
      takeFills(grid, planned);
      takeTheRest(grid, palette, planned);
      return planned;
    },
  };
}

function takeFills(grid: TileGrid, planned: PlannedRect[]): void {
  forEachFreeTile(grid, (tile) => {
    if (grid.kinds[tile] !== TileKind.plain) return;
    const colour = firstColour(grid, tile);
    const isSame = (other: number) => grid.kinds[other] === TileKind.plain && firstColour(grid, other) === colour;
    const tiles = growTiles(grid, tile, isSame);
    if (tiles.columns * tiles.rows < minFillTiles) return;
    take(grid, tiles);
    planned.push({ kind: 'fill', rect: pixelRect(grid, tiles), colour });
  });
}

function takeTheRest(grid: TileGrid, palette: Palette, planned: PlannedRect[]): void {
  forEachFreeTile(grid, (tile) => {
    const kind = grid.kinds[tile];
    const isPalette = kind === TileKind.plain || kind === TileKind.few;
    const tiles = isPalette
      ? growPalette(grid, tile, palette)
      : growTiles(grid, tile, (other) => grid.kinds[other] === kind);
    take(grid, tiles);
    if (isPalette) planned.push(planPalette(grid, tiles, palette));
    else planned.push({ kind: isWorthJpeg(grid, tiles) ? 'picture' : 'fullColour', rect: pixelRect(grid, tiles) });
  });
}

// Tiles join as long as one palette holds all their colours. A tile that did not fit has left some of its colours behind; they only
// make the palette look fuller than it is, and the colours of the final rect are collected anew.
function growPalette(grid: TileGrid, from: number, palette: Palette): TileRect {
  palette.clear();
  addTileColours(grid, from, palette);
  return growTiles(grid, from, (tile) => {
    const isPalette = grid.kinds[tile] === TileKind.few || grid.kinds[tile] === TileKind.plain;
    return isPalette && addTileColours(grid, tile, palette);
  });
}

function planPalette(grid: TileGrid, tiles: TileRect, palette: Palette): PlannedRect {
  palette.clear();
  forEachTileOf(grid, tiles, (tile) => addTileColours(grid, tile, palette));
  const rect = pixelRect(grid, tiles);
  const colours = palette.colours.slice(0, palette.size);
  const [colour = 0] = colours;
  return colours.length === 1 ? { kind: 'fill', rect, colour } : { kind: 'palette', rect, colours };
}

function isWorthJpeg(grid: TileGrid, tiles: TileRect): boolean {
  let gain = 0;
  forEachTileOf(grid, tiles, (tile) => (gain += grid.jpegGains[tile] ?? 0));
  return gain > jpegHeadBytes;
}

function firstColour(grid: TileGrid, tile: number): number {
  return grid.colours[grid.starts[tile] ?? 0] ?? 0;
}

function take(grid: TileGrid, tiles: TileRect): void {
  forEachTileOf(grid, tiles, (tile) => (grid.isTaken[tile] = 1));
}
