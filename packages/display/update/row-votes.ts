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

/** With the votes of this share of all rows a distance has won: what moves by another distance is found when it is looked for anew. */
const clearShare = 0.25;

const nobody = -1;
const several = -2;

/**
 * The vertical distance that most rows went: rows of the current picture that changed, and whose like is found once in the previous one, vote for it. Plain rows and repeated ones say nothing, since they
 * are found more than once. 0 when no distance has `minVotes`. Strips are looked at one after the other until the outcome is clear, which in a page that scrolls is after the first with text in it.
 */
export function electDistance(area: VotedArea, but: readonly number[], minVotes: number): number {
  const { top, bottom, strips } = area;
  const rows = bottom - top;
  // The vote for distance d is at index d + rows.
  const votes = new Int32Array(rows * 2 + 1);
  let best = rows;
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
      const distance = row - from;
      if (from >= 0 && !but.includes(distance) && ++votes[distance + rows]! > votes[best]!) best = distance + rows;
    }
    if (votes[best]! >= rows * clearShare) break;
  }
  return votes[best]! >= minVotes ? best - rows : 0;
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
