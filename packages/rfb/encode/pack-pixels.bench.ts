import { measure } from '@bhatti/base/measure.ts';

import { bgrx8888, rgb565 } from '../pixel-format.ts';
import { convertPixels, expandRgb565, packPixels } from './pack-pixels.ts';
import type { PixelArea } from './pixel-area.ts';
import { rawCoding, tightCoding } from './pixel-layout.ts';

const width = 1280;
const height = 720;
const words = Int32Array.from({ length: width * height }, (_, i) => Math.imul(i, 0x9e3779b1));
const screen: PixelArea = { words, offset: 0, stride: width, width, height };
const bytes = new Uint8Array(width * height * 4);
const shorts = new Uint16Array(width * height).map((_, i) => i);
const target: PixelArea = { ...screen, words: new Int32Array(width * height) };
const to565 = rawCoding(rgb565);

console.log(
  JSON.stringify(measure('pack-rgb-720p', 100, () => packPixels(screen, tightCoding(bgrx8888).layout, bytes, 0))),
);
console.log(
  JSON.stringify(measure('pack-bgrx-720p', 100, () => packPixels(screen, rawCoding(bgrx8888).layout, bytes, 0))),
);
console.log(JSON.stringify(measure('pack-565-720p', 100, () => packPixels(screen, to565.layout, bytes, 0))));
console.log(
  JSON.stringify(
    measure('convert-to-565-720p', 100, () => {
      if (to565.tables !== undefined) convertPixels(screen, to565.tables, target.words);
    }),
  ),
);
console.log(
  JSON.stringify(measure('expand-565-720p', 100, () => expandRgb565({ shorts, offset: 0, stride: width }, target))),
);
