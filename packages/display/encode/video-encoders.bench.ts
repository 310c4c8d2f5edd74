import { measure } from '@bhatti/base/measure.ts';
import { bgrx8888 } from '@bhatti/rfb/pixel-format.ts';
import { openJpegCompressor } from '@bhatti/sys/native/turbojpeg.ts';
import { createSharedSegment } from '@bhatti/sys/shm.ts';

import { openSegmentPixels } from './segment-pixels.ts';
import { openVideoEncoders } from './video-encoders.ts';

// A film of 1280 × 720: soft shapes that pass at several speeds, with a little grain. Beside it the same pictures as JPEG.
const width = 1280;
const height = 720;
const strideBytes = width * 4;
const segment = createSharedSegment(strideBytes * height);
segment.remove();
const words = new Int32Array(segment.memory());
const segments = openSegmentPixels();
segments.attach(segment);
const encoders = openVideoEncoders(segments);
const framebuffer = {
  segmentId: segment.id,
  offsetBytes: 0,
  widthPx: width,
  heightPx: height,
  strideBytes,
  format: bgrx8888,
};
const rect = { x: 0, y: 0, width, height };
const jpeg = openJpegCompressor();
const films = Array.from({ length: 16 }, (_, n) =>
  Int32Array.from({ length: width * height }, (_, i) => filmPixel(i, n)),
);

let n = 0;
let bytes = 0;
for (const [name, bytesPerPicture] of [
  ['free', 80_000],
  ['5-mbit', 10_000],
] as const) {
  [n, bytes] = [0, 0];
  const once = () => {
    words.set(films[n % films.length] ?? []);
    bytes +=
      encoders.encode({ framebuffer, rect, streamId: bytesPerPicture, isKey: n === 0, bytesPerPicture }).bytes
        ?.length ?? 0;
    n++;
  };
  console.log(JSON.stringify({ ...measure(`h264-${name}-720p`, 60, once), bytes: Math.round(bytes / n) }));
}
[n, bytes] = [0, 0];
const asJpeg = () => {
  words.set(films[n++ % films.length] ?? []);
  bytes += jpeg.compress(
    { address: segment.address, widthPx: width, heightPx: height, strideBytes },
    { quality: 79, subsampling: '4:2:0' },
  ).length;
};
console.log(JSON.stringify({ ...measure('jpeg-720p', 60, asJpeg), bytes: Math.round(bytes / n) }));

function filmPixel(i: number, picture: number): number {
  const [x, y] = [i % width, Math.floor(i / width)];
  const red = 128 + 90 * Math.sin((x + picture * 4) / 50) * Math.cos((y - picture * 3) / 37);
  const green = 128 + 90 * Math.sin((x * 0.7 - picture * 6) / 30 + y / 90);
  const grain = Math.imul(x * 7919 + y * 104_729 + picture * 31, 0x9e37_79b1) >>> 31;
  return ((red + grain) << 16) | ((green + grain) << 8) | (Math.round(red + green) & 0xff);
}
