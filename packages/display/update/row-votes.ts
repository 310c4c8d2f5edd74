// Hot loops: hashes of rows, to find by how much a picture was scrolled. `moves.bench.ts` measures them.
// WHY the `!`: indices are bounded by the sizes of the arrays made here, and the caller keeps strips and rows within the framebuffer.

/** Both pictures as 32-bit words, and the part of them that is looked at. */
export interface VotedArea {
  readonly previous: Int32Array;
  readonly current: Int32Array;
  readonly strideWords: number;
  /** The first word of each strip, all within a row. */
  readonly strips: readonly number[];
  readonly top: number;
  readonly bottom: number;
}

/** How many words of a row are hashed in each strip. */
export const stripWords = 16;
/** A row counts together with those below it: one alone has too many likes, in text as in pictures that were scaled up. */
const joinedRows = 4;

const nobody = -1;
const several = -2;

/**
 * Votes for each vertical distance: rows of the current picture that changed, and whose like is found once in the previous one. Plain rows and repeated ones say nothing, since they are found more than
 * once. The vote for distance d is at index d + (bottom − top).
 */
export function voteByRows(area: VotedArea): Int32Array {
  const { top, bottom, strips } = area;
  const rows = bottom - top;
  const votes = new Int32Array(rows * 2 + 1);
  const before = new Int32Array(rows);
  const after = new Int32Array(rows);
  let slots = 64;
  while (slots < rows * 2) slots *= 2;
  const mask = slots - 1;
  const keys = new Int32Array(slots);
  const found = new Int32Array(slots);
  for (const strip of strips) {
    hashRows(area.previous, area, strip, before);
    hashRows(area.current, area, strip, after);
    found.fill(nobody);
    for (let row = 0; row < rows; row++) {
      const hash = before[row]!;
      let slot = hash & mask;
      while (found[slot] !== nobody && keys[slot] !== hash) slot = (slot + 1) & mask;
      found[slot] = found[slot] === nobody ? row : several;
      keys[slot] = hash;
    }
    for (let row = 0; row < rows; row++) {
      const hash = after[row]!;
      if (hash === before[row]) continue;
      let slot = hash & mask;
      while (found[slot] !== nobody && keys[slot] !== hash) slot = (slot + 1) & mask;
      const from = found[slot]!;
      if (from >= 0) votes[row - from + rows]!++;
    }
  }
  return votes;
}

function hashRows(words: Int32Array, area: VotedArea, strip: number, target: Int32Array): void {
  const { strideWords, top, bottom } = area;
  for (let y = top, at = top * strideWords + strip; y < bottom; y++, at += strideWords) {
    let hash = 0x811c_9dc5 | 0;
    for (let i = at; i < at + stripWords; i++) hash = Math.imul(hash ^ words[i]!, 0x0100_0193);
    target[y - top] = hash ^ (hash >>> 15);
  }
  for (let row = 0; row + joinedRows <= bottom - top; row++) {
    let hash = target[row]!;
    for (let below = 1; below < joinedRows; below++) hash = Math.imul(hash, 0x0100_0193) ^ target[row + below]!;
    target[row] = hash;
  }
}
