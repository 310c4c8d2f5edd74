import type { Rect } from './rect.ts';

/**
 * A set of pixels, kept as bands: bands do not overlap and go downwards, spans within a band do not touch and go to the right, and
 * neighbouring bands with equal spans are one. So equal sets have equal bands, and every operation is one sweep over two lists.
 * Regions are values: no operation changes its arguments.
 */
export interface Region {
  readonly bands: readonly Band[];
}

export interface Band {
  readonly top: number;
  readonly bottom: number;
  /** Pairs of left and right edges: [left, right, left, right, …]. */
  readonly spans: readonly number[];
}

export const emptyRegion: Region = { bands: [] };

/** The region that any rects cover; they may overlap. */
export function regionOf(...rects: readonly Rect[]): Region {
  return unionOfRects(rects, 0, rects.length);
}

/** The region as rects that do not overlap, top to bottom, left to right. */
export function rectsOf(region: Region): Rect[] {
  const rects: Rect[] = [];
  for (const { top, bottom, spans } of region.bands) {
    for (let i = 0; i < spans.length; i += 2) {
      const left = at(spans, i);
      rects.push({ x: left, y: top, width: at(spans, i + 1) - left, height: bottom - top });
    }
  }
  return rects;
}

export function isEmptyRegion(region: Region): boolean {
  return region.bands.length === 0;
}

export function unionRegions(a: Region, b: Region): Region {
  if (isEmptyRegion(a)) return b;
  if (isEmptyRegion(b)) return a;
  return combine(a, b, inEither);
}

/** What is in `a` and not in `b`. */
export function subtractRegions(a: Region, b: Region): Region {
  if (isEmptyRegion(a) || isEmptyRegion(b)) return a;
  return combine(a, b, inFirstOnly);
}

export function intersectRegions(a: Region, b: Region): Region {
  if (isEmptyRegion(a) || isEmptyRegion(b)) return emptyRegion;
  return combine(a, b, inBoth);
}

export function translateRegion(region: Region, dx: number, dy: number): Region {
  const bands = region.bands.map(({ top, bottom, spans }) => ({
    top: top + dy,
    bottom: bottom + dy,
    spans: spans.map((edge) => edge + dx),
  }));
  return { bands };
}

/** The smallest rect around the region; an empty rect for an empty region. */
export function boundsOf(region: Region): Rect {
  const { bands } = region;
  const first = bands[0];
  const last = bands.at(-1);
  if (first === undefined || last === undefined) return { x: 0, y: 0, width: 0, height: 0 };
  let left = Infinity;
  let right = -Infinity;
  for (const { spans } of bands) {
    left = Math.min(left, at(spans, 0));
    right = Math.max(right, at(spans, spans.length - 1));
  }
  return { x: left, y: first.top, width: right - left, height: last.bottom - first.top };
}

/** The region itself, or the rect around it when it is made of more rects than this. */
export function simplifyRegion(region: Region, maxRects: number): Region {
  const rects = region.bands.reduce((sum, { spans }) => sum + spans.length / 2, 0);
  return rects > maxRects ? regionOf(boundsOf(region)) : region;
}

/** Number of pixels. */
export function regionArea(region: Region): number {
  let area = 0;
  for (const { top, bottom, spans } of region.bands) {
    let width = 0;
    for (let i = 0; i < spans.length; i += 2) width += at(spans, i + 1) - at(spans, i);
    area += width * (bottom - top);
  }
  return area;
}

export function regionsEqual(a: Region, b: Region): boolean {
  return (
    a.bands.length === b.bands.length &&
    a.bands.every((band, i) => {
      const other = b.bands[i];
      return (
        other !== undefined &&
        band.top === other.top &&
        band.bottom === other.bottom &&
        spansEqual(band.spans, other.spans)
      );
    })
  );
}

export function regionContainsPoint(region: Region, x: number, y: number): boolean {
  return region.bands.some(
    ({ top, bottom, spans }) =>
      y >= top && y < bottom && spans.some((left, i) => i % 2 === 0 && x >= left && x < at(spans, i + 1)),
  );
}

type Rule = (inA: boolean, inB: boolean) => boolean;
const inEither: Rule = (inA, inB) => inA || inB;
const inBoth: Rule = (inA, inB) => inA && inB;
const inFirstOnly: Rule = (inA, inB) => inA && !inB;

// Halving keeps the operands of each union alike in size: n rects cost n log n, where adding them one by one would cost n².
function unionOfRects(rects: readonly Rect[], from: number, to: number): Region {
  if (to - from <= 0) return emptyRegion;
  if (to - from === 1) {
    const rect = rects[from];
    if (rect === undefined || rect.width <= 0 || rect.height <= 0) return emptyRegion;
    return { bands: [{ top: rect.y, bottom: rect.y + rect.height, spans: [rect.x, rect.x + rect.width] }] };
  }
  const middle = (from + to) >> 1;
  return unionRegions(unionOfRects(rects, from, middle), unionOfRects(rects, middle, to));
}

const noSpans: readonly number[] = [];

// Sweeps downwards. Between two neighbouring horizontal edges of either operand the spans of both are constant, and are combined once.
function combine(a: Region, b: Region, rule: Rule): Region {
  const bands: Band[] = [];
  let ia = 0;
  let ib = 0;
  let top = -Infinity;
  for (;;) {
    const bandA = a.bands[ia];
    const bandB = b.bands[ib];
    if (bandA === undefined && bandB === undefined) break;
    top = Math.max(top, Math.min(bandA?.top ?? Infinity, bandB?.top ?? Infinity));
    const isInA = bandA !== undefined && bandA.top <= top;
    const isInB = bandB !== undefined && bandB.top <= top;
    const bottom = Math.min(
      bandA === undefined ? Infinity : isInA ? bandA.bottom : bandA.top,
      bandB === undefined ? Infinity : isInB ? bandB.bottom : bandB.top,
    );
    const spans = spansWithin(isInA ? bandA : undefined, isInB ? bandB : undefined, rule);
    if (spans.length > 0) appendBand(bands, { top, bottom, spans });
    if (bandA !== undefined && bandA.bottom === bottom) ia++;
    if (bandB !== undefined && bandB.bottom === bottom) ib++;
    top = bottom;
  }
  return { bands };
}

function spansWithin(a: Band | undefined, b: Band | undefined, rule: Rule): readonly number[] {
  if (a !== undefined && b !== undefined) return combineSpans(a.spans, b.spans, rule);
  // Where only one of both has pixels, its spans stay as they are, or nothing stays.
  if (a !== undefined) return rule(true, false) ? a.spans : noSpans;
  return b !== undefined && rule(false, true) ? b.spans : noSpans;
}

function combineSpans(a: readonly number[], b: readonly number[], rule: Rule): number[] {
  const spans: number[] = [];
  let ia = 0;
  let ib = 0;
  let isInside = false;
  while (ia < a.length || ib < b.length) {
    const edgeA = ia < a.length ? at(a, ia) : Infinity;
    const edgeB = ib < b.length ? at(b, ib) : Infinity;
    const x = Math.min(edgeA, edgeB);
    if (edgeA === x) ia++;
    if (edgeB === x) ib++;
    // An odd number of edges passed means that the sweep is inside of a span.
    const isNowInside = rule((ia & 1) === 1, (ib & 1) === 1);
    if (isNowInside !== isInside) spans.push(x);
    isInside = isNowInside;
  }
  return spans;
}

function appendBand(bands: Band[], band: Band): void {
  const last = bands.at(-1);
  if (last !== undefined && last.bottom === band.top && spansEqual(last.spans, band.spans)) {
    bands[bands.length - 1] = { top: last.top, bottom: band.bottom, spans: last.spans };
  } else {
    bands.push(band);
  }
}

function spansEqual(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function at(spans: readonly number[], index: number): number {
  // WHY: spans come in pairs and callers stay below the length.
  return spans[index]!;
}
