import { measure } from '@bhatti/base/measure.ts';
import { regionOf } from '@bhatti/rfb/region.ts';
import { createSharedSegment } from '@bhatti/sys/shm.ts';

import { changedRegion } from './compare.ts';

// A whole screen of 1280 × 720 reported as damaged, of which nothing, one letter, every text line, or everything has changed.
const width = 1280;
const height = 720;
const previous = createSharedSegment(width * height * 4);
const current = createSharedSegment(width * height * 4);
previous.remove();
current.remove();
const words = new Int32Array(current.memory());
const screen = {
  previousAddress: previous.address,
  currentAddress: current.address,
  widthPx: width,
  heightPx: height,
  strideBytes: width * 4,
  bytesPerPixel: 4,
} as const;
const damage = regionOf({ x: 0, y: 0, width, height });

function draw(isChanged: (x: number, y: number) => boolean): void {
  for (let i = 0; i < words.length; i++) words[i] = isChanged(i % width, Math.floor(i / width)) ? 1 : 0;
}

for (const [name, isChanged] of [
  ['nothing', () => false],
  ['a-letter', (x: number, y: number) => x > 500 && x < 508 && y > 300 && y < 312],
  ['lines', (x: number, y: number) => y % 18 > 4 && x % 9 < 4],
  ['everything', () => true],
] as const) {
  draw(isChanged);
  console.log(JSON.stringify(measure(`compare-${name}-720p`, 200, () => changedRegion(screen, damage))));
}
