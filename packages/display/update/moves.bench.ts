import { measure } from '@bhatti/base/measure.ts';
import { regionOf } from '@bhatti/rfb/region.ts';
import { createSharedSegment } from '@bhatti/sys/shm.ts';
import { sampleDesktop } from '../encode/sample-desktop.ts';
import { changedRegion } from './compare.ts';
import { openMoveFinder } from './moves.ts';

// A whole screen that scrolled up by a line of text, one that was moved aslant, one that shows something else, and a small picture on it that becomes another.
for (const [size, width, height] of [
  ['720p', 1280, 720],
  ['4k', 3840, 2160],
] as const) {
  const previous = createSharedSegment(width * height * 4);
  const current = createSharedSegment(width * height * 4);
  previous.remove();
  current.remove();
  const before = new Int32Array(previous.memory());
  const after = new Int32Array(current.memory());
  before.set(sampleDesktop(width, height).words);
  const framebuffers = {
    previousAddress: previous.address,
    currentAddress: current.address,
    widthPx: width,
    heightPx: height,
    strideBytes: width * 4,
    bytesPerPixel: 4,
    previous: before,
    current: after,
  } as const;
  const damage = regionOf({ x: 0, y: 0, width, height });
  const noise = Int32Array.from(before, (_, i) => Math.imul(i, 0x9e37_79b1));
  for (const [name, draw] of [
    ['scroll', () => after.set(before.subarray(width * 17))],
    ['aslant', () => after.set(before.subarray(width * 5 + 11))],
    ['other', () => after.set(noise)],
    [
      'small-other',
      () => {
        after.set(before);
        for (let y = 200; y < 300; y++) after.set(noise.subarray(y * width + 300, y * width + 500), y * width + 300);
      },
    ],
  ] as const) {
    draw();
    const changed = changedRegion(framebuffers, damage);
    const find = () => openMoveFinder().find(framebuffers, changed);
    console.log(
      JSON.stringify({ ...measure(`moves-${name}-${size}`, 50, find), found: find().map(({ dx, dy }) => [dx, dy]) }),
    );
  }
  previous.detach();
  current.detach();
}
