// A number painted as a strip of black and white cells, so that whoever looks at a picture of the screen knows which frame of a workload it shows. It must survive JPEG, video codecs and a
// picture of half the size, and a strip that mixes two frames must not be taken for a third.

export const cellPx = 16; // one macroblock of the usual codecs; half of it is still a block of JPEG
const numberBits = 16;
const checkBits = 8;
export const stripCells = numberBits + checkBits;
export const stripWidth = stripCells * cellPx;
export const stripHeight = 16;
/** Numbers are counted from 0 up to this one. */
export const stripNumbers = 1 << numberBits;

/** Which cells are white. */
export function stripOf(number: number): boolean[] {
  const code = (number << checkBits) | checkOf(number);
  return Array.from({ length: stripCells }, (_, cell) => ((code >> (stripCells - 1 - cell)) & 1) === 1);
}

/** The number of a strip whose cells have these brightnesses, 0 to 255; undefined where there is no whole strip. */
export function numberOf(cells: ArrayLike<number>): number | undefined {
  if (cells.length !== stripCells) return undefined;
  let code = 0;
  for (let cell = 0; cell < stripCells; cell++) {
    const brightness = cells[cell] ?? 128;
    // Nothing that was painted is grey.
    if (brightness > 80 && brightness < 176) return undefined;
    code = code * 2 + (brightness >= 176 ? 1 : 0);
  }
  const number = code >> checkBits;
  return checkOf(number) === (code & ((1 << checkBits) - 1)) ? number : undefined;
}

/** Paints the strip into a picture of 32-bit pixels, with its upper left corner at `at` (an index of the picture). */
export function paintStrip(pixels: Int32Array, at: number, stride: number, number: number): void {
  stripOf(number).forEach((isWhite, cell) => {
    for (let row = 0; row < stripHeight; row++) {
      const from = at + row * stride + cell * cellPx;
      pixels.fill(isWhite ? 0xff_ffff : 0, from, from + cellPx);
    }
  });
}

/** Brightness of each cell's middle, from one row of a picture of four bytes a pixel that begins at the strip's left edge. */
export function cellsOfRow(row: ArrayLike<number>): number[] {
  return Array.from({ length: stripCells }, (_, cell) => {
    const at = (cell * cellPx + cellPx / 2) * 4;
    let sum = 0;
    for (const offset of [-8, -4, 0, 4]) sum += row[at + offset + 1] ?? 0; // green is most of what brightness is
    return sum / 4;
  });
}

// CRC-8 with the polynomial x⁸+x²+x+1; the start value lets a strip that is all black be none.
function checkOf(number: number): number {
  let crc = 0xff;
  for (let bit = numberBits - 1; bit >= 0; bit--) {
    const top = ((crc >> 7) ^ (number >> bit)) & 1;
    crc = ((crc << 1) & 0xff) ^ (top === 1 ? 0x07 : 0);
  }
  return crc;
}
