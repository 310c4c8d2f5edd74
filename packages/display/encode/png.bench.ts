import { measure } from '@bhatti/base/measure.ts';
import { createSharedSegment } from '@bhatti/sys/shm.ts';

import { bgrx8888 } from '@bhatti/rfb/pixel-format.ts';
import { openCodecs } from './codecs.ts';
import { openPictureEncoder } from './picture.ts';
import { sampleDesktop } from './sample-desktop.ts';
import { openSegmentPixels } from './segment-pixels.ts';

// Screenshots of 1280 × 720, as they leave a worker: from a shared segment to a file in memory.
const desktop = sampleDesktop(1280, 720);
const segment = createSharedSegment(1280 * 720 * 4);
segment.remove();
new Int32Array(segment.memory()).set(desktop.words);
const segments = openSegmentPixels();
segments.attach(segment);
const pictures = openPictureEncoder(segments, openCodecs());
const framebuffer = {
  segmentId: segment.id,
  offsetBytes: 0,
  widthPx: 1280,
  heightPx: 720,
  strideBytes: 5120,
  format: bgrx8888,
};
const job = { framebuffer, quality: 80 } as const;

for (const format of ['png', 'jpeg', 'webp'] as const) {
  console.log(JSON.stringify(measure(`picture-${format}-720p`, 50, () => pictures.encode({ ...job, format }))));
}
const size = { widthPx: 800, heightPx: 450 };
console.log(
  JSON.stringify(measure('picture-png-720p-to-450p', 50, () => pictures.encode({ ...job, format: 'png', size }))),
);
