// A film without a decoder: frames that were drawn beforehand and lie in shared memory, so that playing them costs the player next to nothing. The camera moves over one photograph and comes nearer, while
// something else, another photograph in a soft disc, crosses the picture its own way.
import type { SharedSegment } from '@bhatti/sys/shm.ts';
import type { Pixels } from '../figure/ssim.ts';
import { readPhoto } from './photo.ts';
import { createOpenSegment, wordsOf } from './shared-pixels.ts';

export interface FilmRef {
  readonly id: number;
  readonly bytes: number;
  readonly width: number;
  readonly height: number;
  readonly frames: number;
}

export interface Film extends FilmRef {
  frame(index: number): Pixels;
}

/** At 60 a second. It is shown forwards and backwards in turn, so that it has no cuts. */
const filmFrames = 90;

/** Which frame stands at a time, in frames since the beginning. */
export function filmIndex(tick: number, frames: number): number {
  const period = 2 * (frames - 1);
  const at = tick % period;
  return at < frames ? at : period - at;
}

export async function makeFilm(width: number, height: number): Promise<Film> {
  const [scenery, object] = await Promise.all([
    readPhoto('Dune.jpg', Math.round(width * 1.6), Math.round(height * 1.6)),
    readPhoto('LadyBird.jpg', Math.round(width / 2), Math.round(height / 2)),
  ]);
  const segment = createOpenSegment(width * height * 4 * filmFrames);
  for (let index = 0; index < filmFrames; index++) {
    drawFrame(frameOf(segment, { width, height }, index), index / filmFrames, { scenery, object });
  }
  const { id, bytes } = segment;
  return { id, bytes, width, height, frames: filmFrames, frame: (index) => frameOf(segment, { width, height }, index) };
}

function frameOf(segment: SharedSegment, size: { width: number; height: number }, index: number): Pixels {
  const pixels = size.width * size.height;
  return { ...size, words: wordsOf(segment, index * pixels, pixels) };
}

function drawFrame(into: Pixels, time: number, photos: { scenery: Pixels; object: Pixels }): void {
  const { width, height } = into;
  const zoom = 1.2 - 0.3 * time;
  const left = (photos.scenery.width - width * zoom) * (0.1 + 0.8 * time);
  const top = (photos.scenery.height - height * zoom) * (0.5 + 0.4 * Math.sin(time * 3));
  const radius = height / 5;
  const centreX = width * (0.9 - 0.8 * time);
  const centreY = height * (0.5 + 0.25 * Math.sin(time * 7));
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let word = sample(photos.scenery, left + x * zoom, top + y * zoom);
      const distance = Math.hypot(x - centreX, y - centreY);
      if (distance < radius) {
        const over = sample(
          photos.object,
          photos.object.width / 2 + x - centreX,
          photos.object.height / 2 + y - centreY,
        );
        word = mix(word, over, Math.min(1, (radius - distance) / 12));
      }
      into.words[y * width + x] = word;
    }
  }
}

/** Bilinear, with the edge pixels repeated. */
function sample({ width, height, words }: Pixels, x: number, y: number): number {
  const left = Math.max(0, Math.min(width - 2, Math.floor(x)));
  const top = Math.max(0, Math.min(height - 2, Math.floor(y)));
  const at = top * width + left;
  const [across, down] = [Math.min(1, x - left), Math.min(1, y - top)];
  const upper = mix(words[at] ?? 0, words[at + 1] ?? 0, across);
  return mix(upper, mix(words[at + width] ?? 0, words[at + width + 1] ?? 0, across), down);
}

/** `share` of b and the rest of a, in 256ths, two channels at a time. */
function mix(a: number, b: number, share: number): number {
  const part = Math.round(share * 256);
  const rest = 256 - part;
  const redBlue = (((a & 0xff00ff) * rest + (b & 0xff00ff) * part) / 256) & 0xff00ff;
  const green = (((a & 0x00ff00) * rest + (b & 0x00ff00) * part) / 256) & 0x00ff00;
  return redBlue | green;
}
