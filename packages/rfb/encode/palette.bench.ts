import { measure } from '@bhatti/base/measure.ts';

import { Palette } from './palette.ts';
import type { PixelArea } from './pixel-area.ts';

// 1280 × 720 pixels of text: runs of paper, and 1 pixel in 6 some shade of ink.
const shades = Array.from({ length: 60 }, (_, i) => 0xff00_0000 | (i * 0x040404));
const width = 1280;
const height = 720;
const words = Int32Array.from({ length: width * height }, (_, i) =>
  (Math.imul(i, 0x9e3779b1) >>> 8) % 6 === 0 ? (shades[(i * 7) % 60] ?? 0) : 0xffffff,
);
const screen: PixelArea = { words, offset: 0, stride: width, width, height };
const noise: PixelArea = { ...screen, words: words.map((_, i) => Math.imul(i, 0x9e3779b1)) };
const tiles = Array.from({ length: 20 * 11 }, (_, i) => ({
  ...screen,
  offset: Math.floor(i / 20) * 64 * width + (i % 20) * 64,
  width: 64,
  height: 64,
}));
const palette = new Palette();
const indices = new Uint8Array(width * height);

console.log(
  JSON.stringify(
    measure('palette-add-text-720p', 100, () => {
      palette.clear();
      palette.addArea(screen, 256);
    }),
  ),
);
console.log(JSON.stringify(measure('palette-indices-720p', 100, () => palette.writeIndices(screen, indices, 0))));
console.log(
  JSON.stringify(
    measure('palette-add-220-tiles', 100, () => {
      for (const tile of tiles) {
        palette.clear();
        palette.addArea(tile, 96);
      }
    }),
  ),
);
console.log(
  JSON.stringify(
    measure('palette-refuse-220-tiles-of-noise', 100, () => {
      for (const tile of tiles) {
        palette.clear();
        palette.addArea({ ...tile, words: noise.words }, 96);
      }
    }),
  ),
);
