import { measure } from '@bhatti/base/measure.ts';
import { bgrx8888 } from '@bhatti/rfb/pixel-format.ts';
import { createSharedSegment } from '@bhatti/sys/shm.ts';

import { openCodecs } from './codecs.ts';
import type { EncodeJob } from './encode-job.ts';
import { openRectEncoder } from './encode-rects.ts';
import { sampleDesktop } from './sample-desktop.ts';
import { openSegmentPixels } from './segment-pixels.ts';

// A whole screen and one typed letter, as one worker encodes them.
const desktop = sampleDesktop(1280, 720);
const segment = createSharedSegment(1280 * 720 * 4);
segment.remove();
new Int32Array(segment.memory()).set(desktop.words);
const segments = openSegmentPixels();
segments.attach(segment);
const encoder = openRectEncoder(segments, openCodecs());
const framebuffer = {
  segmentId: segment.id,
  offsetBytes: 0,
  widthPx: 1280,
  heightPx: 720,
  strideBytes: 5120,
  format: bgrx8888,
};
const screen: EncodeJob = {
  framebuffer,
  rects: [{ x: 0, y: 0, width: 1280, height: 720 }],
  encoding: 'tight',
  mode: { kind: 'lossy', quality: 80, subsampling: '4:2:0' },
  format: bgrx8888,
};
const lossless = { kind: 'lossless' } as const;
const letter = [{ x: 100, y: 100, width: 16, height: 16 }];

for (const [name, job] of [
  ['tight-lossy', screen],
  ['tight-lossless', { ...screen, mode: lossless }],
  ['zrle', { ...screen, encoding: 'zrle' }],
  ['raw', { ...screen, encoding: 'raw' }],
] as const) {
  const bytes = encoder.encode(job).reduce((sum, rect) => sum + rect.bytes.length, 0);
  console.log(JSON.stringify({ ...measure(`encode-${name}-720p`, 50, () => encoder.encode(job)), bytes }));
}
console.log(JSON.stringify(measure('encode-letter', 500, () => encoder.encode({ ...screen, rects: letter }))));
