/** Structural similarity of two pictures' brightness, 1 being equal: the mean over windows of 8 × 8 pixels (Wang et al. 2004). */
export function ssim(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  part: {
    readonly x: number;
    readonly y: number;
    readonly width: number;
    readonly height: number;
    readonly stride: number;
  },
): number {
  const [c1, c2] = [(0.01 * 255) ** 2, (0.03 * 255) ** 2];
  let sum = 0;
  let windows = 0;
  for (let top = part.y; top + 8 <= part.y + part.height; top += 8) {
    for (let left = part.x; left + 8 <= part.x + part.width; left += 8) {
      let [sumA, sumB, sumAa, sumBb, sumAb] = [0, 0, 0, 0, 0];
      for (let i = 0; i < 64; i++) {
        const at = (top + (i >> 3)) * part.stride + left + (i & 7);
        const [x, y] = [brightness(a[at] ?? 0), brightness(b[at] ?? 0)];
        sumA += x;
        sumB += y;
        sumAa += x * x;
        sumBb += y * y;
        sumAb += x * y;
      }
      const [meanA, meanB] = [sumA / 64, sumB / 64];
      const [varA, varB, cov] = [sumAa / 64 - meanA ** 2, sumBb / 64 - meanB ** 2, sumAb / 64 - meanA * meanB];
      sum += ((2 * meanA * meanB + c1) * (2 * cov + c2)) / ((meanA ** 2 + meanB ** 2 + c1) * (varA + varB + c2));
      windows++;
    }
  }
  return sum / windows;
}

function brightness(rgb: number): number {
  return 0.299 * ((rgb >> 16) & 0xff) + 0.587 * ((rgb >> 8) & 0xff) + 0.114 * (rgb & 0xff);
}
