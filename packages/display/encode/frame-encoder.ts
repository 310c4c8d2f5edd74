import type { PixelFormat } from '@bhatti/rfb/pixel-format.ts';
import { rectsOf, type Region } from '@bhatti/rfb/region.ts';
import type { Frame } from '../source/frame.ts';
import type { FrameChange } from '../update/move.ts';
import { type VideoArea, VideoChooser } from './choose.ts';
import type { EncodedRect, EncodeJob, EncodeMode, FramebufferRef } from './encode-job.ts';
import type { EncodePool } from './pool.ts';
import { type VideoSeat, VideoStreams } from './video-streams.ts';

/** How a viewer wants its pixels. Viewers with equal wishes are of one quality class. */
export interface EncodeWish {
  readonly encoding: EncodeJob['encoding'];
  readonly format: PixelFormat;
  readonly mode: EncodeMode;
}

/** Makes rects of frames for all viewers of one desktop. Frames are held while they are read. */
export class FrameEncoder {
  readonly #pool: EncodePool;
  readonly #streams: VideoStreams;
  readonly #nowMs: () => number;
  #size = { width: 0, height: 0 };
  #chooser = new VideoChooser(this.#size);

  constructor(pool: EncodePool, nowMs: () => number = () => performance.now()) {
    this.#pool = pool;
    this.#nowMs = nowMs;
    this.#streams = new VideoStreams(pool, () => this.#chooser.spareProcessor(nowMs()));
  }

  /** There is a new frame. */
  noteFrame({ width, height }: Pick<Frame, 'width' | 'height'>, change: FrameChange): void {
    if (width !== this.#size.width || height !== this.#size.height) {
      this.#size = { width, height };
      this.#chooser = new VideoChooser(this.#size);
    }
    this.#chooser.noteFrame(change, this.#nowMs());
  }

  /** What is better sent as video now, to viewers who can take it. */
  videoAreas(): readonly VideoArea[] {
    return this.#streams.isMissing ? [] : this.#chooser.areas(this.#nowMs());
  }

  openVideoSeat(): VideoSeat {
    return this.#streams.openSeat();
  }

  /** The rects that show this part of the frame. */
  async encode(frame: Frame, region: Region, wish: EncodeWish): Promise<EncodedRect[]> {
    const rects = rectsOf(region);
    if (rects.length === 0) return [];
    const encoded = await holding(frame, () =>
      this.#pool.encode({ framebuffer: framebufferOf(frame), rects, ...wish }),
    );
    if (wish.mode.kind === 'lossy') this.#chooser.noteEncoded(encoded);
    return encoded;
  }

  /** The rect that shows this area as video; undefined when it has to be sent otherwise. */
  show(
    seat: VideoSeat,
    area: VideoArea,
    wish: { readonly frame: Frame; readonly bitsPerSecond: number },
  ): Promise<EncodedRect | undefined> {
    const { frame, bitsPerSecond } = wish;
    return holding(frame, () =>
      seat.show(area, { serial: frame.serial, framebuffer: framebufferOf(frame) }, bitsPerSecond),
    );
  }
}

async function holding<T>(frame: Frame, work: () => Promise<T>): Promise<T> {
  frame.retain();
  try {
    return await work();
  } finally {
    frame.release();
  }
}

export function framebufferOf(frame: Frame): FramebufferRef {
  return {
    segmentId: frame.segment.id,
    offsetBytes: 0,
    widthPx: frame.width,
    heightPx: frame.height,
    strideBytes: frame.strideBytes,
    format: frame.format,
  };
}
