/** A picture of 32-bit pixels, blue in the lowest byte and the highest unused. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly words: Int32Array;
}

const blockPx = 8;
const strideBlocksPx = 4;
// The constants of the definition, for 8-bit samples: (0.01·255)² and (0.03·255)².
const c1 = 6.5025;
const c2 = 58.5225;

/**
 * Mean structural similarity of the brightness of two pictures: Z. Wang et al., "Image Quality Assessment: From Error Visibility to Structural Similarity", 2004, equation 13, with windows of 8×8 pixels
 * every 4 pixels, all of equal weight, as video encoders compute it. 1 for equal pictures.
 */
export function ssim(a: Pixels, b: Pixels): number {
  if (a.width !== b.width || a.height !== b.height) throw new RangeError('the pictures differ in size');
  const [lumaA, lumaB] = [lumaOf(a), lumaOf(b)];
  let sum = 0;
  let count = 0;
  for (let y = 0; y + blockPx <= a.height; y += strideBlocksPx) {
    for (let x = 0; x + blockPx <= a.width; x += strideBlocksPx) {
      sum += windowSsim(lumaA, lumaB, y * a.width + x, a.width);
      count++;
    }
  }
  return sum / count;
}

/** How much of two pictures of the same size is exactly equal, 0 to 1. */
export function equalShare(a: Pixels, b: Pixels): number {
  let equal = 0;
  for (let i = 0; i < a.words.length; i++) if ((((a.words[i] ?? 0) ^ (b.words[i] ?? 0)) & 0xff_ffff) === 0) equal++;
  return equal / a.words.length;
}

/** A part of a picture. */
export function cropped(from: Pixels, rect: { x: number; y: number; width: number; height: number }): Pixels {
  const words = new Int32Array(rect.width * rect.height);
  for (let row = 0; row < rect.height; row++) {
    const at = (rect.y + row) * from.width + rect.x;
    words.set(from.words.subarray(at, at + rect.width), row * rect.width);
  }
  return { width: rect.width, height: rect.height, words };
}

function windowSsim(a: Uint8Array, b: Uint8Array, at: number, stride: number): number {
  let [sumA, sumB, sumAA, sumBB, sumAB] = [0, 0, 0, 0, 0];
  for (let row = 0; row < blockPx; row++) {
    const from = at + row * stride;
    for (let i = from; i < from + blockPx; i++) {
      const valueA = a[i] ?? 0;
      const valueB = b[i] ?? 0;
      sumA += valueA;
      sumB += valueB;
      sumAA += valueA * valueA;
      sumBB += valueB * valueB;
      sumAB += valueA * valueB;
    }
  }
  const n = blockPx * blockPx;
  const [meanA, meanB] = [sumA / n, sumB / n];
  const varianceA = sumAA / n - meanA * meanA;
  const varianceB = sumBB / n - meanB * meanB;
  const covariance = sumAB / n - meanA * meanB;
  return (
    ((2 * meanA * meanB + c1) * (2 * covariance + c2)) /
    ((meanA * meanA + meanB * meanB + c1) * (varianceA + varianceB + c2))
  );
}

function lumaOf({ words }: Pixels): Uint8Array {
  const luma = new Uint8Array(words.length);
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? 0;
    // ITU-R BT.601, in 256ths.
    luma[i] = (((word >> 16) & 0xff) * 77 + ((word >> 8) & 0xff) * 150 + (word & 0xff) * 29 + 128) >> 8;
  }
  return luma;
}
