/**
 * Finds what was moved from one frame to the next: a page or a terminal that scrolls, a window that is dragged. By how far is known of windows, and else guessed cheaply, by majority: rows of the new frame
 * are looked up among those of the old one by hash, and for other directions than up and down a few telling pieces of the new frame are searched for in the old one. A guess costs nothing but time, since
 * only pixels that were compared become part of a move.
 */
import type { Rect } from '@bhatti/rfb/rect.ts';
import {
  boundsOf,
  emptyRegion,
  isEmptyRegion,
  rectsOf,
  type Region,
  regionArea,
  regionOf,
  subtractRegions,
  unionRegions,
} from '@bhatti/rfb/region.ts';
import { nativeCompare, nativeFind } from '@bhatti/sys/native/compare.ts';
import type { ComparedFramebuffers } from './compare.ts';
import { type Distance, type Move, readingOnly } from './move.ts';
import { movedRects } from './moved-rects.ts';
import { electDistance, stripWords } from './row-votes.ts';

export interface SearchedFramebuffers extends ComparedFramebuffers {
  /** The same memory as words. */
  readonly previous: Int32Array;
  readonly current: Int32Array;
}

/** Looks for moves in one frame after the other. */
export interface MoveFinder {
  /** `likely` are distances that somebody knows of; they are tried first. */
  find(framebuffers: SearchedFramebuffers, changed: Region, likely?: readonly Distance[]): Move[];
}

const minPixels = 4096; // 64 × 64: less is encoded sooner than it is searched for
const maxMoves = 3; // of each way to guess: that many windows move at once
const maxRest = 16; // frames
/** From left to right, those in the middle first: that is where text is. */
const stripOrder = [3, 4, 1, 6, 2, 5, 0, 7];
const minVotes = 8;
const pieces = 8;
const piecePx = 32;
const pieceRows = 64; // how far up and down a piece is searched for: a fast drag in one frame
const minFinds = 2;

export function openMoveFinder(): MoveFinder {
  // A film changes much in each frame and moves nothing: after a search in vain some frames go without, at first one, then up to `maxRest`.
  let restFrames = 0;
  let failures = 0;
  return {
    find(framebuffers, changed, likely = []) {
      if (regionArea(changed) < minPixels) return [];
      if (restFrames > 0 && likely.length === 0) {
        restFrames--;
        return [];
      }
      const moves = findMoves(framebuffers, changed, likely);
      failures = moves.length > 0 ? 0 : failures + 1;
      restFrames = failures === 0 ? 0 : Math.min(maxRest, 2 ** failures - 2);
      return moves;
    },
  };
}

function findMoves(framebuffers: SearchedFramebuffers, changed: Region, likely: readonly Distance[]): Move[] {
  const compare = nativeCompare();
  const moves: Move[] = [];
  let left = changed;
  // What is new where something scrolled away is not searched for: it is most often new indeed.
  const enough = Math.max(minPixels, regionArea(changed) / 4);
  let written: Region = emptyRegion;
  // Votes are also cast by what is explained already, so each distance is tried once.
  const tried: Distance[] = [];
  const known = [...likely];
  for (const guess of [() => known.shift(), guessByRows, guessByPieces]) {
    for (let guesses = 0; guesses < maxMoves && regionArea(left) >= enough; guesses++) {
      const distance = guess(framebuffers, left, tried);
      if (distance === undefined) break;
      tried.push(distance);
      const search = { bounds: boundsOf(left), changed: left, minPixels };
      const rects = movedRects(framebuffers, distance, search, compare);
      const move = readingOnly({ ...distance, to: subtractRegions(regionOf(...rects), written) }, written);
      if (isEmptyRegion(move.to)) continue;
      moves.push(move);
      written = unionRegions(written, move.to);
      left = subtractRegions(left, move.to);
    }
  }
  return moves;
}

/** By how far most changed rows went up or down. */
function guessByRows(
  framebuffers: SearchedFramebuffers,
  changed: Region,
  but: readonly Distance[],
): Distance | undefined {
  const { previous, current, strideBytes, bytesPerPixel } = framebuffers;
  const bounds = boundsOf(changed);
  const firstWord = (bounds.x * bytesPerPixel) >> 2;
  const words = Math.floor((bounds.width * bytesPerPixel) / 4) - stripWords;
  if (words < 0) return undefined;
  const area = {
    previous,
    current,
    strideWords: strideBytes / 4,
    strips: stripOrder.map((at) => firstWord + Math.floor((words * (at + 0.5)) / stripOrder.length)),
    top: bounds.y,
    bottom: bounds.y + bounds.height,
  };
  const elected = electDistance(
    area,
    but.filter(({ dx }) => dx === 0).map(({ dy }) => dy),
    minVotes,
  );
  return elected === 0 ? undefined : { dx: 0, dy: elected };
}

/** By how far most of a few telling pieces went in any direction. */
function guessByPieces(
  framebuffers: SearchedFramebuffers,
  changed: Region,
  but: readonly Distance[],
): Distance | undefined {
  const finds = new Map<string, { readonly distance: Distance; count: number }>();
  const bounds = boundsOf(changed);
  for (const at of tellingPlaces(framebuffers, changed)) {
    const distance = findPiece(framebuffers, at, bounds);
    if (distance === undefined || but.some(({ dx, dy }) => dx === distance.dx && dy === distance.dy)) continue;
    const key = `${distance.dx},${distance.dy}`;
    const known = finds.get(key) ?? { distance, count: 0 };
    known.count++;
    finds.set(key, known);
  }
  const [best] = [...finds.values()].toSorted((a, b) => b.count - a.count);
  return best !== undefined && best.count >= minFinds ? best.distance : undefined;
}

interface Place {
  readonly x: number;
  readonly y: number;
}

/** Places spread over the changed rects where a row has many different neighbours, as text and pictures have. */
function tellingPlaces(framebuffers: SearchedFramebuffers, changed: Region): Place[] {
  const rects = rectsOf(changed).filter(({ width }) => width >= piecePx);
  const total = rects.reduce((sum, { height }) => sum + height, 0);
  const places: Place[] = [];
  for (let i = 0; i < pieces * 4 && places.length < pieces; i++) {
    // Every second place on a coarse grid first, then those between: spread, and the same for the same change.
    let row = Math.floor(((((i * 5) % (pieces * 4)) + 0.5) * total) / (pieces * 4));
    const rect = rects.find(({ height }) => (row -= height) < 0);
    if (rect === undefined) break;
    const place = tellingPlaceIn(framebuffers, { ...rect, y: rect.y + row + rect.height, height: 1 }, i);
    if (place !== undefined) places.push(place);
  }
  return places;
}

const minSteps = 10; // of 31

function tellingPlaceIn(framebuffers: SearchedFramebuffers, row: Rect, seed: number): Place | undefined {
  const { current, strideBytes, bytesPerPixel } = framebuffers;
  const wordsPerPiece = (piecePx * bytesPerPixel) / 4;
  const count = Math.floor(row.width / piecePx);
  const rowWord = (row.y * strideBytes) >> 2;
  for (let i = 0; i < Math.min(count, pieces); i++) {
    const x = row.x + ((seed * 7 + i * Math.max(1, Math.floor(count / pieces))) % count) * piecePx;
    const word = rowWord + ((x * bytesPerPixel) >> 2);
    let steps = 0;
    for (let at = word + 1; at < word + wordsPerPiece; at++) if (current[at] !== current[at - 1]) steps++;
    if (steps * 31 >= minSteps * (wordsPerPiece - 1)) return { x, y: row.y };
  }
  return undefined;
}

/**
 * Where the old frame has the piece of the new one, nearest rows first; undefined where it is not, or where it still is in the same place. It is searched for within the bounds of the change, since what was
 * moved left a change behind: a small change costs as little on a large screen as on a small one.
 */
function findPiece(framebuffers: SearchedFramebuffers, { x, y }: Place, bounds: Rect): Distance | undefined {
  const { previousAddress, currentAddress, strideBytes, bytesPerPixel } = framebuffers;
  const find = nativeFind();
  const wanted = currentAddress + y * strideBytes + x * bytesPerPixel;
  const wantedBytes = piecePx * bytesPerPixel;
  const left = previousAddress + bounds.x * bytesPerPixel;
  for (let i = 0; i <= pieceRows * 2; i++) {
    const dy = i % 2 === 0 ? i / 2 : -(i + 1) / 2;
    const from = y - dy;
    if (from < bounds.y || from >= bounds.y + bounds.height) continue;
    const start = left + from * strideBytes;
    const found = find(start, bounds.width * bytesPerPixel, wanted, wantedBytes);
    if (found === 0) continue;
    const dx = x - bounds.x - (found - start) / bytesPerPixel;
    if (!Number.isInteger(dx)) continue;
    return dx === 0 && dy === 0 ? undefined : { dx, dy };
  }
  return undefined;
}
