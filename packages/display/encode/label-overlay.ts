import type { PixelArea } from '@bhatti/rfb/encode/pixel-area.ts';
import type { Rect } from '@bhatti/rfb/rect.ts';

/** A box around an element, with the number that it goes by. */
export interface PictureLabel {
  readonly number: number;
  /** In pixels of the area. */
  readonly bounds: Rect;
}

// Three columns of five rows a digit, the leftmost pixel of a row in the highest of its three bits.
const digits = [
  [7, 5, 5, 5, 7],
  [2, 6, 2, 2, 7],
  [7, 1, 7, 4, 7],
  [7, 1, 7, 1, 7],
  [5, 5, 7, 1, 1],
  [7, 4, 7, 1, 7],
  [7, 4, 7, 5, 7],
  [7, 1, 1, 1, 1],
  [7, 5, 7, 5, 7],
  [7, 5, 7, 1, 7],
] as const;
const zoom = 2; // a digit of 6 × 10 pixels: the smallest that models read without a mistake
const digitWidth = 3 * zoom;
const digitHeight = 5 * zoom;
const padding = 2;
// Dark enough for white digits, and each unlike its neighbours, so that it can be seen which box a number belongs to.
const colours = [0xc62828, 0x1565c0, 0x2e7d32, 0x6a1b9a, 0xad5100, 0x00695c] as const;
const white = 0xffffff;

/** Draws boxes and numbers into an area; what is outside of it is left out. Numbers stand in the left top corner of their box, and within the area whole. */
export function drawLabels(area: PixelArea, labels: readonly PictureLabel[]): void {
  for (const { number, bounds } of labels) outline(area, bounds, colourOf(number));
  // Over all boxes, so that no line goes through a number.
  for (const label of labels) drawNumber(area, label);
}

function colourOf(number: number): number {
  return colours[number % colours.length] ?? colours[0];
}

function outline(area: PixelArea, { x, y, width, height }: Rect, colour: number): void {
  fill(area, { x, y, width, height: 1 }, colour);
  fill(area, { x, y: y + height - 1, width, height: 1 }, colour);
  fill(area, { x, y, width: 1, height }, colour);
  fill(area, { x: x + width - 1, y, width: 1, height }, colour);
}

function drawNumber(area: PixelArea, { number, bounds }: PictureLabel): void {
  const text = String(number);
  const width = text.length * (digitWidth + padding) + padding;
  const height = digitHeight + 2 * padding;
  const x = Math.max(0, Math.min(bounds.x, area.width - width));
  const y = Math.max(0, Math.min(bounds.y, area.height - height));
  fill(area, { x, y, width, height }, colourOf(number));
  for (let i = 0; i < text.length; i++) {
    drawDigit(area, Number(text[i]), x + padding + i * (digitWidth + padding), y + padding);
  }
}

function drawDigit(area: PixelArea, digit: number, left: number, top: number): void {
  const rows = digits[digit] ?? [];
  for (const [row, bits] of rows.entries()) {
    for (let column = 0; column < 3; column++) {
      if ((bits & (4 >> column)) === 0) continue;
      fill(area, { x: left + column * zoom, y: top + row * zoom, width: zoom, height: zoom }, white);
    }
  }
}

function fill(area: PixelArea, rect: Rect, colour: number): void {
  const left = Math.max(0, rect.x);
  const right = Math.min(area.width, rect.x + rect.width);
  if (right <= left) return;
  for (let y = Math.max(0, rect.y); y < Math.min(area.height, rect.y + rect.height); y++) {
    const row = area.offset + y * area.stride;
    area.words.fill(colour, row + left, row + right);
  }
}
