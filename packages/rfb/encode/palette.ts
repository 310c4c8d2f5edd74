// Hot loops: each pixel of a rect passes here, twice where the rect is sent by palette. `palette.bench.ts` measures them.
// WHY the `!`: slots are masked to the table's size, and pixel indices are bounded by the area's own size.
import type { PixelArea } from './pixel-area.ts';

/** Tight's palettes have at most 256 colours, and so have PNG's. */
export const maxPaletteColours = 256;

const slotBits = 10; // four slots for each of 256 colours: almost every search ends at its first slot
const slotCount = 1 << slotBits;
const slotMask = slotCount - 1;
const colourMask = 0xffffff;
const noColour = -1;

/** The colours of an area in the order in which they are met, and the place of each. One object is used again and again by its owner. */
export class Palette {
  readonly colours = new Int32Array(maxPaletteColours);
  size = 0;
  /** Which bits of a word are its colour. */
  readonly #mask: number;
  readonly #keys = new Int32Array(slotCount).fill(noColour);
  readonly #places = new Uint8Array(slotCount);

  /** `hasWholeWords`: all 32 bits count, as in a client's 32-bit values with more than 24 bits of colour. */
  constructor(options: { readonly hasWholeWords?: boolean } = {}) {
    this.#mask = options.hasWholeWords === true ? -1 : colourMask;
  }

  clear(): void {
    this.#keys.fill(noColour);
    this.#hasNoColour = false;
    this.size = 0;
  }

  /** Adds the colours of an area. False when they became more than `limit` (at most 256); the palette is unusable then until `clear`. */
  addArea(area: PixelArea, limit: number): boolean {
    const { words, stride, width, height } = area;
    const mask = this.#mask;
    const keys = this.#keys;
    // Not a possible value of the first word, so that it is looked up.
    let last = ~words[area.offset]! & mask;
    for (let y = 0, row = area.offset; y < height; y++, row += stride) {
      for (let i = row; i < row + width; i++) {
        const colour = words[i]! & mask;
        // Most pixels of a desktop equal their left neighbour.
        if (colour === last) continue;
        last = colour;
        const isFound = keys[Math.imul(colour, 0x9e3779b1) >>> (32 - slotBits)] === colour;
        if (isFound && colour !== noColour) continue;
        if (!this.addColour(colour, limit)) return false;
      }
    }
    return true;
  }

  /** Adds one colour. False when there is no room for it below `limit`. */
  addColour(colour: number, limit: number): boolean {
    if (colour === noColour) return this.#addNoColour(limit);
    let slot = Math.imul(colour, 0x9e3779b1) >>> (32 - slotBits);
    while (this.#keys[slot] !== noColour) {
      if (this.#keys[slot] === colour) return true;
      slot = (slot + 1) & slotMask;
    }
    if (this.size >= limit) return false;
    this.#keys[slot] = colour;
    this.#places[slot] = this.size;
    this.colours[this.size++] = colour;
    return true;
  }

  /** Writes the place of each pixel's colour, one byte a pixel without gaps. All colours of the area must have been added. Returns the end. */
  writeIndices(area: PixelArea, target: Uint8Array, at: number): number {
    const { words, stride, width, height } = area;
    const mask = this.#mask;
    let last = words[area.offset]! & mask;
    let place = this.placeOf(last);
    for (let y = 0, row = area.offset; y < height; y++, row += stride) {
      for (let i = row; i < row + width; i++) {
        const colour = words[i]! & mask;
        if (colour !== last) {
          last = colour;
          place = this.placeOf(colour);
        }
        target[at++] = place;
      }
    }
    return at;
  }

  /** The same for a palette of two colours: one bit a pixel, the first pixel highest, each row from a new byte on. */
  writeBits(area: PixelArea, target: Uint8Array, at: number): number {
    const { words, stride, width, height } = area;
    const mask = this.#mask;
    const set = this.colours[1]!;
    for (let y = 0, row = area.offset; y < height; y++, row += stride) {
      const end = row + width;
      for (let i = row; i < end; i += 8) {
        const last = Math.min(i + 8, end);
        let byte = 0;
        for (let pixel = i; pixel < last; pixel++) byte = (byte << 1) | ((words[pixel]! & mask) === set ? 1 : 0);
        target[at++] = byte << (8 - (last - i));
      }
    }
    return at;
  }

  /** The place of a colour that was added. */
  placeOf(colour: number): number {
    if (colour === noColour) return this.#placeOfNoColour;
    let slot = Math.imul(colour, 0x9e3779b1) >>> (32 - slotBits);
    while (this.#keys[slot] !== colour) slot = (slot + 1) & slotMask;
    return this.#places[slot]!;
  }

  /** The part of a word that is its colour. */
  colourOf(word: number): number {
    return word & this.#mask;
  }

  // The value that marks an empty slot can be a colour too where whole words count; it is kept beside the table.
  #hasNoColour = false;
  #placeOfNoColour = 0;

  #addNoColour(limit: number): boolean {
    if (this.#hasNoColour) return true;
    if (this.size >= limit) return false;
    this.#hasNoColour = true;
    this.#placeOfNoColour = this.size;
    this.colours[this.size++] = noColour;
    return true;
  }
}
